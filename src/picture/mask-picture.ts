// A dense mask as something to look at: rows of visible pairs, and beside them what the compiler knows of every block.
// The three printers (terminal, SVG, PNG) draw the same cells from it, so that they show the same thing. Large masks
// are scaled down: a cell then stands for several pairs and has a shade.

/** One mask of one head. Strings hold one character a pair or a block, as in the JSON of the `mask` command. */
export type MaskPicture = {
  readonly title: string;
  /** Position of the first query row, for the labels. */
  readonly firstQuery: number;
  readonly keys: number;
  /** [queries] strings of [keys] characters `0` and `1`. */
  readonly visible: readonly string[];
  /** What was proved of every block of `tile` pairs; absent where nothing was classified. */
  readonly blocks?: { readonly tile: Tile; readonly classes: readonly string[] };
};

export type Tile = { readonly queries: number; readonly keys: number };

/** `e` no pair is visible, `f` all are, `p` neither is proved, `-` nobody asked. */
export type BlockClass = "-" | "e" | "f" | "p";

/** Shades of a cell: 0 nothing visible, 4 everything, 1 to 3 in between. */
export const SHADES = 5;

export type Cells = {
  readonly rows: number;
  readonly columns: number;
  /** [rows][columns], 0 to 4 */
  readonly shade: Uint8Array;
  /** Class of the block in the middle of the cell. */
  readonly blockClass: (row: number, column: number) => BlockClass;
  /** First query row and first key of a cell. */
  readonly queryAt: (row: number) => number;
  readonly keyAt: (column: number) => number;
};

/** Cells of a picture, at most `maxRows` × `maxColumns`: one a pair where it fits. O(queries · keys). */
export function cellsOf(picture: MaskPicture, maxRows: number, maxColumns: number): Cells {
  const queries = picture.visible.length;
  const { keys, blocks } = picture;
  const rows = Math.min(queries, maxRows);
  const columns = Math.min(keys, maxColumns);
  const queryAt = (row: number) => Math.floor((row * queries) / rows);
  const keyAt = (column: number) => Math.floor((column * keys) / columns);
  const shade = new Uint8Array(rows * columns);
  for (let row = 0; row < rows; row++) {
    const lines = picture.visible.slice(queryAt(row), queryAt(row + 1));
    for (let column = 0; column < columns; column++) {
      shade[row * columns + column] = shadeOf(lines, keyAt(column), keyAt(column + 1));
    }
  }
  const middle = (first: number, end: number) => (first + end - 1) >> 1;
  const blockClass = (row: number, column: number): BlockClass => {
    if (!blocks) return "-";
    const i = Math.floor(middle(queryAt(row), queryAt(row + 1)) / blocks.tile.queries);
    const j = Math.floor(middle(keyAt(column), keyAt(column + 1)) / blocks.tile.keys);
    return (blocks.classes[i]?.[j] ?? "-") as BlockClass;
  };
  return { rows, columns, shade, blockClass, queryAt, keyAt };
}

/** Share of the pairs that are visible, 0 to 1; 0 for an empty mask. */
export function density(picture: MaskPicture): number {
  const pairs = picture.visible.length * picture.keys;
  const visible = picture.visible.reduce((sum, line) => sum + countOnes(line, 0, line.length), 0);
  return pairs === 0 ? 0 : visible / pairs;
}

/** Partly visible cells never get the shade of empty or full ones: a thin diagonal must not vanish. */
function shadeOf(lines: readonly string[], firstKey: number, endKey: number): number {
  const pairs = lines.length * (endKey - firstKey);
  const visible = lines.reduce((sum, line) => sum + countOnes(line, firstKey, endKey), 0);
  if (visible === 0) return 0;
  if (visible === pairs) return SHADES - 1;
  return Math.max(1, Math.min(SHADES - 2, Math.round((visible / pairs) * (SHADES - 1))));
}

function countOnes(line: string, first: number, end: number): number {
  let ones = 0;
  for (let at = first; at < end; at++) if (line.charCodeAt(at) === 49) ones += 1;
  return ones;
}
