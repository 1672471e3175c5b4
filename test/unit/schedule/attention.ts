// Attentions as expressions, made by hand, so that the tests of the schedule do not lean on parser, checker or lowering.

import type * as ir from "../../../src/ir/expr.ts";
import { bool, coord, extent, float, op, param, quantity } from "../../../src/ir/make.ts";
import { planProgram } from "../../../src/schedule/choose.ts";
import type { AttendPlan, Dims, Program } from "../../../src/schedule/plan.ts";
import { attendSteps } from "../../../src/schedule/steps.ts";
import { wasmSimd128 } from "../../../targets/wasm-simd128.ts";

export const span = { file: 0, start: 4, end: 8 };
export const [q, k, h, b] = [coord("query"), coord("key"), coord("head"), coord("batch")];
export const [s, p, dot] = [quantity("score"), quantity("weight"), quantity("dot")];
export const u = param("float", "u");
export const causal = op("ge", q, k);
export const toFloat = (value: ir.Expr) => op("toFloat", value);

export const tensor = (name: string, element: ir.Tensor["element"], ...extents: readonly ir.Expr[]): ir.Tensor => ({
  name,
  element,
  extents,
  range: {},
  sorted: false,
  span,
});

/** Full attention with the usual scale, changed as asked. */
export function attentionIr(changes: Partial<ir.AttentionIr> = {}): ir.AttentionIr {
  return {
    name: "test",
    span,
    params: [],
    tensors: [],
    shapeParams: [],
    mask: bool(true),
    scale: op("div", float(1), op("sqrt", toFloat(extent("dim")))),
    score: s,
    normalize: { kind: "softmax" },
    empty: "zero",
    weight: p,
    queryStart: op("sub", extent("keys"), extent("queries")),
    outputs: { lse: false },
    selections: [],
    ...changes,
  };
}

export function planned(changes: Partial<ir.AttentionIr> = {}, dims: Dims = { dim: 64, valueDim: 64 }): Program {
  return planProgram(attentionIr(changes), wasmSimd128, dims).value;
}

/** The plan of a program's first step, or of the one that is named. */
export function planOf(program: Program, step?: string): AttendPlan {
  return attendSteps(program).find(({ name }) => step === undefined || name === step)!.plan;
}
