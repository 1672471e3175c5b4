// Scores of blocks that are made of their pairs: what the keys of a block come to for each of its rows, and what that comes to
// along the rows. What all keys of a row come to is an `Importance` of the row.

import type { Arithmetic } from "./arithmetic.ts";
import type { Expr, Tensor } from "./expr.ts";
import type { FoldOp } from "./statistics.ts";

export type PairFold = {
  /** f32 [batch, heads, row blocks, key blocks]. */
  readonly tensor: Tensor;
  /** Along the rows of the block: those that take part, and what each comes to, where `score` is what its keys do. */
  readonly rows: BlockFold;
  /** Along the keys of the block, for one row: of pairs, from `dot`. */
  readonly keys: BlockFold;
};

export type BlockFold = { readonly op: FoldOp; readonly takes: Expr; readonly value: Expr };

export type PairFoldRoot = { readonly name: string; readonly expr: Expr; readonly arithmetic: Arithmetic };

/** Their expressions, by name. */
export const pairFoldRoots = (all: readonly PairFold[]): readonly PairFoldRoot[] =>
  all.flatMap(({ tensor: { name }, ...fold }) =>
    AXES.flatMap((axis) => [
      { name: `${name}.${axis}.takes`, expr: fold[axis].takes, arithmetic: "decide" } as const,
      { name: `${name}.${axis}.value`, expr: fold[axis].value, arithmetic: "real" } as const,
    ]),
  );

/** With their expressions as they are found under their names. */
export const withPairFoldRoots = (all: readonly PairFold[], find: (name: string) => Expr): readonly PairFold[] =>
  all.map((fold) => {
    const along = (axis: (typeof AXES)[number]): BlockFold => {
      const part = (of: "takes" | "value") => find(`${fold.tensor.name}.${axis}.${of}`);
      return { ...fold[axis], takes: part("takes"), value: part("value") };
    };
    return { ...fold, rows: along("rows"), keys: along("keys") };
  });

const AXES = ["rows", "keys"] as const;
