// Which steps a call takes: those for few query rows, where a program has some and there is room for their parts, or those
// for many. Runtimes ask the same question in their own words.

import type { Case } from "../spec/case.ts";
import { PART_WORDS } from "./buffers.ts";
import type { Dims, Program, Split, Step } from "./plan.ts";
import { splitSteps } from "./steps.ts";

type Lengths = Pick<Case["shape"], "batch" | "heads" | "queries" | "keys">;

/** Floats that all parts of a call take together. */
export function partElements({ keys }: Split, { valueDim }: Dims, call: Lengths): number {
  return call.batch * call.heads * call.queries * Math.ceil(call.keys / keys) * (valueDim + PART_WORDS);
}

/** The steps of a call, in order. */
export function stepsFor(program: Program, call: Lengths): readonly Step[] {
  const other = hasFewRows(program, call) ? "many" : "few";
  return program.steps.filter(({ calls }) => calls !== other);
}

function hasFewRows(program: Program, call: Lengths): boolean {
  const { few, buffers, dims } = program;
  // Without keys there is no stretch, so no place for a sink.
  if (!few || call.queries > few.queries || call.keys === 0) return false;
  const { mostBytes = Number.POSITIVE_INFINITY } = buffers.find(({ name }) => name === few.parts)!;
  return splitSteps(program).every(({ plan }) => partElements(plan.split!, dims, call) * 4 <= mostBytes);
}
