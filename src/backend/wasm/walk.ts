// The walk of a query tile over the key tiles: generated functions for what a query tile computes once, for the jump to
// the next key tile, and for the facts about the one at hand. The template owns the loop that calls them.

import type * as ir from "../../ir/expr.ts";
import { local } from "../../ir/make.ts";
import type { Region } from "../../schedule/loop.ts";
import type { Walking } from "../../schedule/plan.ts";
import { render } from "../template.ts";
import type { AttendView } from "../views.ts";
import type { StepContext } from "./functions.ts";
import { type Code, type Printed, printAll } from "./print-fold.ts";
import { headGlobal, scopeOf } from "./scope.ts";

/** The names that kernels give to the locals of the loops. */
const LOOP: Readonly<Record<string, Printed>> = {
  firstQuery: { text: "(global.get $first_query)", width: "one" },
  lastQuery: { text: "(global.get $last_query)", width: "one" },
  firstKey: { text: "(local.get $first_key)", width: "one" },
  lastKey: { text: "(local.get $last_key)", width: "one" },
  nextKey: { text: "(local.get $next_key)", width: "one" },
};

/** What has a walk: a pass over the keys, or the step that writes it down. */
type WalkContext = {
  readonly plan: Walking;
  readonly around: StepContext["around"];
};

export type Walk = Pick<AttendView, "enterTile" | "jump" | "visit"> & {
  /** Visits the tile where few rows are computed. */
  readonly visitRows: string;
  readonly functions: readonly string[];
};

export function walkOf(context: StepContext): Walk {
  const { enterTile, jump, functions, ...facts } = walkParts(context);
  const { traversal, mask } = context.plan;
  const must = mask ? facts.must : "(i32.const 1)";
  const ifAny = (visit: string) => (traversal.may ? `(if ${facts.may} (then ${visit}))` : visit);
  const visit = (name: string, ...before: string[]) =>
    ifAny(
      `(call $${context.around.step}.${[name, ...before].join(" ")} (local.get $rows) (local.get $first_key) (i32.eqz ${must}))`,
    );
  return { enterTile, jump, visit: visit("visit", "(local.get $row)"), visitRows: visit("visit_rows"), functions };
}

/** The walk in pieces: the jump is a statement, the facts about the tile at hand are conditions. */
export function walkParts(context: WalkContext) {
  const { next, may, must } = context.plan.traversal;
  const call = (name: string, ...args: string[]) => `(call $${context.around.step}.${name} ${args.join(" ")})`;
  const corners = ["(local.get $first_key)", "(local.get $last_key)"];
  return {
    enterTile:
      context.plan.queryTile.length > 0 ? call("enter_tile", ...ROWS) : `(call $enter_query_tile ${ROWS.join(" ")})`,
    jump: next ? `(local.set $first_key ${call("next", "(local.get $first_key)")})` : ";; Every key tile is looked at.",
    may: may ? call("may", ...corners) : "(i32.const 1)",
    must: must ? call("must", ...corners) : "(i32.const 0)",
    functions: [
      ...(context.plan.queryTile.length > 0 ? [enterTile(context)] : []),
      ...(next
        ? [walkFunction(context, "next", "The first key of the next tile to look at.", ["next_key"], next)]
        : []),
      ...(may ? [walkFunction(context, "may", "False if no pair of the tile is visible.", CORNERS, may)] : []),
      ...(must ? [walkFunction(context, "must", "True if every pair of the tile is visible.", CORNERS, must)] : []),
    ],
  };
}

const CORNERS = ["first_key", "last_key"];
const ROWS = ["(local.get $row)", "(local.get $rows)"];

/** Values of the query tile, kept in globals like those of the head. */
function enterTile(context: WalkContext): string {
  const lets = context.plan.queryTile;
  const code = printWalk(
    context,
    lets.map(({ name, value }) => local(value.type, name)),
    { lets, value: local("int", "firstQuery") },
  );
  const sets = lets.map(
    ({ name }, index) => `(global.set ${headGlobal(context.around.step, name)} ${code.results[index]})`,
  );
  return render("wasm/parts/enter-tile", {
    name: `$${context.around.step}.enter_tile`,
    locals: code.locals,
    statements: [...code.once, ...sets],
  });
}

function walkFunction(
  context: WalkContext,
  name: string,
  comment: string,
  parameters: readonly string[],
  region: Region,
): string {
  const code = printWalk(context, [region.value], region);
  return render("wasm/parts/walk-function", {
    name: `$${context.around.step}.${name}`,
    comment,
    parameters,
    locals: code.locals,
    statements: code.once,
    result: code.results[0],
  });
}

function printWalk({ around }: WalkContext, values: readonly ir.Expr[], { lets }: Region): Code {
  return printAll(values, scopeOf({ ...around, quantities: {}, definitions: lets, locals: LOOP }), "one");
}
