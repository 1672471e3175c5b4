// A pass is a value: a function from attention to attention with a name and a reason, so that the optimizer is a list
// that can be read, traced and stopped anywhere.

import type { AttentionIr } from "../ir/expr.ts";
import type { Trace } from "./rewrite.ts";

export type Pass = {
  readonly name: string;
  /** Why it stands in the list, and where. */
  readonly why: string;
  /** Returns the same object when it has nothing to do; counts in `trace` what it did. */
  run(attention: AttentionIr, trace: Trace): AttentionIr;
};

/** What one pass made of the attention. */
export type PassRecord = {
  readonly pass: string;
  /** The list is run in rounds, from 1. */
  readonly round: number;
  readonly before: AttentionIr;
  readonly after: AttentionIr;
  /** How often each rule fired. */
  readonly fired: ReadonlyMap<string, number>;
};

export type PassOptions = {
  /** Called after every pass, also after one that changed nothing. */
  readonly afterEach?: (record: PassRecord) => void;
  /** The last pass to run: `round` and `pass` of a record. Absent: all. */
  readonly stopAfter?: { readonly round: number; readonly pass: string };
};

/** Rounds that are spent at most; a second round seldom finds anything and a third one never should. */
const ROUNDS = 8;

/** Runs the passes in order, in rounds, until a round changes nothing: running them again is then idle. */
export function runPasses(passes: readonly Pass[], attention: AttentionIr, options: PassOptions = {}): AttentionIr {
  let current = attention;
  for (let round = 1; round <= ROUNDS; round++) {
    const atStart = current;
    for (const pass of passes) {
      const fired: Trace = new Map();
      const before = current;
      current = pass.run(before, fired);
      options.afterEach?.({ pass: pass.name, round, before, after: current, fired });
      if (options.stopAfter?.round === round && options.stopAfter.pass === pass.name) return current;
    }
    if (current === atStart) break;
  }
  return current;
}
