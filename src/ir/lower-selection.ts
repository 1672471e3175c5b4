// Sparsity → Selection: a block's score becomes a function of products of rows that are made of its rows, regions conditions on
// the numbers of the block. What kernels do not compute yet has no selection.

import type * as choice from "../spec/choice.ts";
import { regionValue, ruleValue } from "../spec/parts.ts";
import type * as spec from "../spec/spec.ts";
import { countsOf } from "./chunk-counts.ts";
import type { Expr, Tensor } from "./expr.ts";
import type { LowerPair } from "./lower-importance.ts";
import type { OrderedPlaces } from "./lower-order.ts";
import { isPairFold, pairFolder } from "./lower-pair-fold.ts";
import { isCount, isProduct, type ProductLowerer, productLowerer } from "./lower-pools.ts";
import { bool, conjunction, coord, extent, float, int, load, op } from "./make.ts";
import { PRODUCTS, type Selection } from "./selection.ts";
import { blockAt, blocksOnSide, chunkTensors, type Side, type Sides } from "./sides.ts";
import { substitute } from "./walk.ts";

/** Lowers an expression, asking `special` first about leaves that masks and scores do not have. */
export type LowerBlock = (expr: spec.Expr, special: (leaf: spec.Expr) => Expr | undefined) => Expr;

const MOST = 2 ** 30;

/** What the language describes of a sparsity and no kernel computes; undefined where there is nothing.
 *  @param attention that has it */
export function uncompiledPart(
  { score, keep, among, always }: choice.Sparsity,
  attention: spec.Attention,
): string | undefined {
  const { params, scores } = attention;
  const regions = always.map(({ region }) => regionValue(region));
  const conditions = [among, keep.least, keep.most, ruleValue(keep.rule), ...regions];
  const isKnown = (leaf: spec.Expr) => isKnownLeaf(leaf, params);
  if (conditions.some((each) => each && !leavesOf(each).every(isKnown))) return "condition";
  const leaves = score ? leavesOf(score) : [];
  const products = leaves.filter(({ kind }) => kind === "pooled");
  const readsNorms = scores.some(({ value }) => leavesOf(value).some(isNorm));
  const isFolded = (leaf: spec.Expr) => isPairFold(leaf) && !readsNorms;
  const computed = leaves.every((leaf) => isKnown(leaf) || isProduct(leaf, attention) || isFolded(leaf));
  return computed && products.length <= PRODUCTS.length ? undefined : "score";
}

/** Problems are found before: see `uncompiledPart`.
 *  @param name of the choice, unlike any tensor or parameter
 *  @param visible of pairs
 *  @param sides how its tokens are cut
 *  @param sizeOf the value of a constant expression
 *  @param lower expressions of blocks
 *  @param lowerPair those of pairs
 *  @param places where tokens are stored in another order */
export function lowerSelection(
  sparsity: choice.Sparsity,
  name: string,
  visible: Expr,
  sides: Sides,
  sizeOf: (expr: spec.Expr) => number,
  lower: LowerBlock,
  lowerPair: LowerPair,
  places: OrderedPlaces | undefined,
): Selection {
  const pools = productLowerer(sides, sizeOf, (condition) => lowerPair(condition, () => undefined));
  const pairs = pairFolder(name, sparsity.span, visible, sides, lowerPair);
  const block = (expr: spec.Expr) => lower(expr, (leaf) => pairs.find(leaf) ?? lowerLeaf(leaf, pools, block));
  // What is asked of a line of blocks is asked at its first.
  const first = [coord("key"), ...(sparsity.keep.over === "all" ? [coord("query")] : [])];
  const ofLine = (expr: spec.Expr) => substitute(block(expr), (node) => (first.includes(node) ? int(0) : undefined));
  const { keep, always, score, among, share } = sparsity;
  const { rule } = keep;
  const chosen = chosenTensor(name, sides, sparsity.span);
  const placeOf = (position: Expr) => places?.place(position) ?? position;
  const ofRows = (region: choice.Region) => region.kind === "diagonal" && places !== undefined;
  const forced = (within: boolean) =>
    always
      .filter((each) => each.within === within && !ofRows(each.region))
      .map(({ region }) => lowerRegion(region, sides, block, placeOf))
      .reduce((any, each) => op("or", any, each), bool(false));
  const forcedByRow = (within: boolean) =>
    places && always.some((each) => each.within === within && ofRows(each.region))
      ? contains(places.position("query"), sides.key, placeOf)
      : bool(false);
  return {
    name,
    ...{ chosen, sides },
    ...(chunkTensors(sides).length > 0 && { counts: countsOf(chosen) }),
    score: score ? block(score) : float(0),
    ...{ products: pools.products, pairs: pairs.folds, importances: pairs.importances },
    ...(share && { share }),
    visible,
    among: among ? block(among) : bool(true),
    holds: rule.kind === "where" ? block(rule.condition) : bool(true),
    forced: forced(true),
    added: forced(false),
    forcedByRow: forcedByRow(true),
    addedByRow: forcedByRow(false),
    rule: lowerRule(keep),
    line: keep.over,
    amount: rule.kind === "where" ? int(0) : ofLine(ruleValue(rule)),
    least: keep.least ? ofLine(keep.least) : int(0),
    most: keep.most ? ofLine(keep.most) : int(MOST),
  };
}

