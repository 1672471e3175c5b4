// The steps that choose blocks before the passes over the keys: pools of rows, scores of blocks, the choice. They cost a part
// of 1 / (rows · keys of a block) of the attention, so they are written for exactness, in f32 and in one order on every target.

import { dependencies } from "../analysis/depends.ts";
import type { Environment } from "../analysis/interval.ts";
import { NO_SUMMARIES } from "../analysis/tile/evaluate.ts";
import { countFolds } from "../ir/chunk-counts.ts";
import type * as ir from "../ir/expr.ts";
import { coord, extent, int, op } from "../ir/make.ts";
import { type Order, storedHeads } from "../ir/order.ts";
import { type PairFold, pairFoldRoots } from "../ir/pair-fold.ts";
import { type Pool, PRODUCTS, type Selection } from "../ir/selection.ts";
import { blocksOnSide, chunkOf, type Sides } from "../ir/sides.ts";
import type { TensorFold } from "../ir/statistics.ts";
import { importanceStep } from "./order.ts";
import type { Buffer, ChoosePlan, Dims, FoldPlan, PairsPlan, PoolPlan, Rows, Step, StepOf } from "./plan.ts";
import { chooseTraversal, maskFacts } from "./traversal.ts";

export type SelectionSteps = { readonly steps: readonly Step[]; readonly scratch: readonly Buffer[] };

/** @param promises what holds in every call
 *  @param taken names that scratch and locals must not repeat */
export function selectionSteps(
  attention: ir.AttentionIr,
  dims: Dims,
  rows: Rows,
  promises: Environment,
  taken: ReadonlySet<string>,
): SelectionSteps {
  const all = attention.selections.map((selection) => stepsOf(selection, attention.order, dims, rows, promises, taken));
  return { steps: all.flatMap(({ steps }) => steps), scratch: all.flatMap(({ scratch }) => scratch) };
}

function stepsOf(
  selection: Selection,
  order: Order | undefined,
  dims: Dims,
  rows: Rows,
  promises: Environment,
  taken: ReadonlySet<string>,
): SelectionSteps {
  const { name, sides, chosen } = selection;
  const scores = `${name}.scores`;
  const reads = dependencies(selection.score).quantities;
  const products = selection.products
    .map((pools, place) => ({ ...pools, name: PRODUCTS[place]! }))
    .filter((product) => reads.has(product.name));
  const pools = new Map(
    products.flatMap(({ query, key }) => [query, key]).map((pool) => [poolName(selection, pool), pool]),
  );
  const names = new Set([...taken, chosen.name]);
  const walk = chooseTraversal(maskFacts(selection.visible, promises, NO_SUMMARIES), undefined, names);
  const rowSteps = selection.importances.map((each) => importanceStep(each, dims, rows));
  const pairs = selection.pairs.map((fold) => pairsStep(fold, sides, dims, rows));
  const plan: ChoosePlan = {
    kind: "choose",
    selection,
    products: products.map((each) => ({
      ...{ name: each.name, query: poolName(selection, each.query), key: poolName(selection, each.key) },
    })),
    scores,
    dims,
    head: walk.head,
    queryTile: walk.queryTile,
    traversal: walk.traversal,
  };
  const loaded = dependencies(...selectionExpressions(plan)).tensors;
  const choose: StepOf<ChoosePlan> = {
    name: `choose.${name}`,
    plan,
    reads: [...pools.keys(), ...loaded, "key_lengths", "query_start"],
    writes: [scores, chosen.name],
  };
  const scratch = (buffer: string, extents: readonly ir.Expr[], element: "f32" | "i32" = "f32"): Buffer => {
    return { name: buffer, role: "scratch", element, extents };
  };
  const blocks = { query: blocksOnSide(sides.query, "query").count, key: blocksOnSide(sides.key, "key").count };
  const heads = { query: "heads", key: order ? storedHeads(order) : "kvHeads" } as const;
  const chunks = chunkSteps(sides);
  const counts = countSteps(selection);
  return {
    steps: [
      ...chunks,
      ...[...pools].map(([pooled, pool]) => poolStep(pooled, pool, selection, dims, rows)),
      ...[...rowSteps.map(({ step }) => step), ...pairs, choose, ...counts],
    ],
    scratch: [
      ...rowSteps.flatMap((each) => each.scratch),
      ...selection.pairs.map(({ tensor }) => scratch(tensor.name, tensor.extents)),
      ...[...chunks, ...counts].map(({ plan: { fold } }) => scratch(fold.tensor.name, fold.tensor.extents, "i32")),
      ...[...pools].map(([pooled, { of }]) =>
        scratch(pooled, [extent("batch"), extent(heads[of]), blocks[of], int(dims.dim)]),
      ),
      scratch(scores, [extent("batch"), extent("heads"), blocks.query, blocks.key]),
      scratch(chosen.name, chosen.extents, "i32"),
    ],
  };
}

