// The records that templates read: plain objects of text and numbers, so that a template has nothing to decide. Fields
// called `code`, or said to be statements, are text of several lines and stand in a `block` part.

/** A function or another piece of text that was printed elsewhere. */
export type Printed = { readonly code: string };

/** Offsets of words in the parameter block. A strided tensor has its address here; its three strides follow it. */
export type WordsView = Readonly<
  Record<
    | ("batch" | "heads" | "kvHeads" | "queries" | "keys" | "emptyRows" | "scratch" | "keyLengths" | "queryStart")
    | ("query" | "key" | "value" | "out" | "lse" | "keyRow" | "valueRow"),
    number
  >
>;

/** wasm/module.wat */
export type ModuleView = {
  readonly title: string;
  readonly globals: readonly { readonly name: string; readonly type: string }[];
  /** Vectors that lie at the start of the memory, from `constantsAt` on. */
  readonly constantsAt: number;
  readonly constants: readonly { readonly bytes: string; readonly comment: string }[];
  /** Those of the program: what enters a batch, and the steps. */
  readonly functions: readonly Printed[];
  readonly library: readonly Printed[];
};

/** wasm/library/* */
export type LibraryView = {
  readonly at: WordsView;
  /** Statements that evaluate a polynomial in f32. */
  readonly exp2Polynomial: string;
  readonly expPolynomial: string;
  readonly logPolynomial: string;
  readonly expm1Polynomial: string;
  /** Coefficients of a series in f64, from the highest power down. */
  readonly exp2Series: readonly number[];
  readonly log2Series: readonly number[];
  readonly sineSeries: readonly number[];
  readonly cosineSeries: readonly number[];
};

/** One sum of the register tile: four keys, or four columns of values, of one row. */
export type CellView = {
  readonly row: number;
  readonly vector: number;
  /** The sum plus one more product. */
  readonly next: string;
  readonly scoreOffset: number;
  readonly sumOffset: number;
};

/** How rows of keys and values are reached as rows of f32: addresses and strides of those at `$first_key`, and what has to be
 *  done before. */
export type StoredView = {
  /** The function that copies rows, as f32, to rows of another pitch. */
  readonly copyRows: string;
  /** Sets `$first` to the rows of the panel of keys at `$source`, and how far apart they are. */
  readonly panelStatements: string;
  readonly panelStride: string;
  /** Before the rows of a tile are read where few query rows go over it. */
  readonly tileStatements: string;
  /** Once per KV head, before such tiles. */
  readonly prepare: readonly string[];
  readonly keyRows: string;
  readonly keyStride: string;
  readonly valueRows: string;
  readonly valueStride: string;
  /** Bytes from the scratch's start to the squared norms, where nothing is packed. */
  readonly normsOffset: number;
  readonly keyNorms: string;
  readonly valueNorms: string;
  /** One element of a value row at `$value`, and log2 of its bytes. */
  readonly value: { readonly shift: number; readonly load: string };
};

