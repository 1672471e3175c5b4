// Bounds of captured tensors along a tile. A tensor that the mask reads by query or key is summarised once a call: the
// least and the most element of every stretch of its last axis. A tile of positions meets two stretches at most, so its
// bounds are two loads. One that it reads by query and key, a mask of pairs for instance, is summarised in tiles, of which
// four at most are met.
//
// A sorted tensor shows its bounds without: they are its elements at the ends of the tile. Where the mask asks for the
// keys of some elements, a binary search finds them.
//
//   doc[b, q] on a tile    →    min(doc.least[b, firstQuery // 64], doc.least[b, lastQuery // 64]) ‥ max of doc.most

import type { Environment } from "../analysis/interval.ts";
import { INT_MAX } from "../analysis/range.ts";
import { type Bounds, exactly, type IntBounds, isExact, provided } from "../analysis/tile/bounds.ts";
import type { Load, Summaries } from "../analysis/tile/evaluate.ts";
import type { Run } from "../analysis/tile/run-sets.ts";
import { type ChunkCounts, chosenWithin } from "../ir/chunk-counts.ts";
import type * as ir from "../ir/expr.ts";
import { bool, coord, extent, int, load, op, search } from "../ir/make.ts";
import { isHalf } from "../ir/scalar.ts";
import { readableTensors } from "../ir/selection.ts";
import { nodes } from "../ir/walk.ts";
import type { OpName } from "../ops/index.ts";
import { tilesOf } from "./buffers.ts";
import type { StepOf, SummaryPlan, Tile } from "./plan.ts";

export type TensorSummaries = Summaries & {
  /** The steps that compute what was asked for and is still read, in order of the first request. */
  steps(read: ReadonlySet<string>): readonly StepOf<SummaryPlan>[];
};

/** The promises, with those of a tensor for its summary too. */
export function withSummaries(promises: Environment): Environment {
  return { ...promises, load: (name, at) => promises.load(name.replace(SUMMARY_ENDING, ""), at) };
}

const SUMMARY_ENDING = /(\.tiles)?\.(least|most)$/;

/** Whether a tensor of the program is a summary: the stretch of an element that exists exists. */
export const isSummaryOf = ({ name }: ir.Tensor) => SUMMARY_ENDING.test(name);

