// Blocks that a call chooses before it attends. The choice is a tensor of zeros and ones that an earlier step writes and the
// mask reads, so that whoever plans or prints the pass over the keys needs to know nothing of how it was made.

import type { Arithmetic } from "./arithmetic.ts";
import type { ChunkCounts } from "./chunk-counts.ts";
import type { AttentionIr, Expr, Quantity, Tensor } from "./expr.ts";
import { type Importance, importanceRoots, withImportanceRoots } from "./importance.ts";
import { bool } from "./make.ts";
import { orderTensors } from "./order.ts";
import { type PairFold, pairFoldRoots, withPairFoldRoots } from "./pair-fold.ts";
import { chunkTensors, type Sides } from "./sides.ts";
import { type FoldOp, lseTensor, statisticsTensors } from "./statistics.ts";

/** One row made of rows of a block, element by element. */
export type Pool = {
  readonly of: "query" | "key";
  readonly op: FoldOp;
  /** So many of the block's rows take part, where it has as many; absent: all. A maximum or minimum is of one row at least. */
  readonly range?: { readonly kind: "first" | "last"; readonly count: number };
  /** Which rows take part, by their position; and whether the sum is divided by how many do. */
  readonly where?: { readonly takes: Expr; readonly isMean: boolean };
};

/** What the products of a block's pools are called in its score, in their order. A kernel holds a row of each in registers. */
export const PRODUCTS = ["dot", "dot2", "dot3", "dot4"] as const satisfies readonly Quantity[];

export type ProductName = (typeof PRODUCTS)[number];

/** The product of a pool of query rows with one of key rows. */
export type PoolProduct = { readonly query: Pool; readonly key: Pool };

/** In the expressions of a block, the coordinates `query` and `key` are its numbers i and j. */
export type Selection = {
  readonly name: string;
  /** i32, 1 where chosen: [batch, heads, row blocks, key blocks]. */
  readonly chosen: Tensor;
  /** Rows and keys of a block. */
  readonly sides: Sides;
  /** Where a tile may meet several chunks. */
  readonly counts?: ChunkCounts;
  /** What the block is worth, before heads share it, and the products that this reads under the names of `PRODUCTS`. */
  readonly score: Expr;
  readonly products: readonly PoolProduct[];
  /** What pairs come to, where the score reads that: of the blocks, and of the rows, which these read. */
  readonly pairs: readonly PairFold[];
  readonly importances: readonly Importance[];
  /** Heads choose by one score (`mean`, `max`), or each by its own, and what any or all of them choose is chosen. */
  readonly share?: { readonly how: "mean" | "max" | "any" | "all"; readonly over: "group" | "heads" };
  /** Of pairs: a block is a candidate where one of its pairs is visible. */
  readonly visible: Expr;
  /** Of blocks: may be chosen; meets the condition of `keep where`; chosen first; chosen on top. */
  readonly among: Expr;
  readonly holds: Expr;
  readonly forced: Expr;
  readonly added: Expr;
  /** Of a query row and a block of keys: a block is chosen first, or on top, also where it holds for one of its rows. */
  readonly forcedByRow: Expr;
  readonly addedByRow: Expr;
  readonly rule:
    | { readonly kind: "top" | "above" | "where" }
    | { readonly kind: "ratio"; readonly rounding: "floor" | "ceil" | "round" }
    | { readonly kind: "mass"; readonly before: boolean; readonly otherwise: "all" | "none" };
  /** What is chosen from: a row of blocks, or all blocks of a head. */
  readonly line: "row" | "all";
  /** N, R, P or T; and bounds of the count, of a row of blocks or of the first. */
  readonly amount: Expr;
  readonly least: Expr;
  readonly most: Expr;
};

/** Heads whose scores become one before they choose. */
export const sharedScores = ({ share }: Selection) =>
  share?.how === "mean" || share?.how === "max" ? { ...share, how: share.how } : undefined;

