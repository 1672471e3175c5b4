// What `mask`, `show --mask` and `explain` ask about: a call without rows of numbers, made of a shape, parameters and the
// captured tensors that the question depends on.

import type { Case } from "../spec/case.ts";
import type { Attention } from "../spec/spec.ts";
import { capturedTensors } from "../verify/captured.ts";
import { numbersOf } from "../verify/numbers.ts";
import { completeParams, readParams, splitAssignments } from "./assignments.ts";
import { withCaptured } from "./call.ts";
import { type MaskReads, maskReads } from "./mask-reads.ts";
import { completeShape, emptyCase, readShape } from "./shapes.ts";
import { readTensors } from "./tensor-files.ts";

export type CallOptions = {
  readonly set?: readonly string[];
  readonly shape?: readonly string[];
  readonly in?: readonly string[];
};

export type MaskCall = {
  readonly call: Case;
  readonly reads: MaskReads;
  /** Captured tensors that nobody gave and that were made up. */
  readonly madeUp: readonly string[];
};

export type MaskCallSettings = {
  /** How many queries there are where nothing else says it. */
  readonly queries?: number;
  /** Captured tensors that are not given are drawn at random, within their contracts. */
  readonly makeUp?: boolean;
  /** All attentions that the command is about. */
  readonly others?: readonly Attention[];
};

/** The call that a mask is asked of. */
export function maskCall(attention: Attention, options: CallOptions, settings: MaskCallSettings = {}): MaskCall {
  const { others = [] } = settings;
  const params = completeParams(attention, readParams(attention, splitAssignments("--set", options.set ?? []), others));
  const given = readShape(attention, splitAssignments("--shape", options.shape ?? []), others);
  const shape = completeShape(attention, params, given, settings.queries);
  const reads = maskReads(attention);
  const tensors = readTensors(options.in ?? []);
  const missing = settings.makeUp ? reads.tensors.filter(({ name }) => !tensors.has(name)) : [];
  const bare = emptyCase(attention, params, shape);
  const drawn =
    missing.length === 0
      ? {}
      : capturedTensors({ ...bare, attention: { ...attention, tensors: missing } }, numbersOf(SEED, 0));
  const all = new Map([...tensors, ...Object.entries(drawn)]);
  return {
    call: withCaptured(bare, given, all, reads.tensors),
    reads,
    madeUp: missing.map(({ name }) => name),
  };
}

/** Made-up tensors are the same every time. */
const SEED = 1;
