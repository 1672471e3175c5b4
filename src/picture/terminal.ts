// A mask in the characters of a terminal. A small mask has two columns a pair, so that pairs look square and blocks
// can be told apart even without colour; a larger one is scaled to the width and shaded.

import { captionOf, legendOf } from "./legend.ts";
import { type BlockClass, type Cells, cellsOf, type MaskPicture } from "./mask-picture.ts";

export type TerminalStyle = {
  /** Columns of the terminal. */
  readonly columns: number;
  /** Most lines that the map may take. */
  readonly lines: number;
  /** Adds colour to the characters of a block class; absent: plain text. */
  readonly paint?: (blockClass: BlockClass, text: string) => string;
};

/** Characters of one pair, by block class: hidden, visible. */
const PAIRS: Readonly<Record<BlockClass, readonly [hidden: string, visible: string]>> = {
  "-": ["· ", "██"],
  e: ["  ", "██"],
  f: ["░░", "██"],
  p: ["░░", "▓▓"],
};

const SHADED = [" ", "░", "▒", "▓", "█"];

/** Lines of text, each ended by a line break. */
export function drawInTerminal(picture: MaskPicture, style: TerminalStyle): string {
  const queries = picture.visible.length;
  const labelWidth = String(picture.firstQuery + Math.max(queries - 1, 0)).length + 3;
  const room = Math.max(16, style.columns - labelWidth - 1);
  const pairwise = queries <= style.lines && picture.keys * 2 <= room;
  const cells = pairwise
    ? cellsOf(picture, queries, picture.keys)
    : cellsOf(picture, ...shadedSize(picture, room, style));
  const columnsPerCell = pairwise ? 2 : 1;
  const lines = [captionOf(picture), keyLabels(cells, columnsPerCell, labelWidth, picture)];
  for (let row = 0; row < cells.rows; row++) {
    const label = `q ${picture.firstQuery + cells.queryAt(row)}`.padEnd(labelWidth);
    lines.push(label + drawRow(cells, row, pairwise, style));
  }
  lines.push(legendLine(picture, pairwise, style));
  return lines.map((line) => `${line.trimEnd()}\n`).join("");
}

/** A character is twice as high as wide, so half as many rows as columns keep the shape of the mask. */
function shadedSize(picture: MaskPicture, room: number, style: TerminalStyle): [rows: number, columns: number] {
  const queries = picture.visible.length;
  const scale = Math.max(picture.keys / room, queries / (2 * style.lines), 1);
  return [Math.max(1, Math.round(queries / (2 * scale))), Math.max(1, Math.round(picture.keys / scale))];
}

function drawRow(cells: Cells, row: number, pairwise: boolean, style: TerminalStyle): string {
  let line = "";
  for (let column = 0; column < cells.columns; column++) {
    const blockClass = cells.blockClass(row, column);
    const shade = cells.shade[row * cells.columns + column]!;
    const text = pairwise ? PAIRS[blockClass][shade === 0 ? 0 : 1] : SHADED[shade]!;
    line += style.paint ? style.paint(blockClass, text) : text;
  }
  return line;
}

function keyLabels(cells: Cells, columnsPerCell: number, labelWidth: number, picture: MaskPicture): string {
  const first = "k 0";
  const last = String(Math.max(picture.keys - 1, 0));
  const gap = cells.columns * columnsPerCell - (first.length - 2) - last.length;
  const start = " ".repeat(Math.max(0, labelWidth - 2)) + first;
  return gap < 1 ? start : start + " ".repeat(gap) + last;
}

function legendLine(picture: MaskPicture, pairwise: boolean, style: TerminalStyle): string {
  if (!pairwise) return `${SHADED.slice(1).join("")} share of visible pairs`;
  return legendOf(picture)
    .map((row) => {
      const characters = PAIRS[row.blockClass][row.visible ? 1 : 0];
      const drawn = characters.trim() === "" ? "(blank)" : characters.trim();
      return `${style.paint ? style.paint(row.blockClass, drawn) : drawn} ${row.text}`;
    })
    .join("   ");
}
