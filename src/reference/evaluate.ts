// Values of expressions at a point. An expression is laid out once as a list; each evaluation runs down the list, with
// the meanings of the table of operations and nothing else.

import { findSignature } from "../ops/index.ts";
import type { Expr } from "../spec/spec.ts";
import { type Arithmetic, type Entry, layOut, runSteps } from "./layout.ts";
import { readerOf } from "./leaf.ts";
import type { Point, Surroundings } from "./point.ts";

/** The value of an expression as a function of the point; booleans are 0 and 1. */
export function compile(root: Expr, around: Surroundings, arithmetic: Arithmetic): (point: Point) => number {
  const entries = layOut(root, arithmetic);
  const values = new Float64Array(entries.length);
  const run = runSteps(entries, (entry, slot) => {
    const compute = computation(entry, values, around);
    if (entry.arithmetic === "real" || entry.expr.type !== "float") {
      return (point) => {
        values[slot] = compute(point);
      };
    }
    return (point) => {
      values[slot] = Math.fround(compute(point));
    };
  });
  return (point) => {
    run(point);
    return values[entries.length - 1]!;
  };
}

function computation({ expr, from }: Entry, values: Float64Array, around: Surroundings): (point: Point) => number {
  if (expr.kind !== "apply") {
    const read = readerOf(expr, around);
    const at = from.map(() => 0);
    return (point) => {
      for (let index = 0; index < at.length; index++) at[index] = values[from[index]!]!;
      return read(point, at);
    };
  }
  const meaning = meaningOf(expr);
  const [a = 0, b = 0, c = 0] = from;
  if (from.length === 1) return () => Number(meaning(values[a]!));
  if (from.length === 2) return () => Number(meaning(values[a]!, values[b]!));
  return () => Number(meaning(values[a]!, values[b]!, values[c]!));
}

/** What the operation of an `apply` means for its argument types. Booleans may be passed as 0 and 1. */
export function meaningOf({ op, args }: Extract<Expr, { kind: "apply" }>): (...args: number[]) => number | boolean {
  const types = args.map(({ type }) => type);
  const signature = findSignature(op, types);
  if (!signature) throw new Error(`no meaning of ${op} for (${types.join(", ")}): a bug in the checker`);
  return signature.eval;
}
