// Ends a run with the one line that CI reads: `N passed, N failed, N skipped`.

import type { Reporter, TestModule } from "vitest/node";

export default class PlainReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly unknown[]): void {
    // An error outside of any test, in the set-up or in a callback, is a failure of the run.
    const counts = { passed: 0, failed: unhandled.length, skipped: 0 };
    for (const module of modules) {
      let tests = 0;
      for (const test of module.children.allTests()) {
        tests += 1;
        const state = test.result().state;
        counts[state === "passed" || state === "failed" ? state : "skipped"] += 1;
      }
      // A file that broke before its first test is a failure, not an absence.
      if (module.state() === "failed" && tests === 0) counts.failed += 1;
    }
    console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
  }
}
