// Bounds of captured tensors along a tile. A tensor that the mask reads by query or key is summarised once a call: the
// least and the most element of every stretch of its last axis. A tile of positions meets two stretches at most, so its
// bounds are two loads.
//
// A sorted tensor shows its bounds without: they are its elements at the ends of the tile. Where the mask asks for the
// keys of some elements, a binary search finds them.
//
//   doc[b, q] on a tile    →    min(doc.least[b, firstQuery // 64], doc.least[b, lastQuery // 64]) ‥ max of doc.most

import type { Environment } from "../analysis/interval.ts";
import { INT_MAX } from "../analysis/range.ts";
import { type Bounds, isExact, provided } from "../analysis/tile/bounds.ts";
import type { Load, Summaries } from "../analysis/tile/evaluate.ts";
import type { Run } from "../analysis/tile/run-sets.ts";
import type * as ir from "../ir/expr.ts";
import { coord, extent, int, load, op, search } from "../ir/make.ts";
import type { StepOf, SummaryPlan, Tile } from "./plan.ts";

export type TensorSummaries = Summaries & {
  /** The steps that compute what was asked for and is still read, in order of the first request. */
  steps(read: ReadonlySet<string>): readonly StepOf<SummaryPlan>[];
};

/** The promises, with those of a tensor for its summary too. */
export function withSummaries(promises: Environment): Environment {
  return { ...promises, load: (name, at) => promises.load(name.replace(/\.(least|most)$/, ""), at) };
}

/** Summaries of the tensors, made as they are asked for. */
export function summariesOf(tensors: readonly ir.Tensor[], tile: Tile): TensorSummaries {
  const stretch = Math.max(tile.queries, tile.keys);
  const plans = new Map<string, SummaryPlan>();
  const planOf = (name: string): SummaryPlan => {
    const known = plans.get(name);
    if (known) return known;
    const made = summarise(tensors.find((tensor) => tensor.name === name)!, stretch);
    plans.set(name, made);
    return made;
  };
  return {
    boundsOf(element, at, otherwise) {
      const varying = at.filter((index) => !isExact(index)).length;
      const last = at.at(-1)!;
      if (varying !== 1 || isExact(last)) return undefined;
      const leading = at.slice(0, -1).map(({ low }) => low);
      const { sorted } = tensors.find(({ name }) => name === element.tensor)!;
      return sorted
        ? boundsOfSorted(element, leading, last)
        : boundsAlong(planOf(element.tensor), element, leading, last, otherwise);
    },
    placesOf(element, leading, ends) {
      const { sorted, extents, element: type } = tensors.find(({ name }) => name === element.tensor)!;
      const isWholeAxis = element.at.at(-1) === coord("key") && extents.at(-1) === extent("keys");
      if (!sorted || type !== "i32" || !isWholeAxis || !leading.every(isExact)) return undefined;
      return placesInSorted(
        element.tensor,
        leading.map(({ low }) => low),
        ends,
      );
    },
    steps: (read) =>
      [...plans.values()].filter(({ least, most }) => read.has(least.name) || read.has(most.name)).map(stepOf),
  };
}

function summarise(of: ir.Tensor, stretch: number): SummaryPlan {
  const last = of.extents.at(-1)!;
  const stretches = op("floorDiv", op("add", last, int(stretch - 1)), int(stretch));
  const extents = [...of.extents.slice(0, -1), stretches];
  const named = (end: string): ir.Tensor => ({ ...of, name: `${of.name}.${end}`, extents, sorted: false });
  return { kind: "summary", of, least: named("least"), most: named("most"), stretch };
}

function stepOf(plan: SummaryPlan): StepOf<SummaryPlan> {
  return {
    name: `summary.${plan.of.name}`,
    plan,
    reads: [plan.of.name],
    writes: [plan.least.name, plan.most.name],
  };
}

type Ends = { readonly low: ir.Expr; readonly high: ir.Expr };

/** A sorted tensor needs no summary: its extremes stand at the ends. */
function boundsOfSorted({ type, tensor }: Load, leading: readonly ir.Expr[], { low, high }: Ends): Bounds {
  const [least, most] = [low, high].map((at) => load(type, tensor, [...leading, at])) as [ir.Expr, ir.Expr];
  return type === "bool" ? { type, may: most, must: least } : { type, low: least, high: most };
}

/** Equal elements stand together, behind all that are less: two binary searches find their run. */
function placesInSorted(tensor: string, leading: readonly ir.Expr[], { first, last }: Run): Run {
  const below = (value: ir.Expr) => search(tensor, leading, value);
  const behind = (value: ir.Expr) =>
    op("select", op("eq", value, int(INT_MAX)), extent("keys"), below(op("add", value, int(1))));
  return {
    ...(first && { first: below(first) }),
    ...(last && { last: op("sub", behind(last), int(1)) }),
  };
}

/** Indices are clamped as those of the tensor itself are; where they span more than two stretches nothing is known. */
function boundsAlong(
  { of, least, most, stretch }: SummaryPlan,
  { type }: Load,
  leading: readonly ir.Expr[],
  index: Ends,
  otherwise: Bounds,
): Bounds {
  const end = op("sub", of.extents.at(-1)!, int(1));
  const stretchAt = (at: ir.Expr) => op("floorDiv", op("max", op("min", at, end), int(0)), int(stretch));
  const [from, to] = [stretchAt(index.low), stretchAt(index.high)];
  const near = op("le", op("sub", to, from), int(1));
  const read = (tensor: ir.Tensor, at: ir.Expr) => load(type, tensor.name, [...leading, at]);
  if (type === "bool") {
    const may = op("or", read(most, from), read(most, to));
    return provided(near, { type, may, must: op("and", read(least, from), read(least, to)) }, otherwise);
  }
  const low = op("min", read(least, from), read(least, to));
  return provided(near, { type, low, high: op("max", read(most, from), read(most, to)) }, otherwise);
}