/** Whether the block of a pair is chosen; where there are no chunks at all, none is. */
export function isChosen({ name, sides }: Pick<Selection, "name" | "sides">): Expr {
  const row = op("sub", coord("query"), extent("queryStart"));
  const at = [blockAt(sides.query, row), blockAt(sides.key, coord("key"))];
  const counts = (["query", "key"] as const)
    .filter((of) => sides[of].kind === "bounds")
    .map((of) => blocksOnSide(sides[of], of).count);
  const exist = [...new Set(counts)].map((count) => op("gt", count, int(0)));
  return conjunction([...exist, op("ne", load("int", name, [coord("batch"), coord("head"), ...at]), int(0))]);
}

function chosenTensor(name: string, { query, key }: Sides, span: Tensor["span"]): Tensor {
  const blocks = [blocksOnSide(query, "query").count, blocksOnSide(key, "key").count];
  const extents = [extent("batch"), extent("heads"), ...blocks];
  return { name, element: "i32", extents, range: { low: 0, high: 1 }, sorted: false, span };
}

function lowerRule({ rule, otherwise }: choice.Sparsity["keep"]): Selection["rule"] {
  if (rule.kind === "mass") return { kind: "mass", before: rule.before, otherwise };
  return rule.kind === "ratio" ? { kind: "ratio", rounding: rule.rounding } : { kind: rule.kind };
}

type Block = (expr: spec.Expr) => Expr;

function lowerLeaf(leaf: spec.Expr, { product, count }: ProductLowerer, block: Block): Expr | undefined {
  switch (leaf.kind) {
    case "block":
      return coord(leaf.of);
    case "reduce":
      return count(leaf.reduction);
    case "pooled":
      return product(leaf, block);
    default:
      return undefined;
  }
}

function lowerRegion(region: choice.Region, sides: Sides, block: Block, placeOf: (position: Expr) => Expr): Expr {
  const j = coord("key");
  switch (region.kind) {
    case "where":
      return block(region.condition);
    case "first":
      return op("lt", j, block(region.value));
    case "last":
      return op("ge", j, op("sub", blocksOnSide(sides.key, "key").alive, block(region.value)));
    case "contains":
      return contains(block(region.value), sides.key, placeOf);
    case "diagonal": {
      const [rows, keys] = [blocksOnSide(sides.query, "query"), blocksOnSide(sides.key, "key")];
      const position = (row: Expr) => op("add", extent("queryStart"), row);
      const [first, last] = [position(rows.first), position(op("sub", rows.end, int(1)))];
      return op("and", op("le", first, op("sub", keys.end, int(1))), op("ge", last, keys.first));
    }
  }
}

/** Whether the key at a position lies in the block. */
function contains(position: Expr, side: Side, placeOf: (position: Expr) => Expr): Expr {
  const isThere = op("and", op("ge", position, int(0)), op("lt", position, extent("keys")));
  return op("and", isThere, op("eq", coord("key"), blockAt(side, placeOf(position))));
}

/** Counts of a block's tokens, and what needs no reduction at all. */
function isKnownLeaf(leaf: spec.Expr, params: readonly spec.Param[]): boolean {
  if (leaf.kind === "quantity") return leaf.name === "scale";
  if (leaf.kind === "reduce") return isCount(leaf.reduction, params);
  return leaf.kind !== "product" && leaf.kind !== "pooled";
}

const isNorm = (leaf: spec.Expr) => leaf.kind === "product" && leaf.left === leaf.right;

function leavesOf(root: spec.Expr): readonly spec.Expr[] {
  const seen = new Set<spec.Expr>([root]);
  for (const node of seen) {
    const parts = node.kind === "apply" ? node.args : node.kind === "element" ? node.at : [];
    for (const part of [...parts, ...(node.kind === "pooled" ? factorsOf(node) : [])]) seen.add(part);
  }
  return [...seen].filter(({ kind }) => kind !== "apply");
}

const factorsOf = ({ left, right }: Extract<spec.Expr, { kind: "pooled" }>) =>
  [left, right].flatMap(({ factor }) => (factor ? [factor] : []));
