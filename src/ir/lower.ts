// Spec → AttentionIr: from what the user means to expressions over coordinates and extents. Masks are joined, scores
// and weights are composed by putting one in the place of the next one's `s` or `p`, const parameters become constants,
// coordinates of a grid become arithmetic on positions, and every axis of a captured tensor gets an explicit index.

import type { ScalarType, Value } from "../ops/op.ts";
import type { BlockSide, Permutation } from "../spec/choice.ts";
import type * as spec from "../spec/spec.ts";
import type { AttentionIr, Axis, Expr, Extent, Normalize, Param, Quantity, Tensor } from "./expr.ts";
import { foldConstants } from "./fold-constants.ts";
import { importanceLowerer, type LowerPair } from "./lower-importance.ts";
import { type OrderedPlaces, orderedPlaces } from "./lower-order.ts";
import { isChosen, type LowerBlock, lowerSelection } from "./lower-selection.ts";
import { type LowerStatistics, lowerStatistics } from "./lower-statistics.ts";
import { bool, conjunction, constant, coord, extent, int, load, op, param, quantity } from "./make.ts";
import type { Order } from "./order.ts";
import { VISIBLE, weightOf } from "./pair-quantities.ts";
import { LSE } from "./place-tensors.ts";
import { SCALAR_OF } from "./scalar.ts";
import type { Selection } from "./selection.ts";
import { chunksOf, type Side, type Sides } from "./sides.ts";
import { tokenTerms } from "./token-terms.ts";
import { uncompiledOrder } from "./uncompiled-order.ts";
import { postorder } from "./walk.ts";

/** What is fixed when a kernel is compiled. */
export type LowerSettings = {
  /** Values of `const` parameters; where one is missing its default stands in. */
  readonly consts: Readonly<Record<string, Value>>;
};

/** Lowers one attention. Throws only on a Spec that `check` would not have let through, or on a const parameter that has
 *  neither a value nor a default, which the caller has to check. */
export function lowerAttention(attention: spec.Attention, settings: LowerSettings): AttentionIr {
  const { permutation } = attention;
  const places =
    permutation && uncompiledOrder(attention) === undefined ? orderedPlaces(permutation, attention.tensors) : undefined;
  const around: Surroundings = { attention, settings, ...(places && { places }) };
  const plain = lowerer(around, {});
  const scale = scaleOf(around);
  const unordered = lowerer({ attention, settings }, {});
  const score = compose(attention.scores, quantity("score"), (s) => lowerer(around, { s, scale }));
  const weight = compose(attention.weights, quantity("weight"), (p) =>
    lowerer(around, { s: quantity("score"), p, scale, lse: quantity("lse") }),
  );
  const withScale = lowerer(around, { scale });
  const ofMasks = places
    ? lowerer(around, { scale }, tokenTerms(attention.masks, places, unordered, plain))
    : withScale;
  const visible = conjunction(attention.masks.map(({ value }) => ofMasks(value)));
  const selections = lowerSelections(around, visible, scale);
  return {
    name: attention.name.text,
    span: attention.name.span,
    params: attention.params.filter((each) => !each.const).map((each) => lowerParamDeclaration(each, around)),
    tensors: attention.tensors.map((tensor) => lowerTensor(tensor, around)),
    shapeParams: attention.grid?.axes.filter((axis) => !axis.extent).map(({ name }) => name) ?? [],
    mask: conjunction([...(visible === bool(true) ? [] : [visible]), ...selections.map(isChosen)]),
    scale,
    score,
    normalize: lowerNormalize(attention.normalize, withScale),
    empty: attention.empty,
    weight,
    queryStart: plain(attention.align),
    outputs: { lse: attention.outputs.lse },
    selections,
    ...(attention.outputs.named && {
      statistics: lowerStatistics(attention.outputs.named, statisticsLowerer(around, scale, selections[0]?.chosen)),
    }),
    ...(permutation && places && { order: lowerOrder(permutation, places, { attention, settings }) }),
  };
}

const scaleOf = (around: Surroundings): Expr => {
  const { scale } = around.attention;
  return scale ? lowerer(around, {})(scale.value) : op("rsqrt", op("toFloat", length("dim", around)));
};

