// A mask as an SVG: cells, the grid of blocks, labelled axes, a legend. Neighbouring cells of one colour in a row are
// one piece of a path, so that the picture of a large mask stays small. The text depends on the mask alone.

import { colourIndex, GRID, hex, INK, PALETTE, PAPER } from "./colours.ts";
import { captionOf, type LegendRow, legendOf } from "./legend.ts";
import { type Cells, cellsOf, type MaskPicture, SHADES } from "./mask-picture.ts";

/** Pixels of the longer side of the map, and most cells along it. */
const MAP_SIZE = 560;
const MOST_CELLS = 280;
const MARGIN = { left: 48, top: 62, right: 36, line: 18 };
/** No text is measured here; this is wide for the fonts that browsers have. */
const CHARACTER_WIDTH = 6.2;
const LEGEND_WIDTH = 200;
const LABEL_HEIGHT = 12;

/** The whole SVG file. */
export function drawAsSvg(picture: MaskPicture): string {
  const cells = cellsOf(picture, MOST_CELLS, MOST_CELLS);
  const unit = Math.max(1, Math.min(28, Math.floor(MAP_SIZE / Math.max(cells.rows, cells.columns, 1))));
  const map = { width: cells.columns * unit, height: cells.rows * unit };
  const legend = legendOf(picture);
  const height = MARGIN.top + map.height + 14 + Math.ceil(legend.length / 2) * MARGIN.line + 8;
  const caption = escapeXml(captionOf(picture));
  const [title, details = ""] = splitCaption(caption);
  const width = Math.max(
    MARGIN.left + MARGIN.right + Math.max(map.width, 2 * LEGEND_WIDTH),
    Math.ceil(details.length * CHARACTER_WIDTH) + 24,
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${caption}" font-family="ui-sans-serif, system-ui, sans-serif" font-size="11" fill="${hex(INK)}">`,
    `<rect width="${width}" height="${height}" rx="6" fill="${hex(PAPER)}"/>`,
    `<text x="12" y="20" font-size="14" font-weight="600">${title}</text>`,
    `<text x="12" y="36">${details}</text>`,
    `<g transform="translate(${MARGIN.left} ${MARGIN.top})">`,
    `<g shape-rendering="crispEdges">`,
    ...cellPaths(cells, unit),
    blockGrid(picture, cells, unit, map),
    `<rect width="${map.width}" height="${map.height}" fill="none" stroke="${hex(INK)}" stroke-opacity="0.5"/>`,
    "</g>",
    ...axes(picture, map),
    ...legend.map((row, index) => legendEntry(row, index, map.height + 14)),
    "</g>",
    "</svg>",
    "",
  ]
    .filter((line, index, all) => line !== "" || index === all.length - 1)
    .join("\n");
}

function splitCaption(caption: string): [title: string, details?: string] {
  const at = caption.lastIndexOf(": ", caption.search(/ quer(y|ies) ×/));
  return [caption.slice(0, at), caption.slice(at + 2)];
}

/** One path a colour: runs of equal cells, row by row. */
function cellPaths(cells: Cells, unit: number): string[] {
  const paths = new Map<number, string>();
  for (let row = 0; row < cells.rows; row++) {
    for (let column = 0; column < cells.columns; ) {
      const colour = colourAt(cells, row, column);
      let end = column + 1;
      while (end < cells.columns && colourAt(cells, row, end) === colour) end += 1;
      const run = `M${column * unit} ${row * unit}h${(end - column) * unit}v${unit}h-${(end - column) * unit}z`;
      paths.set(colour, (paths.get(colour) ?? "") + run);
      column = end;
    }
  }
  return [...paths]
    .sort(([first], [second]) => first - second)
    .map(([colour, path]) => `<path fill="${hex(PALETTE[colour]!)}" d="${path}"/>`);
}

function colourAt(cells: Cells, row: number, column: number): number {
  return colourIndex(cells.blockClass(row, column), cells.shade[row * cells.columns + column]!);
}

/** Lines between blocks, or between pairs where nothing was classified; none where they would hide the map. */
function blockGrid(picture: MaskPicture, cells: Cells, unit: number, map: { width: number; height: number }): string {
  const tile = picture.blocks?.tile ?? { queries: 1, keys: 1 };
  const across = (map.width / Math.max(picture.keys, 1)) * tile.keys;
  const down = (map.height / Math.max(picture.visible.length, 1)) * tile.queries;
  if (Math.min(across, down) < 6 || cells.rows * cells.columns === 0) return "";
  let path = "";
  for (let x = across; x < map.width - 0.5; x += across) path += `M${round(x)} 0v${map.height}`;
  for (let y = down; y < map.height - 0.5; y += down) path += `M0 ${round(y)}h${map.width}`;
  if (path === "") return "";
  const opacity = picture.blocks ? 1 : unit >= 12 ? 0.6 : 0.35;
  return `<path stroke="${hex(GRID)}" stroke-opacity="${opacity}" fill="none" d="${path}"/>`;
}

function axes(picture: MaskPicture, map: { width: number; height: number }): string[] {
  const queries = picture.visible.length;
  const keyTicks = ticks(picture.keys, map.width).map((key) => {
    const x = round(((key + 0.5) * map.width) / picture.keys);
    return `<text x="${x}" y="-5" text-anchor="middle">${key}</text>`;
  });
  const queryTicks = ticks(queries, map.height).map((row) => {
    const y = round(((row + 0.5) * map.height) / queries + 4);
    return `<text x="-6" y="${y}" text-anchor="end">${picture.firstQuery + row}</text>`;
  });
  return [
    ...keyTicks,
    ...queryTicks,
    `<text x="-6" y="-5" text-anchor="end" font-style="italic">q ↓</text>`,
    `<text x="${map.width + 5}" y="-5" font-style="italic">k →</text>`,
  ];
}

/** At most nine numbers from 0 to `extent` − 1, a power of two apart, and no two closer than a line of text. */
function ticks(extent: number, pixels: number): number[] {
  const apart = Math.max(extent / 9, (LABEL_HEIGHT * extent) / Math.max(pixels, 1), 1);
  const step = 2 ** Math.ceil(Math.log2(apart));
  return Array.from({ length: Math.ceil(extent / step) }, (_, index) => index * step);
}

function legendEntry(row: LegendRow, index: number, top: number): string {
  const x = (index % 2) * LEGEND_WIDTH;
  const y = top + Math.floor(index / 2) * MARGIN.line;
  const colour = hex(PALETTE[colourIndex(row.blockClass, row.visible ? SHADES - 1 : 0)]!);
  return `<rect x="${x}" y="${y}" width="11" height="11" fill="${colour}" stroke="${hex(GRID)}"/><text x="${x + 17}" y="${y + 10}">${row.text}</text>`;
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}

function escapeXml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}
