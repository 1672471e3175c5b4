// What the printers of one attend step share.

import type { Target } from "../../../targets/target.ts";
import type * as ir from "../../ir/expr.ts";
import type { Order } from "../../ir/order.ts";
import { registerTileOf } from "../../schedule/larger-tiles.ts";
import type { AttendPlan, Program } from "../../schedule/plan.ts";
import { sumsValues } from "../../schedule/split.ts";
import { matrixLayout, type TileLayout, tileLayout } from "../../schedule/workgroup-layout.ts";
import { quantitiesOf } from "../attend-facts.ts";
import { type PrintedFunction, regionFunction } from "../simt/functions.ts";
import type { Surroundings } from "../simt/scope.ts";
import { render } from "../template.ts";

export type StepContext = {
  readonly plan: AttendPlan;
  readonly around: Surroundings;
  readonly layout: TileLayout;
  /** Products of row vectors, and lse, that the plan's expressions read. */
  readonly quantities: ReadonlySet<ir.Quantity>;
  /** In which rows or keys are stored, where that is not the call's. */
  readonly order?: Order | undefined;
};

export function contextOf(
  { ir: { order } }: Program,
  plan: AttendPlan,
  around: Surroundings,
  target: Target,
): StepContext {
  return { plan, around, layout: layoutOf(plan, target), quantities: quantitiesOf(plan), order };
}

/** How the threads of the step share out its tile. */
export function layoutOf(
  { tile, dims, matrix }: Pick<AttendPlan, "tile" | "dims" | "matrix">,
  target: Target,
): TileLayout {
  const own = registerTileOf(target, tile);
  return matrix ? matrixLayout(tile, own, dims, matrix) : tileLayout(tile, own, dims);
}

/** True where rows that see no key are more than rows of zeros. */
export const marksEmptyRows = (plan: AttendPlan) => sumsValues(plan) && plan.empty !== "zero";

export function printFunction({ parameters, call: _, ...printed }: PrintedFunction, comment: string): string {
  const typed = parameters.map(({ name, type }) => `${name}: ${type}`).join(", ");
  return render("wgsl/parts/function", { ...printed, parameters: typed, comment });
}

/** A function of the expression and its call; a constant needs none. */
export function printedCall(name: string, value: ir.Expr, comment: string, around: Surroundings) {
  if (value.kind === "const") return { functions: [], call: around.dialect.literal(value.type, value.value).text };
  const printed = regionFunction(name, { lets: [], value }, around);
  return { functions: [{ code: printFunction(printed, comment) }], call: printed.call };
}

export const part = (name: string, view: object) => render(`wgsl/parts/${name}`, view).trimEnd();
