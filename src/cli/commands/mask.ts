// `attnc mask`: the dense mask of the reference, and what the compiler knows of its blocks. As JSON it is written piece
// by piece, because a mask may be larger than the longest string.

import { type BlockClasses, blockClasses, type Tile } from "../../execute/block-classes.ts";
import type { Shape } from "../../spec/case.ts";
import { type CallOptions, maskCall } from "../calls.ts";
import { type DenseMask, denseMask } from "../dense-mask.ts";
import type { Io } from "../io.ts";
import { loadOne } from "../load.ts";
import { printPicture } from "../pictures.ts";
import { pictureTile, tileOf } from "../tiles.ts";

type Options = CallOptions & { readonly target?: string; readonly tile?: string; readonly json?: true };

export async function run(io: Io, files: readonly string[], options: Options): Promise<0> {
  const attention = loadOne(io, files[0]!);
  const { call, reads } = maskCall(attention, options);
  const tile = options.json ? tileOf(options) : pictureTile(options, call.shape);
  const mask = denseMask(call, reads);
  const classes = blockClasses(call, tile);
  if (options.json) writeJson(io, call.shape, mask, tile, classes);
  else await printPicture(io, { call, mask, tile, classes, batch: 0, head: 0 });
  return 0;
}

function writeJson(io: Io, shape: Shape, mask: DenseMask, tile: Tile, classes: BlockClasses): void {
  const { queries, keys, heads, batch } = shape;
  const counts = JSON.stringify({ queries, keys, heads, batch }).slice(0, -1);
  io.out.write(`${counts},"visible":`);
  writeHeads(io, shape, mask.rows);
  io.out.write(`,"tile":${JSON.stringify({ queries: tile.queries, keys: tile.keys })},"blocks":`);
  writeHeads(io, shape, classes.rows);
  io.out.write("}\n");
}

/** `[b][h]` lists of strings. */
function writeHeads(io: Io, shape: Shape, rows: (batch: number, head: number) => readonly string[]): void {
  for (let batch = 0; batch < shape.batch; batch++) {
    io.out.write(batch === 0 ? "[" : ",");
    for (let head = 0; head < shape.heads; head++) {
      io.out.write((head === 0 ? "[" : ",") + JSON.stringify(rows(batch, head)));
    }
    io.out.write("]");
  }
  io.out.write(shape.batch === 0 ? "[]" : "]");
}
