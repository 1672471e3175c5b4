// Does the attention fit the target at these dims? Every reason why not, found before anything is decided.

import type { RowElement, Target } from "../../targets/target.ts";
import type { PlanProblem } from "../diagnostics/plan-problem.ts";
import type * as ir from "../ir/expr.ts";
import { roots } from "../ir/roots.ts";
import { nodes } from "../ir/walk.ts";
import { RESERVED_BUFFERS } from "./buffers.ts";
import { largestDim, withFittingTiles } from "./fitting-tiles.ts";
import type { Dims } from "./plan.ts";

/** Problems: E0601, E0602, E0603, E0606, E0607. */
export function findMisfits(attention: ir.AttentionIr, target: Target, dims: Dims, element: RowElement): PlanProblem[] {
  return [
    ...rowMisfits(attention, target, element),
    ...attention.tensors.flatMap((tensor) => tensorMisfits(tensor, target)),
    ...dimMisfits(attention, target, dims),
    ...sizeMisfits(attention, target),
  ];
}

function rowMisfits(
  { name, span }: ir.AttentionIr,
  { name: target, rows }: Target,
  element: RowElement,
): PlanProblem[] {
  if (rows[element]) return [];
  const on = { target, supported: Object.keys(rows) };
  return [{ code: "E0606", kind: "row-type-unsupported", at: span, attention: name, element, ...on }];
}

function tensorMisfits(tensor: ir.Tensor, target: Target): PlanProblem[] {
  const problems: PlanProblem[] = [];
  const place = { at: tensor.span, tensor: tensor.name };
  if (!target.elements.includes(tensor.element)) {
    const { element } = tensor;
    const on = { target: target.name, supported: target.elements };
    problems.push({ code: "E0601", kind: "element-type-unsupported", ...place, element, ...on });
  }
  if (RESERVED_BUFFERS.some((name) => name === tensor.name)) {
    problems.push({ code: "E0603", kind: "buffer-name-taken", ...place });
  }
  return problems;
}

function dimMisfits(attention: ir.AttentionIr, target: Target, dims: Dims): PlanProblem[] {
  const largest = withFittingTiles(target, dims) ? target.limits.dim : largestDim(target);
  const fits = (size: number) => Number.isInteger(size) && size >= 1 && size <= largest;
  const sizes = [
    { axis: "dim", size: dims.dim },
    { axis: "value_dim", size: dims.valueDim },
  ] as const;
  const place = { at: attention.span, largest, target: target.name };
  return sizes
    .filter(({ size }) => !fits(size))
    .map((found): PlanProblem => ({ code: "E0602", kind: "dim-out-of-range", ...place, ...found }));
}

function sizeMisfits(attention: ir.AttentionIr, target: Target): PlanProblem[] {
  const all = nodes(...roots(attention).map(({ expr }) => expr));
  const count = all.filter(({ kind }) => kind === "op" || kind === "load").length;
  const most = target.limits.operations;
  if (count <= most) return [];
  const place = { at: attention.span, target: target.name };
  return [{ code: "E0607", kind: "too-many-operations", ...place, count, most }];
}
