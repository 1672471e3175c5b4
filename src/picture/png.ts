// A mask as a PNG: one square of pixels a cell, lines between blocks, eight-bit palette. The compression is the
// caller's (zlib on Node, a stream in a browser), because this folder uses no platform.

import { crc32 } from "../tensors/crc32.ts";
import { colourIndex, GRID, PALETTE } from "./colours.ts";
import { type Cells, cellsOf, type MaskPicture } from "./mask-picture.ts";

/** Pixels of the longer side of the map, about. */
const MAP_SIZE = 768;

/** Bytes in, a zlib stream out. */
export type Deflate = (bytes: Uint8Array) => Uint8Array;

/** The whole PNG file. */
export function drawAsPng(picture: MaskPicture, deflate: Deflate): Uint8Array {
  const cells = cellsOf(picture, MAP_SIZE, MAP_SIZE);
  const unit = Math.max(1, Math.floor(MAP_SIZE / Math.max(cells.rows, cells.columns, 1)));
  const width = Math.max(1, cells.columns * unit);
  const height = Math.max(1, cells.rows * unit);
  const pixels = paint(picture, cells, unit, width, height);
  return encodePng(width, height, pixels, [...PALETTE, GRID], deflate);
}

/** [height][width] palette indices. */
function paint(picture: MaskPicture, cells: Cells, unit: number, width: number, height: number): Uint8Array {
  const pixels = new Uint8Array(width * height);
  for (let y = 0; y < cells.rows * unit; y++) {
    const row = Math.floor(y / unit);
    for (let x = 0; x < cells.columns * unit; x++) {
      const column = Math.floor(x / unit);
      pixels[y * width + x] = colourIndex(cells.blockClass(row, column), cells.shade[row * cells.columns + column]!);
    }
  }
  const { blocks } = picture;
  if (!blocks) return pixels;
  const across = (width / picture.keys) * blocks.tile.keys;
  const down = (height / picture.visible.length) * blocks.tile.queries;
  if (Math.min(across, down) < 6) return pixels;
  for (let x = across; x < width - 0.5; x += across) {
    for (let y = 0; y < height; y++) pixels[y * width + Math.round(x)] = PALETTE.length;
  }
  for (let y = down; y < height - 0.5; y += down) {
    pixels.fill(PALETTE.length, Math.round(y) * width, (Math.round(y) + 1) * width);
  }
  return pixels;
}

/** An image with a palette of at most 256 colours (PNG specification, third edition, colour type 3). */
function encodePng(
  width: number,
  height: number,
  pixels: Uint8Array,
  palette: readonly (readonly number[])[],
  deflate: Deflate,
): Uint8Array {
  const header = new Uint8Array(13);
  const view = new DataView(header.buffer);
  view.setUint32(0, width);
  view.setUint32(4, height);
  header.set([8, 3], 8);
  // Every row starts with the number of its filter; 0 is none.
  const rows = new Uint8Array(height * (width + 1));
  for (let y = 0; y < height; y++) rows.set(pixels.subarray(y * width, (y + 1) * width), y * (width + 1) + 1);
  return concatenate([
    new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk("IHDR", header),
    chunk("PLTE", new Uint8Array(palette.flat())),
    chunk("IDAT", deflate(rows)),
    chunk("IEND", new Uint8Array(0)),
  ]);
}

/** Length, type, bytes, checksum of type and bytes. */
function chunk(type: string, bytes: Uint8Array): Uint8Array {
  const result = new Uint8Array(bytes.length + 12);
  const view = new DataView(result.buffer);
  view.setUint32(0, bytes.length);
  for (let index = 0; index < 4; index++) result[4 + index] = type.charCodeAt(index);
  result.set(bytes, 8);
  view.setUint32(8 + bytes.length, crc32(result.subarray(4, 8 + bytes.length)));
  return result;
}

function concatenate(parts: readonly Uint8Array[]): Uint8Array {
  const result = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    result.set(part, at);
    at += part.length;
  }
  return result;
}
