// `attnc mask`: the dense mask of the reference, and what the compiler knows of its blocks. As JSON it is written piece
// by piece, because a mask may be larger than the longest string.

import { type BlockClasses, blockClasses, type Tile } from "../../execute/block-classes.ts";
import type { Chosen } from "../../reference/selection.ts";
import { sightOf } from "../../reference/sight.ts";
import { storedOrderOf } from "../../reference/stored-order.ts";
import type { Case, Shape } from "../../spec/case.ts";
import { type CallOptions, maskCall } from "../calls.ts";
import { type DenseMask, denseMask } from "../dense-mask.ts";
import { withoutScores } from "../explain/choices.ts";
import type { Io } from "../io.ts";
import { loadOne } from "../load.ts";
import { printPicture } from "../pictures.ts";
import { pictureTile, tileOf } from "../tiles.ts";

type Options = CallOptions & { readonly target?: string; readonly tile?: string; readonly json?: true };

export async function run(io: Io, files: readonly string[], options: Options): Promise<0> {
  const attention = loadOne(io, files[0]!);
  const { call, reads, choosable, hasCandidates } = maskCall(attention, options);
  const tile = options.json ? tileOf(options) : pictureTile(options, call.shape);
  const mask = denseMask(call, reads);
  const classes = blockClasses(call, tile);
  if (options.json) writeJson(io, call.shape, mask, tile, classes, choiceOf(call, choosable, hasCandidates));
  else await printPicture(io, { call, mask, tile, classes, batch: 0, head: 0 });
  return 0;
}

/** The blocks that a sparsity chooses from and those that it chooses, a string of `0` and `1` for each row of blocks, and the
 *  positions of the stored keys. */
function choiceOf(call: Case, choosable: boolean, hasCandidates: boolean): Choice {
  const { sparsities = [], permutation } = call.attention;
  // An order by scores needs the rows as well.
  const readsRows = permutation?.order.some(({ value }) => value.type === "float") ?? false;
  const isKnown = hasCandidates && (choosable || !readsRows);
  const orderOf = storedOrderOf(call);
  const sight = sightOf(choosable ? call : withoutScores(call));
  const ofBlocks = (of: (choice: Chosen) => readonly (readonly boolean[])[]) => (batch: number, head: number) =>
    JSON.stringify(of(sight.selections[0]!(batch, head)).map((row) => row.map(Number).join("")));
  return {
    ...(permutation && isKnown && { order: (batch, head) => JSON.stringify(orderOf(batch, head).key) }),
    ...(sparsities.length > 0 && isKnown && { candidates: ofBlocks(candidateBlocks) }),
    ...(sparsities.length > 0 && choosable && { selected: ofBlocks(({ chosen }) => chosen) }),
  };
}

function candidateBlocks({ rows, keys, lines }: Chosen): readonly (readonly boolean[])[] {
  const candidates = new Set(lines.flatMap((line) => line.candidates.map(({ i, j }) => i * keys.length + j)));
  return rows.map((_, i) => keys.map((_, j) => candidates.has(i * keys.length + j)));
}

type Choice = { readonly [Part in "order" | "candidates" | "selected"]?: (batch: number, head: number) => string };

function writeJson(io: Io, shape: Shape, mask: DenseMask, tile: Tile, classes: BlockClasses, choice: Choice): void {
  const { queries, keys, heads, batch } = shape;
  const counts = JSON.stringify({ queries, keys, heads, batch }).slice(0, -1);
  io.out.write(`${counts},"visible":`);
  writeHeads(io, shape, (batch, head) => JSON.stringify(mask.rows(batch, head)));
  io.out.write(`,"tile":${JSON.stringify({ queries: tile.queries, keys: tile.keys })},"blocks":`);
  writeHeads(io, shape, (batch, head) => JSON.stringify(classes.rows(batch, head)));
  for (const [name, part] of Object.entries(choice)) {
    io.out.write(`,"${name}":`);
    writeHeads(io, shape, part);
  }
  io.out.write("}\n");
}

/** `[b][h]`, each as `textOf` writes it. */
function writeHeads(io: Io, shape: Shape, textOf: (batch: number, head: number) => string): void {
  for (let batch = 0; batch < shape.batch; batch++) {
    io.out.write(batch === 0 ? "[" : ",");
    for (let head = 0; head < shape.heads; head++) {
      io.out.write((head === 0 ? "[" : ",") + textOf(batch, head));
    }
    io.out.write("]");
  }
  io.out.write(shape.batch === 0 ? "[]" : "]");
}
