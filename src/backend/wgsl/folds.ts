// What a pass for statistics does beside attend: its folds of the scores and weights of a tile, and where they are left. A
// thread keeps what its own pairs come to, for each of its rows or for each of its keys. Threads that share one tell each other
// at the end, in an order that never changes.

import type * as ir from "../../ir/expr.ts";
import type { Order } from "../../ir/order.ts";
import { type FoldOp, ofNothing } from "../../ir/statistics.ts";
import type { Reduce } from "../../schedule/plan.ts";
import { usesLog2 } from "../attend-facts.ts";
import { type Fold, isInside, nameOf } from "../simt/folds.ts";
import { regionFunction } from "../simt/functions.ts";
import { calledPlace } from "../simt/order.ts";
import { part, printFunction, type StepContext } from "./context.ts";
import { floatText, intText } from "./numbers.ts";
import { seenPairs } from "./pairs.ts";
import { placeOf } from "./places.ts";

export const typeOf = ({ tensor }: Fold) => (tensor.element === "i32" ? "i32" : "f32");

/** What a fold of nothing comes to, as a literal. */
export const nothingOf = (op: FoldOp, tensor: Pick<ir.Tensor, "element">) =>
  (tensor.element === "i32" ? intText : floatText)(ofNothing(op, tensor));

export const JOINS: Readonly<Record<FoldOp, (left: string, right: string) => string>> = {
  sum: (left, right) => `${left} + ${right}`,
  max: (left, right) => `max(${left}, ${right})`,
  min: (left, right) => `min(${left}, ${right})`,
};

/** What the strips of a row tell each other of ints, beside what all passes tell; empty where they have none. */
export const toldInts = ({ plan: { reduce }, layout }: StepContext) =>
  (reduce?.folds ?? []).some((fold) => typeOf(fold) === "i32")
    ? `var<workgroup> told_ints: array<vec4i, ${layout.threads}>;`
    : "";

/** Functions of the folds. */
export const foldFunctions = ({ plan, around }: StepContext): readonly string[] =>
  (plan.reduce?.folds ?? []).map(({ region, tensor }, index) =>
    printFunction(
      regionFunction(`${nameOf(index)}_of`, region, around, plan.diagonal),
      `What a pair adds to ${tensor.name}.`,
    ),
  );

/** Statements over the pairs of a tile. */
export function foldStatements(context: StepContext): string {
  const { plan, around } = context;
  const { folds, walks } = plan.reduce!;
  const statements = folds.map((fold, index) => {
    const { call } = regionFunction(`${nameOf(index)}_of`, fold.region, around, plan.diagonal);
    const own = `${nameOf(index)}[${walks === "rows" ? "r" : "j"}]`;
    const add = `${own} = ${JOINS[fold.op](own, call)};`;
    // Of rows that are none nothing is written, but keys would add them up.
    return walks === "rows" ? add : `if (${isInside(fold, index, "own_row + r") ?? "own_row + r < rows"}) { ${add} }`;
  });
  return seenPairs(context, [
    `let score = seen_scores[j][r]${usesLog2(plan) ? " * LN2" : ""};`,
    "let weight = scores[j][r];",
    ...statements,
  ]);
}

/** What the rows of a band have come to before the first key. */
export const openFolds = ({ folds }: Reduce): readonly string[] =>
  folds.map((fold, index) => `var ${nameOf(index)} = vec4<${typeOf(fold)}>(${nothingOf(fold.op, fold.tensor)});`);

/** Statements that join what the strips know of a row, and write it. */
export function leaveRows({ plan, layout, order }: StepContext): string {
  const row = orderedPlace(order, "rows", "row");
  const joins = plan.reduce!.folds.map((fold, index) => {
    const name = nameOf(index);
    const told = typeOf(fold) === "i32" ? "told_ints" : "told";
    const other = `${told}[other * ${layout.bands} + band]`;
    return part("join-strips", { layout, name, told, join: JOINS[fold.op](`whole_${name}`, other) });
  });
  const writes = plan.reduce!.folds.map(({ tensor }, index) => {
    const line = `(batch * call.heads + head) * call.queries + ${row}`;
    return `folds[${placeOf(tensor.name)} + ${line}] = bitcast<u32>(whole_${nameOf(index)}[r]);`;
  });
  return [...joins, part("each-own-row", { statements: writes.join("\n") })].join("\n");
}

/** In the order of the call. */
export const orderedPlace = (order: Order | undefined, side: "rows" | "keys", stored: string): string =>
  calledPlace(order, side, stored, (tensor, index) => `i32(facts[${placeOf(tensor)} + ${index}])`);
