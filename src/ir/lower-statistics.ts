// Named outputs → Statistics: every reduction becomes a fold of the map or of tensors, and where it stood its tensor is read.
// A mean is a sum and a count, a pooling a sum or a maximum over a window, a softmax a maximum, a sum, and what they make.

import type { AxisRange, NamedOutput, PlaceAxis, Reduction } from "../spec/choice.ts";
import type * as spec from "../spec/spec.ts";
import type { Axis, Expr, Tensor } from "./expr.ts";
import { hiddenValue } from "./hidden-value.ts";
import { bool, constant, coord, extent, float, int, op, quantity } from "./make.ts";
import { EXTENTS, elementOf, ROW, read, tensorOf } from "./place-tensors.ts";
import { type FoldOp, type MapFold, ofNothing, type RowRange, type Statistics, type TensorFold } from "./statistics.ts";
import { isOfPair, nodesOf } from "./uncompiled-output.ts";
import { nodes, substitute } from "./walk.ts";

export type LowerStatistics = {
  /** Expressions of pairs, in stored order. */
  readonly pair: (expr: spec.Expr) => Expr;
  /** Expressions of places in the order of the call, asking about reductions first. */
  readonly place: (special: (leaf: spec.Expr) => Expr | undefined) => (expr: spec.Expr) => Expr;
  /** Row of the call, position of the key, of a pair; and whether rows are stored in another order. */
  readonly row: Expr;
  readonly key: Expr;
  readonly movesRows: boolean;
  /** Σ s of each row, where p is a share of it. */
  readonly total?: MapFold;
  /** The choice of the only sparsity. */
  readonly chosen?: Tensor;
};

/** Problems are found before: see `uncompiledOutput`. */
export function lowerStatistics(named: readonly NamedOutput[], lower: LowerStatistics): Statistics {
  const ofMap: MapFold[] = [];
  const ofTensors: TensorFold[] = [];
  for (const output of named) {
    if (output.value.kind === "chosen") {
      ofTensors.push(chosenBlocks(output.name, lower.chosen!));
      continue;
    }
    const add = adder(output, ofMap, ofTensors);
    const place = lower.place((leaf) =>
      leaf.kind === "reduce" ? reduce(leaf.reduction, { lower, place, add }) : undefined,
    );
    const value = asNumber(place(output.value));
    const axes = ORDER.filter((axis) => output.axes.includes(axis));
    ofTensors.push({ tensor: tensorOf(output.name, value, axes, output.span), axes, value });
  }
  const { total } = lower;
  const asksForTotal = total && ofMap.some(({ value }) => loads(value, total.tensor));
  return { ofMap: [...(asksForTotal ? [total] : []), ...ofMap], ofTensors, outputs: named.map(({ name }) => name) };
}

/** A copy for the caller of what the mask reads. */
function chosenBlocks(name: string, chosen: Tensor): TensorFold {
  const axes = ["batch", "head", "query", "key"] as const;
  return { tensor: { ...chosen, name }, axes, value: read(chosen, axes) };
}

const loads = (value: Expr, { name }: Tensor) =>
  nodes(value).some((node) => node.kind === "load" && node.tensor === name);

type Add = ReturnType<typeof adder>;
type Around = { readonly lower: LowerStatistics; readonly place: (expr: spec.Expr) => Expr; readonly add: Add };

/** Adds folds, each once, and gives what reads them. */
function adder({ name, span }: NamedOutput, ofMap: MapFold[], ofTensors: TensorFold[]) {
  const fresh = () => `${name}.${ofMap.length + ofTensors.length}`;
  const ofPairs = (along: MapFold["along"], fold: FoldOp, value: Expr, rows?: RowRange): Expr => {
    const axes = ["batch", "head", along === "query" ? "key" : "query"] as const;
    const same = ofMap.find(
      (each) =>
        each.along === along &&
        each.op === fold &&
        each.value === value &&
        each.rows?.first === rows?.first &&
        each.rows?.end === rows?.end,
    );
    const tensor = same?.tensor ?? tensorOf(fresh(), value, axes, span);
    if (!same) ofMap.push({ tensor, along, op: fold, value, ...(rows && { rows }) });
    return read(tensor, axes);
  };
  const ofPlaces = (value: Expr, along: TensorFold["along"], without: readonly PlaceAxis[]): Expr => {
    const bounds = along ? axesOf(along.first, along.end) : [];
    const left = [...axesOf(value).filter((axis) => !without.includes(axis)), ...bounds];
    const axes = ORDER.filter((axis) => axis === "batch" || left.includes(axis));
    const own = axes.filter((axis) => axis !== "kv" || !axes.includes("head"));
    const same = ofTensors.find(
      (each) =>
        each.value === value &&
        each.along?.axis === along?.axis &&
        each.along?.op === along?.op &&
        each.along?.first === along?.first &&
        each.along?.end === along?.end,
    );
    const tensor = same?.tensor ?? tensorOf(fresh(), value, own, span);
    if (!same) ofTensors.push({ tensor, axes: own, value, ...(along && { along }) });
    return read(tensor, own);
  };
  return { ofPairs, ofPlaces };
}