/** wasm/attend.wat and its parts */
export type AttendView = {
  readonly step: string;
  readonly summary: string;
  readonly at: WordsView;
  readonly dims: { readonly dim: number; readonly valueDim: number };
  readonly stored: StoredView;
  readonly tile: {
    readonly queries: number;
    readonly keys: number;
    /** For rounding a number of keys up to whole tiles: the tile less one, and the mask of its multiples. */
    readonly lastKey: number;
    readonly keyMask: number;
    readonly rows: number;
    readonly columns: number;
    /** How many rows a strip has beyond its first, and how many the last one has where strips do not divide the tile. */
    readonly lastRow: number;
    readonly shortRows: number;
  };
  /** Makes a KV head ready, at `$kv`, whose query heads end at `$end_head`. */
  readonly prepare: string;
  /** Up to how many query rows take the other way, and over how many keys its heads go together. */
  readonly decode: { readonly queries: number; readonly keys: number };
  /** Byte offsets in the scratch, and sizes in bytes. */
  readonly layout: LayoutView;
  /** Byte offsets in the statistics of a row. */
  readonly statistic: Readonly<Record<string, number>>;
  /** The register tile: its columns (keys of a panel), its vectors of four columns, its rows with their sums. */
  readonly columns: readonly { readonly index: number }[];
  readonly vectors: readonly {
    readonly index: number;
    readonly offset: number;
    /** Columns of the vector: the first, and the others with their lanes. */
    readonly first: number;
    readonly others: readonly { readonly index: number; readonly lane: number }[];
  }[];
  readonly rows: readonly {
    readonly queryOffset: number;
    readonly weightOffset: number;
    readonly rescaleOffset: number;
    readonly cells: readonly CellView[];
  }[];
  readonly cells: readonly CellView[];
  /** The register tile again with fewer rows, where strips do not divide the tile. */
  readonly short: readonly (Pick<AttendView, "vectors" | "rows" | "cells"> & { readonly layout: LayoutView })[];
  readonly head: { readonly locals: readonly string[]; readonly statements: readonly string[] };
  /** Computes what hangs on the query tile alone, of the rows `$row` to `$row` + `$rows`. */
  readonly enterTile: string;
  /** Visits the listed tiles and returns, where there is a list. */
  readonly listed: string;
  /** Moves `$first_key` to the next key tile; visits the one from `$first_key` to `$last_key`. */
  readonly jump: string;
  readonly visit: string;
  readonly packStatements: string;
  readonly openStatements: string;
  readonly keyStatements: string;
  /** Finds the pairs of a strip that see each other, and those of a row, where the mask is not known to be true. */
  readonly seeStatement: string;
  readonly maskStatement: string;
  readonly rowStatements: string;
  readonly sumStatements: string;
  readonly closeStatements: string;
  readonly functions: readonly Printed[];
};

export type LayoutView = Readonly<
  Record<
    | ("statistics" | "zeros" | "queries" | "sums" | "products" | "scores" | "mean" | "keyValues" | "fixedBytes")
    | ("diagonals" | "diagonalBytes")
    | ("weightDistance" | "seenDistance")
    | ("stripBytes" | "shortBytes" | "scoreBytes")
    | ("queryBytes" | "keyBytes" | "valueBytes" | "outBytes" | "panelRowBytes" | "panelBytes"),
    number
  >
>;

/** wasm/blocks.wat */
export type BlocksView = Pick<AttendView, "step" | "at" | "head" | "enterTile" | "jump"> & {
  readonly tile: { readonly queries: number; readonly keys: number };
  readonly grouped: boolean;
  readonly group: { readonly lastKey: number };
  /** Conditions on the tile between `$first_key` and `$last_key`. */
  readonly may: string;
  readonly must: string;
  /** The entry of the key tile at `$first_key`, without its mask bit. */
  readonly keyTile: string;
  /** Address of the list, 0 where there is none; of the entries and of the count of query tile `$index`. */
  readonly tiles: string;
  readonly index: string;
  readonly entries: string;
  readonly count: string;
};

/** wasm/summary.wat */
export type SummaryView = {
  readonly step: string;
  readonly tensor: string;
  /** Elements of a stretch, and their bytes. */
  readonly stretch: number;
  readonly stretchBytes: number;
  /** Rows that are summarised together. */
  readonly band: number;
  /** The tensor as matrices of rows; a matrix has one row where rows are summarised alone. */
  readonly matrices: string;
  readonly height: string;
  readonly length: string;
  /** Addresses. */
  readonly source: string;
  readonly leastAt: string;
  readonly mostAt: string;
  /** How an element is kept, read, written and compared. */
  readonly type: string;
  readonly bytes: number;
  readonly load: string;
  readonly store: string;
  /** The same of a summary, whose elements can be wider. */
  readonly keptBytes: number;
  readonly loadKept: string;
  readonly min: string;
  readonly max: string;
};

type PythonView = { readonly statements: readonly string[]; readonly result: string };

/** flex/flex.py */
export type FlexView = {
  readonly name: string;
  readonly lengths: readonly string[];
  readonly tensors: readonly { readonly name: string; readonly field: string }[];
  readonly params: readonly { readonly name: string; readonly field: string; readonly default: string }[];
  readonly start: PythonView;
  readonly mask: PythonView;
  readonly scale: PythonView;
  readonly score: PythonView;
};
