// The elementwise parts of a kernel as straight-line programs: what an emitter prints inside the loops that the
// template owns. A region runs once for every (query row, key) pair that it is applied to, in whatever lane width the
// target has; `head` and `row` values are computed outside of it and read by name.

import type * as ir from "../ir/expr.ts";

/** Names a value. It may read the locals that stand before it. */
export type Let = { readonly name: string; readonly value: ir.Expr };

/** Straight-line code for one pair and the value that it yields. */
export type Region = { readonly lets: readonly Let[]; readonly value: ir.Expr };