function statisticsLowerer(around: Surroundings, scale: Expr, chosen: Tensor | undefined): LowerStatistics {
  const { attention, settings, places } = around;
  const row = places?.moves("query") ? places.row() : op("sub", coord("query"), extent("queryStart"));
  const { p, total } = weightOf(attention.normalize.kind, row, attention.name.span);
  return {
    pair: lowerer(around, { s: quantity("score"), p, lse: quantity("lse"), visible: VISIBLE, scale }),
    place: (special) => lowerer({ attention, settings }, { scale, lse: LSE }, special),
    row,
    key: positionOf("key", around),
    movesRows: places?.moves("query") ?? false,
    ...(total && { total }),
    ...(chosen && { chosen }),
  };
}

/** How many tokens its grid has; 1 without a grid. */
export function gridTokens(attention: spec.Attention, settings: LowerSettings): Expr {
  const extents = attention.grid?.axes.map(({ name }) => length(name, { attention, settings })) ?? [];
  return extents.reduce((product, each) => op("mul", product, each), int(1));
}

/** @param plain surroundings without an order: what tokens are sorted by is a function of positions */
function lowerOrder({ of, order, within, span }: Permutation, places: OrderedPlaces, plain: Surroundings): Order {
  const scale = scaleOf(plain);
  const s = scoreOfPair(plain, scale);
  const lower: LowerPair = (expr, special) => lowerer(plain, { s, scale }, special)(expr);
  const { importances, find } = importanceLowerer(of === "query" ? "query" : "key", span, lower);
  const sort = order.map(({ value, descending }) => ({ value: lower(value, find), descending }));
  const size = within && Number(valueOfConstant(lowerer(plain, {})(within.size)));
  const segment = size === undefined ? undefined : { size, complete: within!.complete };
  return places.order({ sort, importances, ...(segment && { segment }) });
}

/** The score of a pair from the product of its rows, for those who come before the pass over the keys. */
function scoreOfPair(around: Surroundings, scale: Expr): Expr {
  const product = op("mul", scale, quantity("dot"));
  return compose(around.attention.scores, product, (s) => lowerer(around, { s, scale }));
}

function lowerSelections(around: Surroundings, visible: Expr, scale: Expr): readonly Selection[] {
  const { attention } = around;
  const { params, tensors, outputs } = attention;
  const taken = [...params, ...tensors, ...(outputs.named ?? [])].map(({ name }) => name);
  const s = scoreOfPair(around, scale);
  return (attention.sparsities ?? []).map((sparsity, index) => {
    let name = index === 0 ? "chosen" : `chosen${index + 1}`;
    while (taken.includes(name)) name += "_";
    const lower: LowerBlock = (expr, special) => lowerer(around, { scale }, special)(expr);
    const lowerPair: LowerPair = (expr, special) => lowerer(around, { s, scale }, special)(expr);
    const sizeOf = (expr: spec.Expr) => sizeIn(around, expr);
    const sides = {
      query: sideOf(sparsity.rows, "query", name, around),
      key: sideOf(sparsity.keys, "key", name, around),
    };
    return lowerSelection(sparsity, name, visible, sides, sizeOf, lower, lowerPair, around.places);
  });
}

/** @param name of the choice */
function sideOf(side: BlockSide, of: keyof Sides, name: string, around: Surroundings): Side {
  if (side.kind === "size") return { kind: "size", size: sizeIn(around, side.size) };
  const declared = around.attention.tensors.find((tensor) => tensor.name === side.tensor)!;
  const bounds = lowerTensor(declared, around);
  const extents = bounds.extents.map((each) => foldConstants(each, "decide"));
  return { kind: "bounds", bounds: { ...bounds, extents }, chunks: chunksOf(`${name}.chunks.${of}`, of, bounds) };
}

const sizeIn = (around: Surroundings, expr: spec.Expr): number => Number(valueOfConstant(lowerer(around, {})(expr)));

function valueOfConstant(expr: Expr): Value {
  const folded = foldConstants(expr, "decide");
  return folded.kind === "const" ? folded.value : impossible("the size of a block is no constant");
}

type Surroundings = {
  readonly attention: spec.Attention;
  readonly settings: LowerSettings;
  /** Where tokens are stored in another order. */
  readonly places?: OrderedPlaces;
};