/** Summaries of the captured tensors, made as they are asked for. */
export function summariesOf(attention: ir.AttentionIr, tile: Tile): TensorSummaries {
  const { selections } = attention;
  const tensors = readableTensors(attention);
  const along = { stretch: Math.max(tile.queries, tile.keys), rows: 1 };
  const across = { stretch: tile.keys, rows: tile.queries };
  const plans = new Map<string, SummaryPlan>();
  const planOf = (of: ir.Tensor, size: Size): SummaryPlan => {
    const key = `${of.name} ${size.rows}`;
    const plan = plans.get(key) ?? summarise(of, size);
    plans.set(key, plan);
    return plan;
  };
  /** Whether neighbors share an index, so that a tile may meet few of them: quotients, and elements of a sorted tensor. */
  const isCoarse = (index: ir.Expr) =>
    nodes(index).some((node) =>
      node.kind === "load"
        ? tensors.some(({ name, sorted }) => sorted && name === node.tensor)
        : node.kind === "op" && (node.op === "floorDiv" || node.op === "shiftRight"),
    );
  return {
    boundsOf(element, at, otherwise) {
      const choice = selections.find(({ chosen }) => chosen.name === element.tensor);
      if (choice?.counts) return boundsInChunks(choice.counts, at);
      if (choice) return boundsInBlock(element, at, otherwise);
      const varying = at.flatMap((index, axis) => (isExact(index) ? [] : [axis - at.length])).join(" ");
      const of = tensors.find(({ name }) => name === element.tensor)!;
      if (varying === "-1" && of.sorted) return boundsOfSorted(element, at);
      const size = { "-1": along, "-2 -1": across }[varying];
      const bounds = size && boundsAlong(planOf(of, size), element, at, otherwise);
      const isTable = varying === "-1" && element.type === "int" && isCoarse(element.at.at(-1)!);
      return bounds && isTable ? boundsOfTwo(element, at, bounds) : bounds;
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

/** Elements that are summarised together. */
type Size = Pick<SummaryPlan, "stretch" | "rows">;

function summarise(of: ir.Tensor, size: Size): SummaryPlan {
  const sizes = sizesOf(of, size);
  const extents = of.extents.map((length, axis) => {
    const each = sizes[axis]!;
    return each === 1 ? length : tilesOf(length, each);
  });
  const prefix = size.rows === 1 ? of.name : `${of.name}.tiles`;
  // A least or most half is kept as a float: the next one to compare it with is one already.
  const element = isHalf(of.element) ? "f32" : of.element;
  const named = (end: string): ir.Tensor => ({ ...of, name: `${prefix}.${end}`, element, extents, sorted: false });
  return { kind: "summary", of, least: named("least"), most: named("most"), ...size };
}

/** The same by axis. */
function sizesOf(of: ir.Tensor, { stretch, rows }: Size): readonly number[] {
  return of.extents.map((_, axis) => ({ "-1": stretch, "-2": rows })[axis - of.extents.length] ?? 1);
}

function stepOf(plan: SummaryPlan): StepOf<SummaryPlan> {
  return {
    name: `summary.${plan.least.name.replace(/\.least$/, "")}`,
    plan,
    reads: [plan.of.name],
    writes: [plan.least.name, plan.most.name],
  };
}

/** Where a tile lies in one block of a choice, the element says all that there is to know. */
function boundsInBlock({ type, tensor }: Load, at: readonly IntBounds[], otherwise: Bounds): Bounds {
  const inside = at
    .filter((index) => !isExact(index))
    .map(({ low, high }) => op("eq", low, high))
    .reduce((all, each) => op("and", all, each), bool(true));
  const indices = at.map(({ low }) => low);
  return provided(inside, exactly(load(type, tensor, indices)), otherwise);
}

/** Chunks of a tile are counted: some are chosen, or all of them. */
function boundsInChunks(counts: ChunkCounts, at: readonly IntBounds[]): Bounds {
  const [rows, keys] = at.slice(-2) as [IntBounds, IntBounds];
  const leading = at.slice(0, -2).map(({ low }) => low);
  const { chosen, all } = chosenWithin(counts, leading, rows, keys);
  const truth = (condition: ir.Expr) => op("select", condition, int(1), int(0));
  return { type: "int", low: truth(op("eq", chosen, all)), high: truth(op("gt", chosen, int(0))) };
}

/** Where the last index meets two elements at most, these are all that there is to know. Behind the greatest int comes the least, which
 *  no index is below. */
function boundsOfTwo({ tensor }: Load, at: readonly IntBounds[], otherwise: Bounds): Bounds {
  const leading = at.slice(0, -1).map(({ low }) => low);
  const { low, high } = at.at(-1)!;
  const element = (index: ir.Expr) => load("int", tensor, [...leading, index]);
  const [first, last] = [element(low), element(high)];
  const meetsTwo = op("le", high, op("add", low, int(1)));
  return provided(meetsTwo, { type: "int", low: op("min", first, last), high: op("max", first, last) }, otherwise);
}

/** A sorted tensor needs no summary: its extremes stand at the ends. */
function boundsOfSorted({ type, tensor }: Load, at: readonly IntBounds[]): Bounds {
  const corner = (end: "low" | "high") =>
    load(
      type,
      tensor,
      at.map((index) => index[end]),
    );
  const [least, most] = [corner("low"), corner("high")];
  return type === "bool" ? { type, may: most, must: least } : { type, low: least, high: most };
}

/** Equal elements stand together, behind all that are less: two binary searches find their run. */
function placesInSorted(tensor: string, leading: readonly ir.Expr[], { first, last }: Run): Run {
  const below = (value: ir.Expr) => search(tensor, leading, extent("keys"), value);
  const behind = (value: ir.Expr) =>
    op("select", op("eq", value, int(INT_MAX)), extent("keys"), below(op("add", value, int(1))));
  return {
    ...(first && { first: below(first) }),
    ...(last && { last: op("sub", behind(last), int(1)) }),
  };
}

/** Indices are clamped as those of the tensor itself are; where they span more than two stretches nothing is known. */
function boundsAlong(
  { of, least, most, ...size }: SummaryPlan,
  { type }: Load,
  at: readonly IntBounds[],
  otherwise: Bounds,
): Bounds {
  const sizes = sizesOf(of, size);
  const spans = at.map(({ low, high }, axis): readonly ir.Expr[] => {
    const each = sizes[axis]!;
    if (each === 1) return [low];
    const end = op("sub", of.extents[axis]!, int(1));
    return [low, high].map((index) => op("floorDiv", op("max", op("min", index, end), int(0)), int(each)));
  });
  const near = spans
    .filter((span) => span.length === 2)
    .map(([from, to]) => op("le", op("sub", to!, from!), int(1)))
    .reduce((all, each) => op("and", all, each), bool(true));
  const met = spans.reduce<readonly (readonly ir.Expr[])[]>(
    (before, span) => before.flatMap((indices) => span.map((index) => [...indices, index])),
    [[]],
  );
  const over = (tensor: ir.Tensor, join: OpName) =>
    met.map((indices) => load(type, tensor.name, indices)).reduce((left, right) => op(join, left, right));
  return type === "bool"
    ? provided(near, { type, may: over(most, "or"), must: over(least, "and") }, otherwise)
    : provided(near, { type, low: over(least, "min"), high: over(most, "max") }, otherwise);
}
