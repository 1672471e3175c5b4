// Tests that need something which not every machine has. Where it is missing they are skipped and say why, in their own
// names and on stderr, so that no run is green in silence.

import { test } from "vitest";
import type { Runner } from "../src/execute/runner.ts";

/** `test`, or a test that is skipped aloud.
 *  @param missing what is needed, with the reason why it is not there, or undefined where it is */
export function devices(missing: Readonly<Record<string, string | undefined>>) {
  const reasons = Object.entries(missing).filter(([, reason]) => reason !== undefined);
  const why = reasons.map(([name, reason]) => `${name}: ${reason}`).join("; ");
  if (reasons.length === 0) return test;
  console.warn(`skipped, because of ${why}`);
  return (name: string, _run: () => unknown, _timeout?: number) => test.skip(`${name} (skipped, ${why})`, () => {});
}

/** Why the runner cannot run here; undefined where it can. */
export function available(runner: Runner): string | undefined {
  const answer = runner.available();
  return answer === true ? undefined : answer;
}