/** What the quantities of the clause at hand stand for. */
type Meanings = { readonly [Name in "s" | "p" | "lse" | "scale" | "visible"]?: Expr };

type Lower = (expr: spec.Expr) => Expr;

/** Applies clauses in order; each sees the result of the one before. */
function compose(clauses: readonly spec.Clause[], first: Expr, lowererFor: (before: Expr) => Lower): Expr {
  return clauses.reduce((before, { value }) => lowererFor(before)(value), first);
}

function lowerNormalize(normalize: spec.Normalize, lower: Lower): Normalize {
  if (normalize.kind !== "softmax" || !normalize.sink) return { kind: normalize.kind };
  return { kind: "softmax", sink: lower(normalize.sink) };
}

function lowerParamDeclaration(declared: spec.Param, around: Surroundings): Param {
  const { name, type, default: preset } = declared;
  const param = { name, type, range: promisedRange(declared, around) };
  return preset === undefined ? param : { ...param, default: preset };
}

function lowerTensor(tensor: spec.TensorParam, around: Surroundings): Tensor {
  const { name, span, element, sorted } = tensor;
  const range = promisedRange(tensor, around);
  return { name, span, element, range, sorted, extents: tensor.axes.map((axis) => axisExtent(axis, around)) };
}

/** Bounds that are const parameters are numbers now; they hold beside those that were written as numbers. */
function promisedRange({ range, constBounds }: Promised, around: Surroundings): spec.Range {
  if (!constBounds) return range;
  const bound = (name: string | undefined) => (name === undefined ? [] : [Number(constValue(name, around).value)]);
  const lows = [...(range.low === undefined ? [] : [range.low]), ...bound(constBounds.low)];
  const highs = [...(range.high === undefined ? [] : [range.high]), ...bound(constBounds.high)];
  return {
    ...(lows.length > 0 && { low: Math.max(...lows) }),
    ...(highs.length > 0 && { high: Math.min(...highs) }),
  };
}

type Promised = Pick<spec.Param, "range" | "constBounds">;

/** A function that lowers expressions of one clause; what it has seen, it remembers. */
function lowerer(
  around: Surroundings,
  meanings: Meanings,
  special: (leaf: spec.Expr) => Expr | undefined = none,
): Lower {
  const lowered = new Map<spec.Expr, Expr>();
  /** What is special is not made of anything. */
  const childrenOf = (expr: spec.Expr): readonly spec.Expr[] => {
    const known = lowered.get(expr) ?? special(expr);
    if (known) lowered.set(expr, known);
    return known ? [] : expr.kind === "apply" ? expr.args : expr.kind === "element" ? expr.at : [];
  };
  return (root) => {
    for (const expr of postorder([root], childrenOf)) {
      const parts = childrenOf(expr).map((child) => lowered.get(child)!);
      if (!lowered.has(expr)) lowered.set(expr, lowerNode(expr, parts, around, meanings));
    }
    return lowered.get(root)!;
  };
}

const none = () => undefined;

function lowerNode(expr: spec.Expr, parts: readonly Expr[], around: Surroundings, meanings: Meanings): Expr {
  switch (expr.kind) {
    case "literal":
      return constant(expr.type, expr.value);
    case "position":
      return placeOn(expr.axis, around);
    case "coordinate":
      return coordinateOf(expr.of, expr.axis, around);
    case "length":
      return length(expr.axis, around);
    case "quantity":
      return meanings[expr.name] ?? impossible(`\`${expr.name}\` has no meaning in this clause`);
    case "product":
      return quantity(products[`${expr.left}${expr.right}`] ?? impossible(`dot(${expr.left}, ${expr.right})`));
    case "param":
      return lowerParam(expr.name, around);
    case "element":
      return lowerElement(expr.tensor, parts, around);
    case "block":
    case "chosen":
    case "reduce":
    case "pooled":
      return impossible(`a ${expr.kind} in a mask, a score or a weight`);
    case "apply":
      return op(expr.op, ...parts);
  }
}

const products: Readonly<Record<string, Quantity>> = {
  QK: "dot",
  KQ: "dot",
  QQ: "queryNorm2",
  KK: "keyNorm2",
  VV: "valueNorm2",
};

