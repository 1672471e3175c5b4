// What a pass for statistics does with the pairs that it weighs: its folds, of which a thread keeps what its own pairs come to, for
// each of its rows or for each of its keys, and where they are left.

import type { Tensor } from "../../ir/expr.ts";
import type { Order } from "../../ir/order.ts";
import { type FoldOp, ofNothing } from "../../ir/statistics.ts";
import type { AttendPlan, Reduce } from "../../schedule/plan.ts";
import { usesLog2 } from "../attend-facts.ts";
import { ownName } from "../simt/dialect.ts";
import { isInside, nameOf } from "../simt/folds.ts";
import { calledPlace } from "../simt/order.ts";
import type { Surroundings } from "../simt/scope.ts";
import { render } from "../template.ts";
import { CUDA } from "./dialect.ts";
import { type DeviceFunction, deviceFunction } from "./scope.ts";

type Type = "int" | "float";

export const typeOf = ({ element }: Tensor): Type => (element === "i32" ? "int" : "float");

/** What a fold of nothing comes to, as a literal. */
export const nothingOf = (op: FoldOp, tensor: Tensor) => CUDA.literal(typeOf(tensor), ofNothing(op, tensor)).text;

export const JOINS: Readonly<Record<FoldOp, string>> = { sum: "add", max: "maximum", min: "minimum" };

/** The score of a pair, whatever unit it is kept in. */
export const scoreOf = (plan: AttendPlan) => (usesLog2(plan) ? "scores[i][j] * LN_2" : "scores[i][j]");

export const foldFunctions = ({ reduce, diagonal }: AttendPlan, around: Surroundings): readonly DeviceFunction[] =>
  (reduce?.folds ?? []).map(({ region }, index) => deviceFunction(`${nameOf(index)}_of`, region, around, diagonal));

/** Declarations of what a thread keeps. */
export const openFolds = ({ folds, walks }: Reduce): string =>
  folds
    .flatMap((fold, index) => {
      const count = walks === "rows" ? "ROWS" : "COLUMNS";
      const name = nameOf(index);
      return [
        `${typeOf(fold.tensor)} ${name}[${count}];`,
        `for (int each = 0; each < ${count}; each++) ${name}[each] = ${nothingOf(fold.op, fold.tensor)};`,
      ];
    })
    .join("\n");

/** Statements over the weights `p` of row `i`.
 *  @param places where the functions find what they read
 *  @param columnValues statements of column `j` */
export function foldPairs(
  plan: AttendPlan,
  functions: readonly DeviceFunction[],
  places: Readonly<Record<string, string>>,
  columnValues: string,
): string {
  const { folds, walks } = plan.reduce!;
  const score = scoreOf(plan);
  const statements = folds.map((fold, index) => {
    const own = `${nameOf(index)}[${walks === "rows" ? "i" : "j"}]`;
    const value = functions[index]!.called({ ...places, score, weight: "p[j]" });
    const inside = isInside(fold, index, "index");
    return `${inside ? `if (${inside}) ` : ""}${own} = ${JOINS[fold.op]}(${own}, ${value});`;
  });
  return render("cuda/parts/fold-pairs", { columnValues, statements }).trimEnd();
}

/** Statements that join what the threads of row `i` know of it, and those that write it. */
export function leaveRows(
  { folds }: Reduce,
  order: Order | undefined,
): { readonly finish: string; readonly writes: readonly string[] } {
  const row = orderedPlace(order, "rows", "index");
  return {
    finish: folds
      .map((fold, index) => {
        const view = { name: nameOf(index), type: typeOf(fold.tensor), join: JOINS[fold.op] };
        return render("cuda/parts/join-lanes", view).trimEnd();
      })
      .join("\n"),
    writes: folds.map(
      (fold, index) =>
        `if (lane == 0) Global<${typeOf(fold.tensor)}>(call.${ownName(fold.tensor.name)})[row_index(call, batch, head, ${row})] = whole_${nameOf(index)};`,
    ),
  };
}

/** Statements that join what the rows of a block know of each key, and write it. */
export function leaveKeys({ folds }: Reduce, order: Order | undefined): string {
  const key = orderedPlace(order, "keys", "key");
  return folds
    .map((fold, index) => {
      const view = {
        name: nameOf(index),
        type: typeOf(fold.tensor),
        join: JOINS[fold.op],
        target: ownName(fold.tensor.name),
        key,
      };
      return render("cuda/parts/leave-keys", view).trimEnd();
    })
    .join("\n");
}

/** In the order of the call; at the end of a row its KV head is not at hand. */
const orderedPlace = (order: Order | undefined, side: "rows" | "keys", stored: string): string =>
  calledPlace(
    order,
    side,
    stored,
    (tensor, index) => `read(call.${ownName(tensor)}, ${index})`,
    "head / (call.heads / call.kv_heads)",
  );