function pairsStep(fold: PairFold, sides: Sides, dims: Dims, rows: Rows): StepOf<PairsPlan> {
  const loaded = dependencies(...pairFoldRoots([fold]).map(({ expr }) => expr), ...endsOf(sides)).tensors;
  const { name } = fold.tensor;
  const plan: PairsPlan = { kind: "pairs", fold, sides, dims, rows };
  return { name, plan, reads: ["query", "key", ...loaded, ...LENGTHS], writes: [name] };
}

/** The steps that find the chunk of every token, where chunks begin where a tensor says. */
function chunkSteps(sides: Sides): readonly StepOf<FoldPlan>[] {
  return (["query", "key"] as const).flatMap((of) => {
    const side = sides[of];
    if (side.kind === "size") return [];
    const { bounds, chunks: tensor } = side;
    const place = of === "key" ? coord("key") : op("sub", coord("query"), extent("queryStart"));
    const plan: FoldPlan = { kind: "fold", fold: { tensor, axes: ["batch", of], value: chunkOf(side, place) } };
    const reads = [bounds.name, ...LENGTHS];
    return [{ name: `fold.${tensor.name}`, plan, reads, writes: [tensor.name] }];
  });
}

/** The steps that count what is chosen, for a walk whose tiles meet several chunks. */
function countSteps({ chosen, counts }: Selection): readonly StepOf<FoldPlan>[] {
  const [inRow, soFar] = counts ? countFolds(counts, chosen) : [];
  const step = (fold: TensorFold | undefined, read: string): readonly StepOf<FoldPlan>[] => {
    if (!fold) return [];
    const { name } = fold.tensor;
    return [{ name: `fold.${name}`, plan: { kind: "fold", fold }, reads: [read, ...LENGTHS], writes: [name] }];
  };
  return [...step(inRow, chosen.name), ...step(soFar, counts?.inRow.name ?? "")];
}

/** What every fold reads of a batch. */
const LENGTHS = ["key_lengths", "query_start"] as const;

/** The scratch of a pool, which several products may read: `chosen.key.max.last16`. */
function poolName({ name, products }: Selection, { of, op, range, where }: Pool): string {
  const made = where?.isMean ? "mean" : op;
  const parts = [...(made === "sum" ? [] : [made]), ...(range ? [`${range.kind}${range.count}`] : [])];
  const conditions = [...new Set(products.flatMap(({ query, key }) => [query.where?.takes, key.where?.takes]))];
  return [name, of, ...parts, ...(where ? [`where${conditions.indexOf(where.takes)}`] : [])].join(".");
}

function poolStep(pooled: string, pool: Pool, { sides }: Selection, dims: Dims, rows: Rows): StepOf<PoolPlan> {
  const { of } = pool;
  const side = sides[of];
  const plan: PoolPlan = { kind: "pool", pool, side, pooled, dims, rows };
  const ofBatch = pool.where ? LENGTHS : of === "key" ? ["key_lengths"] : [];
  const loaded = pool.where ? dependencies(pool.where.takes).tensors : [];
  const reads = [of, ...new Set([...(side.kind === "bounds" ? [side.bounds.name] : []), ...loaded]), ...ofBatch];
  return { name: `pool.${pooled}`, plan, reads, writes: [pooled] };
}

/** Everything that the step computes, for those who ask what it reads. */
export function selectionExpressions({ selection, head, queryTile, traversal }: ChoosePlan): readonly ir.Expr[] {
  const { sides, score, visible, among, holds, forced, added, forcedByRow, addedByRow } = selection;
  const { amount, least, most } = selection;
  const regions = [traversal.may, traversal.must].flatMap((region) =>
    region ? [...region.lets.map(({ value }) => value), region.value] : [],
  );
  const lets = [...head, ...queryTile].map(({ value }) => value);
  const ofBlocks = [score, visible, among, holds, forced, added, forcedByRow, addedByRow];
  return [...endsOf(sides), ...ofBlocks, amount, least, most, ...lets, ...regions];
}

/** Where blocks begin and end. */
const endsOf = (sides: Sides): readonly ir.Expr[] =>
  (["query", "key"] as const).map((of) => blocksOnSide(sides[of], of)).flatMap(({ first, end }) => [first, end]);
