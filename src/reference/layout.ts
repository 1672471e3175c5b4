// An expression graph as a list, arguments first, with two things decided for every entry: in which arithmetic it is
// computed, and how often. Whoever runs down the list (evaluate.ts for values, the error analysis of verify for values
// with bounds) supplies the step of each entry.
//
// Two kinds of arithmetic. `decide`: a mask is decided in f32, so every float result is rounded to f32. `real`: scores
// and weights are real numbers, as near as f64 comes, but what they decide without looking at a score (a comparison of
// a random number, a rounding to int) is decided in f32 like a mask.

import type { Expr } from "../spec/spec.ts";
import { argumentsFirst, operands } from "./order.ts";
import type { Point } from "./point.ts";

export type Arithmetic = "decide" | "real";

/** How often a value changes: with the head, with the query row, with the key. */
type Level = (typeof levels)[number];
const levels = ["head", "row", "pair"] as const;

/** One value to compute: an expression in one arithmetic, from the entries at `from`. */
export type Entry = {
  readonly expr: Expr;
  readonly arithmetic: Arithmetic;
  readonly from: readonly number[];
  readonly level: Level;
};

/** Everything that `root` is computed from; the last entry is `root` itself. */
export function layOut(root: Expr, arithmetic: Arithmetic): readonly Entry[] {
  const order = argumentsFirst(root);
  const wanted = wantedArithmetics(order, arithmetic);
  const levelOf = new Map<Expr, Level>();
  const places = new Map<Expr, Partial<Record<Arithmetic, number>>>();
  const entries: Entry[] = [];
  for (const expr of order) {
    const level = latest([ownLevel(expr), ...operands(expr).map((operand) => levelOf.get(operand)!)]);
    levelOf.set(expr, level);
    places.set(expr, {});
    for (const [own, below] of wanted.get(expr)!) {
      const from = operands(expr).map((operand) => places.get(operand)![below]!);
      places.get(expr)![own] = entries.push({ expr, arithmetic: own, from, level }) - 1;
    }
  }
  return entries;
}

/** Runs one step per entry; what does not read the key runs once a query row, what does not read the query either runs
 *  once a head. The function that comes back remembers the row of its last call. */
export function runSteps(
  entries: readonly Entry[],
  stepOf: (entry: Entry, slot: number) => (point: Point) => void,
): (point: Point) => void {
  const steps = entries.map(stepOf);
  const [ofHead, ofRow, ofPair] = levels.map((level) => steps.filter((_, slot) => entries[slot]!.level === level));
  let head = -1;
  let batch = -1;
  let row = -1;
  return (point) => {
    const newHead = point.head !== head || point.batch !== batch;
    if (newHead) for (const step of ofHead!) step(point);
    if (newHead || point.row !== row) for (const step of ofRow!) step(point);
    for (const step of ofPair!) step(point);
    ({ head, batch, row } = point);
  };
}

/** For each node the arithmetics that somebody wants it in, with the one that its operands are then wanted in. */
function wantedArithmetics(order: readonly Expr[], arithmetic: Arithmetic): Map<Expr, Map<Arithmetic, Arithmetic>> {
  const readsScore = new Set<Expr>();
  for (const expr of order) {
    const isScore = expr.kind === "quantity" || expr.kind === "product";
    if (isScore || operands(expr).some((operand) => readsScore.has(operand))) readsScore.add(expr);
  }
  const wanted = new Map(order.map((expr) => [expr, new Map<Arithmetic, Arithmetic>()]));
  const want = (expr: Expr, own: Arithmetic) => {
    const decides = expr.type !== "float" && operands(expr).some(({ type }) => type === "float");
    wanted.get(expr)!.set(own, decides && !readsScore.has(expr) ? "decide" : own);
  };
  want(order.at(-1)!, arithmetic);
  for (const expr of order.toReversed()) {
    for (const below of wanted.get(expr)!.values()) for (const operand of operands(expr)) want(operand, below);
  }
  return wanted;
}

function ownLevel(expr: Expr): Level {
  switch (expr.kind) {
    case "position":
      return expr.axis === "query" ? "row" : expr.axis === "key" ? "pair" : "head";
    case "coordinate":
      return expr.of === "query" ? "row" : "pair";
    case "quantity":
      return "pair";
    case "block":
    case "chosen":
    case "reduce":
    case "pooled":
      return "pair";
    case "product":
      return expr.left === "Q" && expr.right === "Q" ? "row" : "pair";
    default:
      return "head";
  }
}

const latest = (found: readonly Level[]) => levels.findLast((level) => found.includes(level))!;
