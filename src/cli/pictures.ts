// Pictures of a call's mask: printed in the terminal, or written to a file whose ending says what it is.

import { extname } from "node:path";
import { deflateSync } from "node:zlib";
import type { BlockClasses, Tile } from "../execute/block-classes.ts";
import type { BlockClass, MaskPicture } from "../picture/mask-picture.ts";
import type { Case } from "../spec/case.ts";
import { wrongUsage } from "./command-error.ts";
import type { DenseMask } from "./dense-mask.ts";
import { writeAtomically } from "./files.ts";
import type { Io, Style } from "./io.ts";

/** What is drawn: one head of one batch. */
export type PictureSource = {
  readonly call: Case;
  readonly mask: DenseMask;
  readonly tile: Tile;
  readonly classes: BlockClasses;
  readonly batch: number;
  readonly head: number;
};

/** Lines that a picture may take in a terminal. */
const LINES = 48;

const PAINT: Readonly<Record<BlockClass, Style>> = { "-": "blue", f: "blue", p: "yellow", e: "dim" };

/** The picture in characters, on stdout. */
export async function printPicture(io: Io, source: PictureSource): Promise<void> {
  const { drawInTerminal } = await import("../picture/terminal.ts");
  const paint = (blockClass: BlockClass, text: string) => io.out.style(PAINT[blockClass], text);
  io.out.write(drawInTerminal(pictureOf(source), { columns: Math.min(io.out.columns, 140), lines: LINES, paint }));
}

/** The picture as a file, `.svg` or `.png`. Problems: E0803 where it cannot be written. */
export async function writePicture(path: string, source: PictureSource): Promise<void> {
  checkPicturePath(path);
  if (extname(path) === ".svg") {
    const { drawAsSvg } = await import("../picture/svg.ts");
    return writeAtomically(path, drawAsSvg(pictureOf(source)));
  }
  const { drawAsPng } = await import("../picture/png.ts");
  writeAtomically(path, drawAsPng(pictureOf(source), deflateSync));
}

/** Refuses a file of another kind before anything is computed. */
export function checkPicturePath(path: string): void {
  if ([".svg", ".png"].includes(extname(path))) return;
  throw wrongUsage(`\`${path}\` names no format of pictures; known are .svg and .png`);
}

function pictureOf({ call, mask, tile, classes, batch, head }: PictureSource): MaskPicture {
  const { shape, attention } = call;
  const many = shape.heads > 1 || shape.batch > 1;
  return {
    title: attention.name.text + (many ? ` (batch ${batch}, head ${head})` : ""),
    firstQuery: mask.firstQuery(batch),
    keys: shape.keys,
    visible: mask.rows(batch, head),
    blocks: { tile, classes: classes.rows(batch, head) },
  };
}
