// Steps that go over pairs one by one multiply a row with four keys at a time. Which keys take part is written down first: once
// for all rows where the row has no say in it.

import type { Expr } from "../../ir/expr.ts";
import { coord, quantity } from "../../ir/make.ts";
import type { RowRange } from "../../ir/statistics.ts";
import { nodes } from "../../ir/walk.ts";
import { render } from "../template.ts";
import { type BlockSurroundings, blockFunction } from "./choose.ts";
import { keyBlocks } from "./decode.ts";
import type { Words } from "./layout.ts";
import { MULTIPLY_THEN_ADD } from "./polynomials.ts";
import type { ListedKeysView } from "./views-choose.ts";

/** @param list address of room for a word a key, and three more
 *  @param range of the keys that are looked at, as text
 *  @param query position of the row at hand, as text
 *  @param takes whether a key takes part; absent: all do */
export function listKeys(
  around: BlockSurroundings,
  list: string,
  range: { readonly [name in keyof RowRange]: string },
  query: string,
  takes: Expr | undefined,
): ListedKeysView & { readonly functions: readonly string[] } {
  const { step } = around;
  const hangsOnRow = takes !== undefined && nodes(takes).includes(coord("query"));
  const call = `(local.set $end_list (call $${step}.list ${hangsOnRow ? query : "(i32.const 0)"} ${range.first} ${range.end}))`;
  const view = {
    ...{ step, list },
    who: hangsOnRow ? "for one row" : "for all rows",
    takes: takes ? `(call $${step}.takes (local.get $query) (local.get $key))` : "(i32.const 1)",
  };
  return {
    list,
    listForAll: hangsOnRow ? "" : call,
    listForRow: hangsOnRow ? call : "",
    lanes: LANES,
    functions: [
      render("wasm/parts/list-keys", view),
      ...(takes ? [blockFunction("takes", ["query", "key"], takes, around)] : []),
    ],
  };
}

/** Of a vector, and the bytes from the first to each. */
export const LANES = [0, 1, 2, 3].map((index) => ({ index, offset: index * 4 }));

/** The statement that multiplies `$row` with four keys, where an expression reads the products. */
export const multiplyFour = (step: string, expr: Expr, keys: readonly string[]): string =>
  readsProduct(expr) ? `(local.set $products (call $${step}.products (local.get $row) ${keys.join(" ")}))` : "";

/** The next four of the list. */
export const NEXT_FOUR = LANES.map(({ offset }) => `(i32.load offset=${offset} (local.get $from))`);

/** The function that it calls, where one of the expressions reads them. Rows of halves are made wide first.
 *  @param of how the rows of keys are stored */
export function productsFunction(
  step: string,
  exprs: readonly Expr[],
  dim: number,
  of: { readonly isHalf: boolean; readonly words: Words },
): string[] {
  if (!exprs.some(readsProduct)) return [];
  const { isHalf, words } = of;
  const keys = LANES.map(({ index }) => {
    const stored = `(call $locate (i32.const ${words.key}) (global.get $kv) (local.get $k${index}))`;
    const wide = `(i32.add (global.get $scratch) (i32.const ${index * dim * 4}))`;
    const widen = `(call $widen_halves ${wide} (i32.const 0) ${stored} (i32.const 0) (i32.const 1) (i32.const ${dim}))`;
    return { index, at: isHalf ? wide : stored, widen };
  });
  // A choice may hang on a product, so none is fused.
  const view = {
    ...keyBlocks(dim, MULTIPLY_THEN_ADD),
    ...{ step, keys },
    query: `(call $locate (i32.const ${words.query}) (global.get $head) (local.get $row))`,
    widen: isHalf ? keys.map(({ widen }) => widen) : [],
  };
  return [render("wasm/parts/four-products", view)];
}

const readsProduct = (expr: Expr) => nodes(expr).includes(quantity("dot"));
