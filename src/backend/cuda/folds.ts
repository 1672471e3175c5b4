// What a pass for statistics does with the pairs that it weighs: its folds, of which a thread keeps what its own pairs come to, for
// each of its rows or for each of its keys, and where they are left.

import { type FoldOp, OF_NOTHING } from "../../ir/statistics.ts";
import type { AttendPlan, Program, Reduce } from "../../schedule/plan.ts";
import { ownName } from "../simt/dialect.ts";
import type { Surroundings } from "../simt/scope.ts";
import { render } from "../template.ts";
import { floatText } from "./dialect.ts";
import { type DeviceFunction, deviceFunction } from "./scope.ts";

export type Fold = Reduce["folds"][number];
type Order = Program["ir"]["order"];

/** What a fold has come to in a thread. */
export const nameOf = (index: number) => `fold${index}`;

export const typeOf = ({ tensor }: Pick<Fold, "tensor">) => (tensor.element === "i32" ? "int" : "float");

export const ofNothing = (fold: Pick<Fold, "tensor" | "op">) =>
  typeOf(fold) === "int" ? "0" : floatText(OF_NOTHING[fold.op]);

export const JOINS: Readonly<Record<FoldOp, string>> = { sum: "add", max: "maximum", min: "minimum" };

export const foldFunctions = ({ reduce, diagonal }: AttendPlan, around: Surroundings): readonly DeviceFunction[] =>
  (reduce?.folds ?? []).map(({ region }, index) => deviceFunction(`${nameOf(index)}_of`, region, around, diagonal));

/** Declarations of what a thread keeps. */
export const openFolds = ({ folds, walks }: Reduce): string =>
  folds
    .flatMap((fold, index) => {
      const count = walks === "rows" ? "ROWS" : "COLUMNS";
      const name = nameOf(index);
      return [
        `${typeOf(fold)} ${name}[${count}];`,
        `for (int each = 0; each < ${count}; each++) ${name}[each] = ${ofNothing(fold)};`,
      ];
    })
    .join("\n");

/** Statements over the weights `p` of row `i`.
 *  @param places where the functions find what they read
 *  @param columnValues statements of column `j` */
export function foldPairs(
  { reduce }: AttendPlan,
  functions: readonly DeviceFunction[],
  places: Readonly<Record<string, string>>,
  columnValues: string,
): string {
  const { folds, walks } = reduce!;
  const statements = folds.map((fold, index) => {
    const own = `${nameOf(index)}[${walks === "rows" ? "i" : "j"}]`;
    const value = functions[index]!.called({ ...places, score: "scores[i][j] * LN_2", weight: "p[j]" });
    const condition = fold.rows ? `if (index >= ${nameOf(index)}_first && index < ${nameOf(index)}_end) ` : "";
    return `${condition}${own} = ${JOINS[fold.op]}(${own}, ${value});`;
  });
  return render("cuda/parts/fold-pairs", { columnValues, statements }).trimEnd();
}

/** Statements that join what the threads of row `i` know of it, and those that write it. */
export function leaveRows(
  { folds }: Reduce,
  order: Order,
): { readonly finish: string; readonly writes: readonly string[] } {
  const row = order?.rows ? orderedPlace(order.rows.name, "queries", "index") : "index";
  return {
    finish: folds
      .map((fold, index) => {
        const view = { name: nameOf(index), type: typeOf(fold), join: JOINS[fold.op] };
        return render("cuda/parts/join-lanes", view).trimEnd();
      })
      .join("\n"),
    writes: folds.map(
      (fold, index) =>
        `if (lane == 0) Global<${typeOf(fold)}>(call.${ownName(fold.tensor.name)})[row_index(call, batch, head, ${row})] = whole_${nameOf(index)};`,
    ),
  };
}

/** Statements that join what the rows of a block know of each key, and write it. */
export function leaveKeys({ folds }: Reduce, order: Order): string {
  const key = order?.keys ? orderedPlace(order.keys.name, "keys", "key") : "key";
  return folds
    .map((fold, index) => {
      const view = {
        name: nameOf(index),
        type: typeOf(fold),
        join: JOINS[fold.op],
        target: ownName(fold.tensor.name),
        key,
      };
      return render("cuda/parts/leave-keys", view).trimEnd();
    })
    .join("\n");
}

/** The place in the order of the call of what is stored at another. */
const orderedPlace = (order: string, length: "queries" | "keys", stored: string) =>
  `read(call.${ownName(order)}, (batch * call.kv_heads + head / (call.heads / call.kv_heads)) * call.${length} + ${stored})`;