const ORDER: readonly PlaceAxis[] = ["batch", "head", "kv", "query", "key"];

const axesOf = (...exprs: readonly Expr[]): readonly Axis[] =>
  nodes(...exprs).flatMap((node) => (node.kind === "coord" ? [node.axis] : []));

const asNumber = (value: Expr): Expr => (value.type === "bool" ? op("select", value, int(1), int(0)) : value);

function reduce(reduction: Reduction, around: Around): Expr {
  const { op: name, operand } = reduction;
  const fold = folder(reduction, around);
  const hidden = hiddenValue(operand) ?? 0;
  const value = fold.lower(operand);
  switch (name) {
    case "sum":
      return value.type === "int" ? fold.ints(value, hidden) : fold.all(name, value);
    case "max":
    case "min":
      return fold.all(name, value);
    case "mean":
      return op("div", fold.all("sum", value), op("toFloat", fold.count()));
    case "count":
      return fold.ints(asNumber(value), hidden);
    case "any":
      return op("ne", fold.ints(asNumber(value), hidden), int(0));
    case "all":
      return op("eq", fold.ints(asNumber(op("not", value)), 1 - hidden), int(0));
    case "softmax":
      return softmax(value, reduction, around);
    case "avg_pool":
    case "max_pool":
      return pool(value, reduction, around);
    case "rank":
      throw new Error("a rank is compiled: a bug in the check of what is not");
  }
}

/** How a reduction folds: pairs of the map, or places of tensors. */
function folder({ axis, range, operand }: Reduction, { lower, place, add }: Around) {
  const isOfMap = nodesOf(operand).some(isOfPair);
  const cut: Cut = isOfMap ? pairRange(axis as "query" | "key", range, lower) : placeRange(axis, range, place);
  const own = isOfMap ? (expr: spec.Expr) => substitute(lower.pair(expr), logOfWeight) : place;
  const within = (fold: FoldOp, value: Expr) => {
    if (cut.condition === bool(true)) return value;
    const nothing = ofNothing(fold, { element: elementOf(value) });
    return op("select", cut.condition, value, constant(value.type, nothing));
  };
  const folds = {
    lower: own,
    all(fold: FoldOp, value: Expr): Expr {
      if (isOfMap) return add.ofPairs(axis as "query" | "key", fold, within(fold, value), cut.rows);
      const { along, removes } = placeRange(axis, range, place);
      return add.ofPlaces(within(fold, value), { ...along, op: fold }, removes);
    },
    count(): Expr {
      const { along, removes, condition, count } = placeRange(axis, range, place);
      if (condition === bool(true)) return count;
      return add.ofPlaces(asNumber(condition), { ...along, op: "sum" }, removes);
    },
    /** Σ v = c · n + Σ (v − c) over pairs, where c is what each has that is hidden: it adds nothing to the second sum. */
    ints(value: Expr, hidden: number): Expr {
      if (!isOfMap || hidden === 0) return folds.all("sum", value);
      return op("add", op("mul", int(hidden), folds.count()), folds.all("sum", op("sub", value, int(hidden))));
    },
  };
  return folds;
}

/** log p = s − lse, and no logarithm a pair. */
const logOfWeight = (node: Expr): Expr | undefined =>
  node === op("log", quantity("weight")) ? op("sub", quantity("score"), quantity("lse")) : undefined;

