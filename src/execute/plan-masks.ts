// The program of masks alone, for those who ask where a walk goes and not what it computes.

import { TARGETS } from "../../targets/index.ts";
import type { AttentionIr } from "../ir/expr.ts";
import { lowerAttention } from "../ir/lower.ts";
import { optimize } from "../passes/index.ts";
import { planProgram } from "../schedule/choose.ts";
import type { Program } from "../schedule/plan.ts";
import type { Case } from "../spec/case.ts";
import type { Clause } from "../spec/spec.ts";

/** The program of the attention with these masks and nothing else: it walks over the keys in the same way, as far as
 *  no sparsity chooses, and it reads no captured tensor that only a score, a weight or a sink reads. */
export const planMasks = (masks: readonly Clause[], call: Case): Program => planMaskIr(lowerMasks(masks, call), call);

export function lowerMasks(masks: readonly Clause[], { attention, params }: Case): AttentionIr {
  const { scale: _, sparsities: __, ...rest } = attention;
  const outputs = { lse: attention.outputs.lse };
  const alone = { ...rest, masks, scores: [], weights: [], normalize: { kind: "softmax" } as const, outputs };
  return optimize(lowerAttention(alone, { consts: params }));
}

export const planMaskIr = (ir: AttentionIr, { shape: { dim, valueDim } }: Case): Program =>
  planProgram(ir, TARGETS[0]!, { dim, valueDim }).value;
