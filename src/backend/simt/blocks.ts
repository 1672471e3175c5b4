// Blocks that a call may choose, as statements of a kernel: how many there are, and which tokens one has. `query` and `key`
// are the numbers of the blocks at hand.

import { blocksOnSide, type Side, type Sides } from "../../ir/sides.ts";
import type { Dialect } from "./dialect.ts";
import { type Surroundings, storedExtent } from "./scope.ts";
import { letStatements } from "./walk.ts";

/** wgsl/parts/block-row and cuda/parts/block-row */
export type BlocksView = {
  /** How many blocks of rows and of keys there are in the longest batch. */
  readonly rowBlocks: string;
  readonly keyBlocks: string;
  /** Statements that find how many blocks of keys may be `alive`. */
  readonly aliveStatements: readonly string[];
};

export const countOf = (side: Side, of: keyof Sides, dialect: Dialect): string =>
  storedExtent(blocksOnSide(side, of).count, dialect).text;

export function blocksView({ query, key }: Sides, around: Surroundings): BlocksView {
  const { alive } = blocksOnSide(key, "key");
  return {
    rowBlocks: countOf(query, "query", around.dialect),
    keyBlocks: countOf(key, "key", around.dialect),
    aliveStatements: letStatements([{ name: "alive", value: alive }], around, "v"),
  };
}

/** Statements that find `first_row` and `end_row`, or `first_key` and `end_key`. */
export function endStatements(side: Side, of: keyof Sides, around: Surroundings): readonly string[] {
  const { first, end } = blocksOnSide(side, of);
  const token = of === "query" ? "row" : "key";
  const lets = [
    { name: `first_${token}`, value: first },
    { name: `end_${token}`, value: end },
  ];
  return letStatements(lets, around, of === "query" ? "r" : "k");
}
