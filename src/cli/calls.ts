// What `mask`, `show --mask` and `explain` ask about: a call without rows of numbers, made of a shape, parameters and the
// captured tensors that the question depends on.

import type { Case } from "../spec/case.ts";
import type { Attention } from "../spec/spec.ts";
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

export type MaskCall = { readonly call: Case; readonly reads: MaskReads };

/** The call that a mask is asked of. `queries` is how many there are where nothing else says it. */
export function maskCall(attention: Attention, options: CallOptions, queries?: number): MaskCall {
  const params = completeParams(attention, readParams(attention, splitAssignments("--set", options.set ?? [])));
  const given = readShape(attention, splitAssignments("--shape", options.shape ?? []));
  const shape = completeShape(attention, params, given, queries);
  const reads = maskReads(attention);
  const tensors = readTensors(options.in ?? []);
  return { call: withCaptured(emptyCase(attention, params, shape), given, tensors, reads.tensors), reads };
}
