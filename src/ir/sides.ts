// How the tokens of a side are cut into blocks that a call may choose: every so many of them, or where a sorted tensor says
// that chunks begin. Everyone who counts blocks, or goes over the tokens of one, asks here.

import type { Expr, Tensor } from "./expr.ts";
import { coord, extent, int, load, op, search } from "./make.ts";

export type Side =
  | { readonly kind: "size"; readonly size: number }
  /** Chunk c begins with token `bounds[c]`, the first with token 0 whatever stands there, and the last ends with the tokens. */
  | { readonly kind: "bounds"; readonly bounds: Tensor; readonly chunks: Tensor };

export type Sides = { readonly query: Side; readonly key: Side };

/** Expressions of the block whose number is the coordinate of the side. */
export type Blocks = {
  /** How many there are in the longest batch: an extent of tensors. */
  readonly count: Expr;
  /** How many can hold a token of the batch. */
  readonly alive: Expr;
  /** The first token, and the one behind the last; a chunk may be empty. */
  readonly first: Expr;
  readonly end: Expr;
};

const LENGTHS = { query: extent("queries"), key: extent("keys") } as const;

export function blocksOnSide(side: Side, of: keyof Sides): Blocks {
  const [block, length] = [coord(of), LENGTHS[of]];
  if (side.kind === "size") {
    const { size } = side;
    const count = op("floorDiv", op("add", length, int(size - 1)), int(size));
    const first = op("mul", block, int(size));
    return { count, alive: count, first, end: op("min", op("add", first, int(size)), length) };
  }
  const count = side.bounds.extents.at(-1)!;
  const next = op("add", block, int(1));
  const bound = (at: Expr) => op("min", op("max", elementOf(side.bounds, at), int(0)), length);
  return {
    ...{ count, alive: count },
    first: op("select", op("gt", block, int(0)), bound(block), int(0)),
    end: op("select", op("lt", next, count), bound(next), length),
  };
}

/** The block of the token at a place. */
export const blockAt = (side: Side, place: Expr): Expr =>
  side.kind === "size" ? op("floorDiv", place, int(side.size)) : elementOf(side.chunks, place);

/** The tensor that tells the chunk of every token, so that a pass over the keys need not search for it. */
export function chunksOf(name: string, of: keyof Sides, { span }: Tensor): Tensor {
  const extents = [extent("batch"), LENGTHS[of]];
  return { name, element: "i32", extents, range: { low: 0 }, sorted: true, span };
}

/** What stands in it for the token at a place: of chunks that begin together the last one holds what comes. */
export function chunkOf({ bounds }: Side & { readonly kind: "bounds" }, place: Expr): Expr {
  const begun = search(bounds.name, leadingOf(bounds), bounds.extents.at(-1)!, op("add", place, int(1)));
  return op("max", op("sub", begun, int(1)), int(0));
}

const leadingOf = ({ extents }: Tensor): readonly Expr[] => extents.slice(1).map(() => coord("batch"));

const elementOf = (tensor: Tensor, at: Expr): Expr => load("int", tensor.name, [...leadingOf(tensor), at]);

/** The tensors that tell chunks. */
export const chunkTensors = ({ query, key }: Sides): readonly Tensor[] =>
  [query, key].flatMap((side) => (side.kind === "bounds" ? [side.chunks] : []));

/** Whether every tile lies in one block. */
export const areWholeTiles = (
  { query, key }: Sides,
  tile: { readonly queries: number; readonly keys: number },
): boolean =>
  query.kind === "size" && key.kind === "size" && query.size % tile.queries === 0 && key.size % tile.keys === 0;

/** What a block has on the side, in words. */
export const sideText = (side: Side, of: string): string =>
  side.kind === "size" ? `${side.size} ${of}` : `${of} by ${side.bounds.name}`;
