// The second kernel of a step, for few query rows: the functions that go over keys and values where the caller has them,
// row after row, for all heads of a group. Score, mask, weights and walk are those of the first kernel.

import { render } from "../template.ts";
import type { AttendView } from "../views.ts";
import type { StepContext } from "./functions.ts";
import type { MultiplyAdd } from "./polynomials.ts";

/** Keys that a product of one row goes over at a time: eight sums, two for each, hide the latency of the arithmetic. */
const KEYS = 4;
/** Vectors of a row of keys that a turn of the loop reads. */
const KEY_VECTORS = 4;
/** Columns of values whose sums stay in registers, in vectors. */
const VALUE_VECTORS = 8;

type View = Omit<AttendView, "functions">;
type Statements = {
  /** Once per KV head. */
  readonly prepare: readonly string[];
  /** Visits the key tile at hand. */
  readonly visitRows: string;
};

export function decodeFunctions(
  { plan }: StepContext,
  view: View,
  { prepare, visitRows }: Statements,
  multiplyAdd: MultiplyAdd,
): string[] {
  const { step, layout } = view;
  const addRow = `(call $${step}.add_row (local.get $sums) (local.get $statistics) (local.get $first_key) (local.get $count))`;
  const statements = {
    prepareStatements: prepare.length > 0 ? prepare.join("\n") : ";; Nothing hangs on a whole head.",
    sumRowStatements: plan.writes.out ? addRow : view.sumStatements,
    visitRows,
  };
  const weights = layout.scores + layout.weightDistance;
  return [
    ...["decode", "decode-prepare", "decode-walk", "decode-visit"].map((part) =>
      render(`wasm/parts/${part}`, { ...view, ...statements }),
    ),
    render("wasm/parts/multiply-row", { ...view, ...keyBlocks(plan.dims.dim, multiplyAdd) }),
    ...(plan.writes.out
      ? [render("wasm/parts/add-row", { ...view, weights, ...valueBlocks(plan.dims.valueDim, multiplyAdd) })]
      : []),
  ];
}

type Piece = { readonly offset: number; readonly load: string; readonly store: string; readonly lane: string };
/** A loop over equal parts of a row, `length` bytes in all, `bytes` a turn. */
type Block = { readonly length: number; readonly bytes: number; readonly pieces: readonly Piece[] };

/** A row of so many floats as turns of whole vectors, and one turn for what is left: vectors, then single elements. */
function blocksOf(size: number, vectors: number): Block[] {
  const turn = vectors * 4;
  const turns = Math.floor(size / turn);
  const rest = size - turns * turn;
  return [
    ...(turns > 0 ? [{ length: turns * turn * 4, bytes: turn * 4, pieces: piecesOf(turn) }] : []),
    ...(rest > 0 ? [{ length: rest * 4, bytes: rest * 4, pieces: piecesOf(rest) }] : []),
  ];
}

function piecesOf(size: number): Piece[] {
  const whole = size - (size % 4);
  const offsets = [...range(whole / 4).map((index) => index * 4), ...range(size - whole).map((index) => whole + index)];
  return offsets.map((element) => ({
    offset: element * 4,
    ...(element < whole
      ? { load: "v128.load", store: "v128.store", lane: "" }
      : { load: "v128.load32_zero", store: "v128.store32_lane", lane: "0" }),
  }));
}

const range = (length: number) => Array.from({ length }, (_, index) => index);

/** The product of a row and four keys, at `$k0` to `$k3`, in sums that take turns. */
export function keyBlocks(dim: number, multiplyAdd: MultiplyAdd) {
  const keys = range(KEYS);
  let end = 0;
  const blocks = blocksOf(dim, KEY_VECTORS).map(({ length, bytes, pieces }, index) => {
    end += length;
    const vectors = pieces.map(({ offset, load }, position) => ({
      ...{ offset, load },
      sums: keys.map((key) => {
        const name = `$${position % 2 === 0 ? "s" : "t"}${key}`;
        const next = multiplyAdd(
          "(local.get $a)",
          `(${load} offset=${offset} (local.get $k${key}))`,
          `(local.get ${name})`,
        );
        return { name, next };
      }),
    }));
    return { index, end, bytes, vectors, keys: keys.map((key) => ({ index: key })) };
  });
  return { keys: keys.map((index) => ({ index })), blocks };
}

function valueBlocks(valueDim: number, multiplyAdd: MultiplyAdd) {
  const blocks = blocksOf(valueDim, VALUE_VECTORS).map(({ length, bytes, pieces }, index) => ({
    ...{ index, length, bytes },
    vectors: pieces.map(({ offset, load, store, lane }, position) => ({
      ...{ index: position, offset, load, store, lane },
      next: multiplyAdd("(local.get $a)", `(${load} offset=${offset} (local.get $v))`, `(local.get $s${position})`),
    })),
  }));
  const most = Math.max(...blocks.map(({ vectors }) => vectors.length));
  return { blocks, columns: range(most) };
}
