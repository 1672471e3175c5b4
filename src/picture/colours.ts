// The colours of mask pictures. Blue and orange stay apart for every kind of colour vision, and their greys differ, so
// that a print without colour still shows which blocks are full.

import { type BlockClass, SHADES } from "./mask-picture.ts";

type Rgb = readonly [red: number, green: number, blue: number];

/** From a cell with nothing visible to a cell with everything. Cells of empty blocks that a scaled-down picture shows
 *  as partly visible take the ink of their neighbours. */
const RANGE: Readonly<Record<BlockClass, { readonly hidden: Rgb; readonly visible: Rgb }>> = {
  "-": { hidden: [241, 243, 246], visible: [47, 93, 155] },
  e: { hidden: [255, 255, 255], visible: [217, 130, 43] },
  f: { hidden: [214, 226, 241], visible: [47, 93, 155] },
  p: { hidden: [251, 230, 207], visible: [217, 130, 43] },
};

export const PAPER: Rgb = [255, 255, 255];
export const INK: Rgb = [51, 56, 64];
export const GRID: Rgb = [196, 202, 212];

const CLASSES: readonly BlockClass[] = ["-", "e", "f", "p"];

/** Colours by `colourIndex`. */
export const PALETTE: readonly Rgb[] = CLASSES.flatMap((name) =>
  Array.from({ length: SHADES }, (_, shade) => mix(RANGE[name].hidden, RANGE[name].visible, shade / (SHADES - 1))),
);

export function colourIndex(blockClass: BlockClass, shade: number): number {
  return CLASSES.indexOf(blockClass) * SHADES + shade;
}

/** `#rrggbb` */
export function hex(colour: Rgb): string {
  return `#${colour.map((part) => part.toString(16).padStart(2, "0")).join("")}`;
}

function mix(from: Rgb, to: Rgb, share: number): Rgb {
  const part = (index: 0 | 1 | 2) => Math.round(from[index] + (to[index] - from[index]) * share);
  return [part(0), part(1), part(2)];
}
