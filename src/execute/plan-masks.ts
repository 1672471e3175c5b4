// The program of masks alone, for those who ask where a walk goes and not what it computes.

import { TARGETS } from "../../targets/index.ts";
import { lowerAttention } from "../ir/lower.ts";
import { optimize } from "../passes/index.ts";
import { planProgram } from "../schedule/choose.ts";
import type { Program } from "../schedule/plan.ts";
import type { Case } from "../spec/case.ts";
import type { Clause } from "../spec/spec.ts";

/** The program of the attention with these masks and nothing else: it walks over the keys in the same way, as far as
 *  no sparsity chooses, and it reads no captured tensor that only a score, a weight or a sink reads. */
export function planMasks(masks: readonly Clause[], { attention, shape, params }: Case): Program {
  const { scale: _, sparsities: __, ...rest } = attention;
  const alone = { ...rest, masks, scores: [], weights: [], normalize: { kind: "softmax" } as const };
  const ir = optimize(lowerAttention(alone, { consts: params }));
  return planProgram(ir, TARGETS[0]!, { dim: shape.dim, valueDim: shape.valueDim }).value;
}
