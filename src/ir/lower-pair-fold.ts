// `max[query] (max[key] s - max[row] s)` → PairFold: what a block's pairs come to, row by row, becomes a tensor of blocks, and
// what all keys of a row come to, where the rows read it, a tensor of rows. A mean is a sum, divided by the count of what it is of.
// `max[key] max[query] s` is the same fold row by row.

import type * as choice from "../spec/choice.ts";
import type * as spec from "../spec/spec.ts";
import type { Expr, Tensor } from "./expr.ts";
import type { Importance } from "./importance.ts";
import { isOfPair, isPlainRange, type LowerPair } from "./lower-importance.ts";
import { bool, coord, extent, float, int, load, op, quantity } from "./make.ts";
import type { BlockFold, PairFold } from "./pair-fold.ts";
import { blockAt, blocksOnSide, type Sides } from "./sides.ts";
import type { FoldOp, RowRange } from "./statistics.ts";
import { nodesOf } from "./uncompiled-output.ts";
import { substitute } from "./walk.ts";

/** Whether a leaf of a block's score is computed from its pairs. */
export const isPairFold = (leaf: spec.Expr): boolean => foldOf(leaf) !== undefined;

export type PairFolder = {
  /** Those that were found so far. */
  readonly folds: readonly PairFold[];
  readonly importances: readonly Importance[];
  /** Problems are found before: see `isPairFold`. */
  readonly find: (leaf: spec.Expr) => Expr | undefined;
};

/** @param name of the choice
 *  @param visible of pairs
 *  @param sides how its tokens are cut */
export function pairFolder(
  name: string,
  span: Tensor["span"],
  visible: Expr,
  sides: Sides,
  lower: LowerPair,
): PairFolder {
  const folds: PairFold[] = [];
  const importances: Importance[] = [];

  function find(leaf: spec.Expr): Expr | undefined {
    const found = foldOf(leaf);
    if (!found) return undefined;
    const { rows, keys } = found;
    const value = lower(rows.operand, (inner) => {
      if (inner === keys.node) return meanOf(keys, "key", quantity("score"));
      return isWhole(inner) ? ofRow(inner.reduction, takenBy(rows)) : undefined;
    });
    const folded = ofBlock({ op: FOLDED[rows.op], takes: takenBy(rows), value }, ofPairs(keys, inBlock("key")));
    return meanOf(rows, "query", folded);
  }

  /** What all keys of a row come to, where the row takes part. */
  function ofRow(reduction: choice.Reduction, asked: Expr): Expr {
    const along = { first: int(0), end: extent("keys") };
    const folded = ofPairs(reduction as Fold, along);
    const isSame = (one: Importance) =>
      one.op === folded.op && one.takes === folded.takes && one.value === folded.value && one.asked === asked;
    const known = importances.find(isSame);
    const tensor = known?.tensor ?? tensorOf(`${name}.row${importances.length}`, [extent("queries")]);
    if (!known) importances.push({ of: "query", tensor, along, asked, ...folded });
    return load("float", tensor.name, [...HEAD, ROW]);
  }

  /** A largest or least value is that of pairs which see each other. */
  function ofPairs(reduction: Fold, within: RowRange): BlockFold {
    const isOfSeen = reduction.op === "max" || reduction.op === "min";
    const takes = taken(reduction, coord("key"), within);
    return {
      ...{ op: FOLDED[reduction.op], takes: isOfSeen ? op("and", visible, takes) : takes },
      value: lower(reduction.operand, none),
    };
  }

  const takenBy = (rows: Fold): Expr => taken(rows, ROW, inBlock("query"));

  /** Whether a place of the axis takes part. */
  function taken({ range }: Fold, place: Expr, { first, end }: RowRange): Expr {
    if (!range) return bool(true);
    if (range.kind === "where") return lower(range.condition, none);
    const behind = range.kind === "first" ? op("sub", place, first) : op("sub", op("sub", end, int(1)), place);
    return op("lt", behind, lower(range.count, none));
  }

  /** The tokens of the block that a place of the axis lies in. */
  function inBlock(of: keyof Sides): RowRange {
    const { first, end } = blocksOnSide(sides[of], of);
    const block = blockAt(sides[of], of === "query" ? ROW : coord("key"));
    const ofPlace = (expr: Expr) => substitute(expr, (node) => (node === coord(of) ? block : undefined));
    return { first: ofPlace(first), end: ofPlace(end) };
  }

  function meanOf(fold: Fold, of: keyof Sides, value: Expr): Expr {
    if (fold.op !== "mean") return value;
    return op("div", value, op("max", countOf(fold, of), float(1)));
  }

  /** How many tokens of the block take part: a fold of ones where a condition picks them. */
  function countOf({ range }: Fold, of: keyof Sides): Expr {
    if (range?.kind === "where")
      return ofBlock({ op: "sum", takes: lower(range.condition, none), value: float(1) }, NO_KEYS);
    const { first, end } = blocksOnSide(sides[of], of);
    const all = op("sub", end, first);
    return op("toFloat", range ? op("min", all, lower(range.count, none)) : all);
  }

  /** What a block comes to. */
  function ofBlock(rows: BlockFold, keys: BlockFold): Expr {
    const blocks = [blocksOnSide(sides.query, "query").count, blocksOnSide(sides.key, "key").count];
    const tensor = tensorOf(`${name}.pairs${folds.length}`, blocks);
    folds.push({ tensor, rows, keys });
    return load("float", tensor.name, [...HEAD, coord("query"), coord("key")]);
  }

  const tensorOf = (of: string, extents: readonly Expr[]): Tensor => ({
    ...{ name: of, element: "f32", range: {}, sorted: false, span },
    extents: [extent("batch"), extent("heads"), ...extents],
  });

  return { folds, importances, find };
}

