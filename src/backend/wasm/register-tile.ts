// The register tile of the two matrix products, unrolled into rows for the templates: a few rows of queries times a few
// vectors of four columns, whose sums stay in registers.

import type { AttendPlan } from "../../schedule/plan.ts";
import type { AttendView, CellView } from "../views.ts";
import { type Layout, ROW, rowBytes } from "./layout.ts";
import type { MultiplyAdd } from "./polynomials.ts";

type Size = { readonly rows: number; readonly columns: number };

export function unrollTile(
  size: Size,
  plan: AttendPlan,
  { valueColumns }: Layout,
  multiplyAdd: MultiplyAdd,
): Pick<AttendView, "columns" | "vectors" | "rows" | "cells"> {
  const { dims, tile } = plan;
  const count = (length: number) => Array.from({ length }, (_, index) => index);
  const cell = (row: number, vector: number): CellView => ({
    row,
    vector,
    next: multiplyAdd("(local.get $a)", `(local.get $b${vector})`, `(local.get $s${row}${vector})`),
    scoreOffset: (row * tile.keys + vector * 4) * 4,
    sumOffset: (row * valueColumns + vector * 4) * 4,
  });
  const rows = count(size.rows).map((row) => ({
    queryOffset: row * dims.dim * 4,
    weightOffset: row * tile.keys * 4,
    rescaleOffset: row * rowBytes(plan) + ROW.rescale,
    cells: count(size.columns / 4).map((vector) => cell(row, vector)),
  }));
  const vectors = count(size.columns / 4).map((index) => ({
    index,
    offset: index * 16,
    first: index * 4,
    others: [1, 2, 3].map((lane) => ({ index: index * 4 + lane, lane })),
  }));
  return {
    columns: count(size.columns).map((index) => ({ index })),
    vectors,
    rows,
    cells: rows.flatMap((row) => row.cells),
  };
}
