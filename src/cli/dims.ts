// `--head-dim` and `--value-dim`, or `dim` and `value_dim` of `--shape`: the row lengths that a kernel is compiled for.

import type { Dims } from "../schedule/plan.ts";
import { wrongUsage } from "./command-error.ts";
import type { GivenShape } from "./shapes.ts";

export type DimOptions = { readonly headDim?: string; readonly valueDim?: string };

const DEFAULT_DIM = 64;

/** What the shape says, else the options, else 64; the value dim is the head dim unless it is given. */
export function dimsOf({ headDim, valueDim }: DimOptions, given: GivenShape = {}): Dims {
  const dim = given.dim ?? readCount("--head-dim", headDim, DEFAULT_DIM);
  return { dim, valueDim: given.value_dim ?? readCount("--value-dim", valueDim, dim) };
}

/** A whole number of at least `least` from an option's text. */
export function readCount(option: string, text: string | undefined, fallback: number, least = 1): number {
  if (text === undefined) return fallback;
  const count = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isSafeInteger(count) && count >= least) return count;
  throw wrongUsage(`${option} takes a whole number from ${least}, but it is \`${text}\``);
}
