// Runs one call on every level, in the order of compilation, and names the first that disagrees with the reference:
// that level owns the bug.

import type { Level, Runner } from "../execute/runner.ts";
import { attend } from "../reference/attention.ts";
import type { Case } from "../spec/case.ts";
import { boundOf } from "./bound.ts";
import { compare, type Verdict } from "./compare.ts";
import type { Accuracy } from "./rounding.ts";

export type LevelReport =
  | { readonly level: Level; readonly kind: "compared"; readonly verdict: Verdict }
  | { readonly level: Level; readonly kind: "unavailable"; readonly why: string }
  /** The level threw; a bug of ours. */
  | { readonly level: Level; readonly kind: "failed"; readonly why: string };

export type CaseReport = {
  readonly levels: readonly LevelReport[];
  readonly firstWrong?: Level;
};

/** Runs the call everywhere. Throws `InputError` where the input has no answer. */
export async function runLevels(call: Case, runners: readonly Runner[], accuracy: Accuracy): Promise<CaseReport> {
  const reference = attend(call);
  const bounds = new Map<Accuracy, ReturnType<typeof boundOf>>();
  const levels: LevelReport[] = [];
  for (const runner of runners) {
    const available = runner.available();
    const why = available === true ? runner.unsuited?.(call) : available;
    if (why !== undefined) {
      levels.push({ level: runner.level, kind: "unavailable", why });
      continue;
    }
    const own = runner.accuracy?.(call) ?? accuracy;
    const bound = bounds.get(own) ?? boundOf(call, own);
    bounds.set(own, bound);
    try {
      const result = await runner.run(call);
      levels.push({ level: runner.level, kind: "compared", verdict: compare(result, reference, bound, call.shape) });
    } catch (error) {
      levels.push({ level: runner.level, kind: "failed", why: error instanceof Error ? error.message : String(error) });
    }
  }
  const wrong = levels.find(
    ({ kind, ...report }) => kind === "failed" || ("verdict" in report && !report.verdict.agrees),
  );
  return wrong ? { levels, firstWrong: wrong.level } : { levels };
}