function lowerParam(name: string, around: Surroundings): Expr {
  const declared = around.attention.params.find((each) => each.name === name) ?? impossible(`parameter ${name}`);
  if (!declared.const) return param(declared.type, name);
  const { type, value } = constValue(name, around);
  return constant(type, value);
}

/** The value of a const parameter. Floats are rounded to f32 like every float that comes from a caller. */
function constValue(name: string, { attention, settings }: Surroundings): { type: ScalarType; value: Value } {
  const declared = attention.params.find((each) => each.name === name) ?? impossible(`parameter ${name}`);
  const value = settings.consts[name] ?? declared.default ?? impossible(`const parameter ${name} has no value`);
  return { type: declared.type, value: declared.type === "float" ? Math.fround(Number(value)) : value };
}

const lengths: Readonly<Record<string, Extent>> = {
  batch: "batch",
  head: "heads",
  kv: "kvHeads",
  query: "queries",
  key: "keys",
  token: "keys",
  dim: "dim",
  value_dim: "valueDim",
};

function length(axis: string, around: Surroundings): Expr {
  const gridAxis = around.attention.grid?.axes.find(({ name }) => name === axis);
  if (gridAxis?.extent) return lowerer(around, {})(gridAxis.extent);
  if (axis === "group") return op("floorDiv", extent("heads"), extent("kvHeads"));
  return extent(lengths[axis] ?? `axis:${axis}`);
}

function placeOn(axis: Axis, around: Surroundings): Expr {
  if (axis === "query" || axis === "key") return positionOf(axis, around);
  return axis === "kv" && around.places ? around.places.kv : coord(axis);
}

const positionOf = (of: "query" | "key", { places }: Surroundings): Expr => places?.position(of) ?? coord(of);

function coordinateOf(of: "query" | "key", axis: string, around: Surroundings): Expr {
  const value = gridCoordinate(of, axis, around);
  return around.places ? around.places.coordinate(of, value, axis) : value;
}

/** Row-major, outermost axis first: (position − origin) // (product of the inner extents), modulo the axis's own extent.
 *  The outermost axis is not wrapped: tokens outside of the grid have coordinates outside of it. */
function gridCoordinate(of: "query" | "key", axis: string, around: Surroundings): Expr {
  const grid = around.attention.grid ?? impossible(`${of}.${axis} without a grid`);
  const place = grid.axes.findIndex(({ name }) => name === axis);
  const token = op("sub", coord(of), lowerer(around, {})(grid.origin));
  const inner = grid.axes.slice(place + 1).map(({ name }) => length(name, around));
  const step = inner.reduce((product, each) => op("mul", product, each), int(1));
  const steps = op("floorDiv", token, step);
  return place === 0 ? steps : op("floorMod", steps, length(axis, around));
}

function lowerElement(name: string, written: readonly Expr[], around: Surroundings): Expr {
  const tensor = around.attention.tensors.find((each) => each.name === name) ?? impossible(`tensor ${name}`);
  const rest = [...written];
  const at = tensor.axes.map((axis) => {
    if (axis.kind === "implicit") return placeOn(axis.axis, around);
    const index = rest.shift() ?? impossible(`an index of ${name} is missing`);
    return axis.kind === "position" && axis.axis === "query" ? rowOf(index, around) : index;
  });
  return load(SCALAR_OF[tensor.element], name, at);
}

/** The row of this call at which a query position stands. A position that is not the current one is clamped first,
 *  so that the subtraction cannot wrap around. */
function rowOf(position: Expr, { places }: Surroundings): Expr {
  const start = extent("queryStart");
  if (places?.moves("query") && position === places.position("query")) return places.row();
  if (position === coord("query")) return op("sub", position, start);
  const last = op("add", start, op("sub", extent("queries"), int(1)));
  return op("sub", op("min", op("max", position, start), last), start);
}

function axisExtent(axis: spec.TensorAxis, around: Surroundings): Expr {
  switch (axis.kind) {
    case "implicit":
      return length(axis.axis, around);
    case "position":
      return length(axis.axis, around);
    case "extent":
      return lowerer(around, {})(axis.extent);
    case "fresh":
      return extent(`axis:${axis.name}`);
  }
}

function impossible(what: string): never {
  throw new Error(`the checker let through what cannot be lowered: ${what}`);
}
