// Values that are computed once and read many times: those of a query row stand beside its statistics, those of the keys
// of a tile, and of its distances, in tables of vectors. The functions here compute them; places.ts says where the others read them.

import { local } from "../../ir/make.ts";
import type { Let } from "../../schedule/loop.ts";
import { render } from "../template.ts";
import type { StepContext } from "./functions.ts";
import { diagonalBytes } from "./layout.ts";
import { KEY_QUANTITIES, offsetOf, ROW_QUANTITIES } from "./places.ts";
import { printAll } from "./print-fold.ts";
import { scopeOf } from "./scope.ts";
import { NUMBER_TYPE } from "./types.ts";

const localsOf = (lets: readonly Let[]) => lets.map(({ name, value }) => local(value.type, name));

/** Computes the row's values; undefined where there are none. */
export function rowValuesFunction({ plan, around }: StepContext): string | undefined {
  if (plan.row.length === 0) return undefined;
  const scope = scopeOf({ ...around, quantities: ROW_QUANTITIES, definitions: plan.row });
  const code = printAll(localsOf(plan.row), scope, "one");
  const stores = plan.row.map(({ value }, index) => {
    return `(${NUMBER_TYPE[value.type]}.store offset=${offsetOf(index)} (local.get $statistics) ${code.results[index]})`;
  });
  const name = `$${around.step}.row_values`;
  return render("wasm/parts/row-values", { name, locals: code.locals, statements: [...code.once, ...stores] });
}

/** Computes the values of a tile's keys; undefined where there are none. */
export function keyValuesFunction({ plan, around, layout }: StepContext): string | undefined {
  if (plan.key.length === 0) return undefined;
  const scope = scopeOf({ ...around, quantities: KEY_QUANTITIES, definitions: plan.key });
  const code = printAll(localsOf(plan.key), scope, "four");
  const stores = plan.key.map((_, index) => {
    return `(v128.store offset=${index * plan.tile.keys * 4} (local.get $at) ${code.results[index]})`;
  });
  const name = `$${around.step}.key_values`;
  const each = [...code.each, ...stores];
  return render("wasm/parts/key-values", { name, layout, locals: code.locals, once: code.once, each });
}

/** Computes the values of a tile's distances; undefined where there are none. */
export function diagonalValuesFunction({ plan, around, layout }: StepContext): string | undefined {
  if (plan.diagonal.length === 0) return undefined;
  const scope = scopeOf({ ...around, quantities: {}, definitions: plan.diagonal });
  const code = printAll(localsOf(plan.diagonal), scope, "four");
  const stores = plan.diagonal.map((_, index) => {
    return `(v128.store offset=${index * diagonalBytes(plan)} (local.get $at) ${code.results[index]})`;
  });
  return render("wasm/parts/diagonal-values", {
    name: `$${around.step}.diagonal_values`,
    layout,
    lastRow: plan.tile.queries - 1,
    locals: code.locals,
    once: code.once,
    each: [...code.each, ...stores],
  });
}