type Cut = { readonly condition: Expr; readonly rows?: RowRange };

/** At most all places of an axis, and at least none. */
const clipped = (count: Expr, length: Expr) => op("max", op("min", count, length), int(0));

/** The pairs of a range: rows are cut off where they can be, which saves the pass what lies outside. */
function pairRange(
  axis: "query" | "key",
  range: AxisRange | undefined,
  { pair, row, key, movesRows }: LowerStatistics,
): Cut {
  if (!range) return { condition: bool(true) };
  if (range.kind === "where") return { condition: pair(range.condition) };
  const length = EXTENTS[axis];
  const { first, end } = ends(range.kind, clipped(pair(range.count), length), length);
  const ofBatch = axesOf(first, end).every((each) => each === "batch");
  if (axis === "query" && !movesRows && ofBatch) return { condition: bool(true), rows: { first, end } };
  const at = axis === "query" ? row : key;
  return { condition: op("and", op("ge", at, first), op("lt", at, end)) };
}

const ends = (kind: "first" | "last", count: Expr, length: Expr): RowRange =>
  kind === "first" ? { first: int(0), end: count } : { first: op("sub", length, count), end: length };

/** Where the places of an axis begin and end, how many they are, which of them take part, and what axes are gone then. */
function placeRange(axis: Reduction["axis"], range: AxisRange | undefined, place: Around["place"]) {
  const { axis: runs, first, length, removes } = LINES[axis];
  const condition = range?.kind === "where" ? place(range.condition) : bool(true);
  const cut =
    range && range.kind !== "where" ? ends(range.kind, clipped(place(range.count), length), length) : undefined;
  const bounds = cut ?? { first: int(0), end: length };
  const from = (bound: Expr) => (first === int(0) ? bound : op("add", first, bound));
  const count = bounds.first === int(0) ? bounds.end : op("sub", bounds.end, bounds.first);
  return { condition, removes, count, along: { axis: runs, first: from(bounds.first), end: from(bounds.end) } };
}

const GROUP = op("floorDiv", extent("heads"), extent("kvHeads"));

const LINES = {
  query: { axis: "query", first: int(0), length: EXTENTS.query, removes: ["query"] },
  key: { axis: "key", first: int(0), length: EXTENTS.key, removes: ["key"] },
  head: { axis: "head", first: int(0), length: EXTENTS.head, removes: ["head", "kv"] },
  kv: { axis: "kv", first: int(0), length: EXTENTS.kv, removes: ["kv"] },
  group: { axis: "head", first: op("mul", coord("kv"), GROUP), length: GROUP, removes: ["head"] },
} as const;

/** softmax x = exp(x − max) / Σ exp(x − max), and 0 where there is nothing but −∞. */
function softmax(value: Expr, { axis }: Reduction, { place, add }: Around): Expr {
  const { along, removes } = placeRange(axis, undefined, place);
  const own = add.ofPlaces(value, undefined, []);
  const most = add.ofPlaces(own, { ...along, op: "max" }, removes);
  const part = op("exp", op("sub", own, most));
  const share = op("div", part, add.ofPlaces(part, { ...along, op: "sum" }, removes));
  return op("select", op("eq", most, float(-Infinity)), float(0), onLine(axis, share));
}

/** A window of `width` places, centred, of which those count that there are; a mean divides by the width all the same. */
function pool(value: Expr, { op: name, axis, width }: Reduction, { place, add }: Around): Expr {
  const { along } = placeRange(axis, undefined, place);
  const size = place(width!);
  const at = axis === "query" ? ROW : coord("key");
  const begin = op("sub", at, op("floorDiv", size, int(2)));
  const first = op("max", begin, int(0));
  const end = op("min", op("add", begin, size), along.end);
  const window = { axis: along.axis, first, end };
  if (name === "max_pool") return onLine(axis, add.ofPlaces(value, { ...window, op: "max" }, []));
  return onLine(axis, op("div", add.ofPlaces(value, { ...window, op: "sum" }, []), op("toFloat", size)));
}

/** Keys that are not alive have no place on the line. */
const onLine = (axis: Reduction["axis"], value: Expr): Expr =>
  axis === "key" ? op("select", op("lt", coord("key"), EXTENTS.key), value, float(0)) : value;
