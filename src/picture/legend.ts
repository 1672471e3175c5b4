// What the colours and characters of a mask picture mean, in the words that all printers use.

import type { BlockClass, MaskPicture } from "./mask-picture.ts";
import { density } from "./mask-picture.ts";

export type LegendRow = { readonly blockClass: BlockClass; readonly visible: boolean; readonly text: string };

const PLAIN: readonly LegendRow[] = [
  { blockClass: "-", visible: true, text: "visible" },
  { blockClass: "-", visible: false, text: "hidden" },
];

const WITH_BLOCKS: readonly LegendRow[] = [
  { blockClass: "f", visible: true, text: "visible, block proved full" },
  { blockClass: "p", visible: true, text: "visible, partial block" },
  { blockClass: "p", visible: false, text: "hidden, partial block" },
  { blockClass: "e", visible: false, text: "hidden, block proved empty" },
];

/** Rows for the classes that occur, in a fixed order. */
export function legendOf(picture: MaskPicture): readonly LegendRow[] {
  const { blocks } = picture;
  if (!blocks) return PLAIN;
  return WITH_BLOCKS.filter((row) => blocks.classes.some((line) => line.includes(row.blockClass)));
}

/** `causal: 24 queries × 24 keys, 52.1 % visible`, and how many blocks are proved full or empty. */
export function captionOf(picture: MaskPicture): string {
  const share = (density(picture) * 100).toFixed(1);
  const size = `${counted(picture.visible.length, "query", "queries")} × ${counted(picture.keys, "key", "keys")}`;
  return `${picture.title}: ${size}, ${share} % visible${blockCounts(picture)}`;
}

function counted(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`;
}

function blockCounts({ blocks }: MaskPicture): string {
  if (!blocks) return "";
  const all = blocks.classes.join("");
  const count = (name: BlockClass) => all.split(name).length - 1;
  const size = `${blocks.tile.queries}x${blocks.tile.keys}`;
  return `; blocks of ${size}: ${count("f")} full, ${count("p")} partial, ${count("e")} empty`;
}
