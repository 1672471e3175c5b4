// The tokens of the blocks that a call may choose, as numbers: what src/ir/sides.ts says of them, evaluated batch by batch.

import { type Bindings, evaluator, startPoint } from "../ir/evaluate.ts";
import { blocksOnSide, type Side, type Sides } from "../ir/sides.ts";

/** Which tokens the blocks of a side hold. */
export type Spans = {
  readonly count: number;
  /** How many can hold tokens of the batch. */
  alive(batch: number): number;
  /** The first token of a block, and the one behind its last. */
  of(batch: number, block: number): { readonly first: number; readonly end: number };
};

export function spanner(side: Side, of: keyof Sides, length: number, bindings: Bindings): Spans {
  const blocks = blocksOnSide(side, of);
  const [alive, first, end, count] = [blocks.alive, blocks.first, blocks.end, blocks.count].map((expr) => {
    const value = evaluator(expr, "decide", bindings);
    return (batch: number, block: number) => Number(value({ ...startPoint(), batch, [of]: block }));
  }) as [Bound, Bound, Bound, Bound];
  return {
    count: side.kind === "size" ? Math.ceil(length / side.size) : count(0, 0),
    alive: (batch) => alive(batch, 0),
    of: (batch, block) => ({ first: first(batch, block), end: end(batch, block) }),
  };
}

type Bound = (batch: number, block: number) => number;