/** Heads whose choices become one after they chose. */
export const sharedChoices = ({ share }: Selection) =>
  share?.how === "any" || share?.how === "all" ? { ...share, how: share.how } : undefined;

/** What folds leave for the mask and the walk: where chunks are, and how many of them are chosen. */
export const foldedForWalk = ({ sides, counts }: Selection): readonly Tensor[] => [
  ...chunkTensors(sides),
  ...(counts ? [counts.inRow, counts.soFar] : []),
];

/** What the steps of a choice leave for the mask and the walk. */
export const choiceTensors = (selection: Selection): readonly Tensor[] => [
  selection.chosen,
  ...foldedForWalk(selection),
];

/** What the steps of a choice leave for each other alone. */
export const scoringTensors = ({ pairs, importances }: Selection): readonly Tensor[] =>
  [...pairs, ...importances].map(({ tensor }) => tensor);

/** Every tensor that expressions may read: those that the caller gives, and those that steps make. */
export const readableTensors = (attention: AttentionIr): readonly Tensor[] => {
  const { tensors, selections, order, statistics } = attention;
  return [
    ...tensors,
    ...(order ? [...orderTensors(order), ...order.importances.map(({ tensor }) => tensor)] : []),
    ...selections.flatMap((selection) => [...choiceTensors(selection), ...scoringTensors(selection)]),
    ...(statistics ? [...statisticsTensors(statistics), lseTensor(attention)] : []),
  ];
};

/** The expressions of a selection, by name. */
const PARTS = {
  score: "real",
  visible: "decide",
  among: "decide",
  holds: "decide",
  forced: "decide",
  added: "decide",
  forcedByRow: "decide",
  addedByRow: "decide",
  amount: "decide",
  least: "decide",
  most: "decide",
} as const satisfies Partial<Record<keyof Selection, Arithmetic>>;

type Part = keyof typeof PARTS;

/** Whether a condition of rows is asked at all. */
export const isAsked = (condition: Expr): boolean => condition !== bool(false);

export type SelectionRoot = { readonly name: string; readonly expr: Expr; readonly arithmetic: Arithmetic };

export function selectionRoots(selection: Selection): readonly SelectionRoot[] {
  const parts = Object.entries(PARTS) as [Part, Arithmetic][];
  return [
    ...parts.map(([part, arithmetic]) => ({ name: `${selection.name}.${part}`, expr: selection[part], arithmetic })),
    ...poolRoots(selection),
    ...pairFoldRoots(selection.pairs),
    ...importanceRoots(selection.importances),
  ];
}

/** Which rows take part in pools, by the product that these are of. */
function poolRoots({ name, products }: Selection): readonly SelectionRoot[] {
  return products.flatMap((product, index) =>
    POOLED.flatMap((side) => {
      const { where } = product[side];
      return where
        ? [{ name: `${name}.product${index}.${side}`, expr: where.takes, arithmetic: "decide" as const }]
        : [];
    }),
  );
}

const POOLED = ["query", "key"] as const;

function withPoolRoots({ name, products }: Selection, find: (name: string) => Expr): readonly PoolProduct[] {
  return products.map((product, index) => {
    const pool = (side: (typeof POOLED)[number]): Pool => {
      const { where, ...plain } = product[side];
      return { ...plain, ...(where && { where: { ...where, takes: find(`${name}.product${index}.${side}`) } }) };
    };
    return { query: pool("query"), key: pool("key") };
  });
}

/** The selection with its expressions as they are found under their names. */
export function withRoots(selection: Selection, find: (name: string) => Expr): Selection {
  const parts = Object.keys(PARTS).map((part) => [part, find(`${selection.name}.${part}`)]);
  return {
    ...{ ...selection, ...Object.fromEntries(parts) },
    products: withPoolRoots(selection, find),
    pairs: withPairFoldRoots(selection.pairs, find),
    importances: withImportanceRoots(selection.importances, find),
  };
}