const none = () => undefined;
const HEAD = [coord("batch"), coord("head")];
/** Where a row is stored. */
const ROW = op("sub", coord("query"), extent("queryStart"));
const NO_KEYS: BlockFold = { op: "sum", takes: bool(false), value: float(0) };

type Fold = choice.Reduction & { readonly op: keyof typeof FOLDED };

const FOLDED = { sum: "sum", mean: "sum", max: "max", min: "min" } as const satisfies Partial<
  Record<choice.Reduction["op"], FoldOp>
>;

type Found = { readonly rows: Fold; readonly keys: Fold & { readonly node: spec.Expr } };

/** A fold along the rows of a block of one along its keys. */
function foldOf(leaf: spec.Expr): Found | undefined {
  return rowByRow(leaf) ?? turned(leaf);
}

/** A fold along the keys of the same along the rows. */
function turned(leaf: spec.Expr): Found | undefined {
  const keys = leaf.kind === "reduce" ? foldAlong(leaf.reduction, "key") : undefined;
  const inner = keys?.operand;
  const rows = inner?.kind === "reduce" ? foldAlong(inner.reduction, "query") : undefined;
  if (!keys || keys.whole || !rows || rows.op !== keys.op || !isOfPairs(rows) || asksForKey(rows)) return undefined;
  return { rows: { ...rows, operand: leaf }, keys: { ...keys, operand: rows.operand, node: leaf } };
}

const asksForKey = ({ range }: Fold): boolean => range?.kind === "where" && nodesOf(range.condition).some(isOfKey);

const isOfKey = (node: spec.Expr): boolean =>
  (node.kind === "position" && node.axis === "key") || (node.kind === "coordinate" && node.of === "key");

function rowByRow(leaf: spec.Expr): Found | undefined {
  const rows = leaf.kind === "reduce" ? foldAlong(leaf.reduction, "query") : undefined;
  if (!rows) return undefined;
  const inside = nodesOf(rows.operand).filter((node) => node.kind === "reduce");
  const [node, ...more] = inside.filter(({ reduction }) => !reduction.whole);
  const keys = node && foldAlong(node.reduction, "key");
  if (!keys || more.length > 0 || !isOfPairs(keys)) return undefined;
  const isKnown = (each: spec.Expr) => each === node || isWhole(each) || isOfRow(each);
  return nodesOf(rows.operand).every(isKnown) ? { rows, keys: { ...keys, node } } : undefined;
}

/** A fold of floats along an axis, of all of it or of a part; means of what a condition picks are of rows. */
function foldAlong(reduction: choice.Reduction, along: "query" | "key"): Fold | undefined {
  const { op: fold, axis, range, operand } = reduction;
  if (axis !== along || operand.type !== "float" || !(fold in FOLDED) || !isPlainRange(range)) return undefined;
  const isKnown = range?.kind !== "where" || fold !== "mean" || along === "query";
  return isKnown ? (reduction as Fold) : undefined;
}

const isOfPairs = ({ operand }: choice.Reduction) => nodesOf(operand).every(isOfPair);

type Whole = Extract<spec.Expr, { kind: "reduce" }>;

function isWhole(node: spec.Expr): node is Whole {
  if (node.kind !== "reduce" || !node.reduction.whole || node.reduction.op === "mean") return false;
  const found = foldAlong(node.reduction, "key");
  return found !== undefined && isOfPairs(found);
}

const isOfRow = (node: spec.Expr): boolean =>
  isOfPair(node) && node.kind !== "product" && !(node.kind === "quantity" && node.name === "s");
