// Verifies one attention over a sweep: draws each case, runs it on every level, and tells how it went, one case at a
// time, so that whoever shows it can show progress and stop when it likes.

import type { Runner } from "../execute/runner.ts";
import type { Value } from "../ops/op.ts";
import { InputError } from "../reference/attention.ts";
import type { Case } from "../spec/case.ts";
import type { Attention } from "../spec/spec.ts";
import { makeCase, makeParams } from "./cases.ts";
import { type CaseReport, runLevels } from "./levels.ts";
import type { Accuracy } from "./rounding.ts";
import { type GivenExtents, type Setting, sweepOf } from "./sweep.ts";

export type VerifyOptions = {
  readonly sweep: "quick" | "full";
  readonly seed: number;
  /** Parameters that every case has; the others are drawn. */
  readonly params: Readonly<Record<string, Value>>;
  /** Extents that every case has; the others are swept. */
  readonly extents?: GivenExtents;
  /** What rows are made of in every case; default: both in turn. */
  readonly stored?: "f32" | "f16";
  readonly runners: readonly Runner[];
  readonly accuracy: Accuracy;
  /** For so many calls that come later kernels are compiled meanwhile; default: none. */
  readonly ahead?: number;
  /** Which settings of the sweep run, by their place in it; default: all. */
  readonly only?: (index: number) => boolean;
};

export type CaseOutcome = {
  readonly setting: Setting;
  readonly call: Case;
  /** How many cases the sweep has. */
  readonly cases: number;
} & (
  | { readonly kind: "ran"; readonly report: CaseReport }
  /** The drawn input has no answer: a score that overflows, a row without keys under `empty error`. */
  | { readonly kind: "skipped"; readonly why: string }
);

/** Runs every case of the sweep. Does not throw on a wrong level; that is an outcome. */
export async function* verifyAttention(attention: Attention, options: VerifyOptions): AsyncGenerator<CaseOutcome> {
  const { sweep, seed, runners, accuracy, only = () => true } = options;
  const first = makeParams(attention, seed, options.params);
  const { extents, stored } = options;
  const settings = sweepOf(attention, sweep, seed, first, extents, stored).settings.filter((_, index) => only(index));
  // Const parameters keep their values over the sweep: extents of a grid may hang on them.
  const consts = Object.fromEntries(
    attention.params.filter((param) => param.const).map(({ name }) => [name, first[name]!]),
  );
  const draw = (setting: Setting): Drawn => ({
    setting,
    call: makeCase(attention, setting, makeParams(attention, setting.seed, { ...consts, ...options.params })),
  });
  for (const { setting, call } of preparing(
    settings.map((each) => () => draw(each)),
    runners,
    options.ahead ?? 0,
  )) {
    const about = { setting, call, cases: settings.length };
    try {
      yield { ...about, kind: "ran", report: await runLevels(call, runners, accuracy) };
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      yield { ...about, kind: "skipped", why: error.message };
    }
  }
}

type Drawn = Pick<CaseOutcome, "setting" | "call">;

/** All calls in their order; runners are told of each some calls before it comes. */
function* preparing(draws: readonly (() => Drawn)[], runners: readonly Runner[], ahead: number): Generator<Drawn> {
  const told: Drawn[] = [];
  for (const draw of draws) {
    const drawn = draw();
    for (const runner of runners) if (ahead > 0 && willRun(runner, drawn.call)) runner.prepare?.(drawn.call);
    told.push(drawn);
    if (told.length > ahead) yield told.shift()!;
  }
  yield* told;
}

const willRun = (runner: Runner, call: Case) => runner.available() === true && runner.unsuited?.(call) === undefined;
