// Values of expressions at a point. An expression is laid out once as a list of steps, arguments first; then each
// evaluation runs down the list. Steps that do not read the key run once a query row, steps that do not read the query
// either run once a head.
//
// Two kinds of arithmetic. `decide`: a mask is decided in f32, so every float result is rounded to f32. `real`: scores
// and weights are real numbers, as near as f64 comes, but what they decide without looking at a score (a comparison of
// a random number, a rounding to int) is decided in f32 like a mask.

import { findSignature } from "../ops/index.ts";
import type { Expr } from "../spec/spec.ts";
import { readerOf } from "./leaf.ts";
import { argumentsFirst, operands } from "./order.ts";
import type { Point, Surroundings } from "./point.ts";

export type Arithmetic = "decide" | "real";
/** How often a value changes: with the head, with the query row, with the key. */
const levels = ["head", "row", "pair"] as const;
type Level = (typeof levels)[number];
type Step = (point: Point) => void;

/** The value of an expression as a function of the point; booleans are 0 and 1.
 *  The function remembers what it computed for the row and the head of its last call. */
export function compile(root: Expr, around: Surroundings, arithmetic: Arithmetic): (point: Point) => number {
  const order = argumentsFirst(root);
  const slots = assignSlots(order, arithmetic);
  const values = new Float64Array(slots.count);
  const steps: Record<Level, Step[]> = { head: [], row: [], pair: [] };
  const levelOf = new Map<Expr, Level>();
  for (const expr of order) {
    levelOf.set(expr, latest([ownLevel(expr), ...operands(expr).map((operand) => levelOf.get(operand)!)]));
    for (const [kind, slot] of Object.entries(slots.of(expr)) as [Arithmetic, number][]) {
      const from = operands(expr).map((operand) => slots.of(operand)[operandArithmetic(expr, kind, slots.isReal)]!);
      steps[levelOf.get(expr)!].push(makeStep(expr, kind, values, slot, from, around));
    }
  }
  const result = slots.of(root)[arithmetic]!;
  let head = -1;
  let batch = -1;
  let row = -1;
  return (point) => {
    const sameHead = point.head === head && point.batch === batch;
    if (!sameHead) for (const step of steps.head) step(point);
    if (!sameHead || point.row !== row) for (const step of steps.row) step(point);
    for (const step of steps.pair) step(point);
    ({ head, batch, row } = point);
    return values[result]!;
  };
}

function makeStep(
  expr: Expr,
  arithmetic: Arithmetic,
  values: Float64Array,
  slot: number,
  from: readonly number[],
  around: Surroundings,
): Step {
  const rounds = arithmetic === "decide" && expr.type === "float";
  const store = rounds
    ? (value: number) => {
        values[slot] = Math.fround(value);
      }
    : (value: number) => {
        values[slot] = value;
      };
  if (expr.kind !== "apply") {
    const read = readerOf(expr, around);
    const at: number[] = from.map(() => 0);
    return (point) => {
      for (let index = 0; index < from.length; index++) at[index] = values[from[index]!]!;
      store(read(point, at));
    };
  }
  const meaning = meaningOf(expr);
  const [a = 0, b = 0, c = 0] = from;
  if (from.length === 1) return () => store(Number(meaning(values[a]!)));
  if (from.length === 2) return () => store(Number(meaning(values[a]!, values[b]!)));
  return () => store(Number(meaning(values[a]!, values[b]!, values[c]!)));
}

/** What the operation of an `apply` means for its argument types. Booleans may be passed as 0 and 1. */
export function meaningOf({ op, args }: Extract<Expr, { kind: "apply" }>): (...args: number[]) => number | boolean {
  const types = args.map(({ type }) => type);
  const signature = findSignature(op, types);
  if (!signature) throw new Error(`no meaning of ${op} for (${types.join(", ")}): a bug in the checker`);
  return signature.eval;
}

/** Which arithmetic the operands of a node are evaluated in. `isReal` tells what depends on a score. */
export function operandArithmetic(expr: Expr, own: Arithmetic, isReal: (expr: Expr) => boolean): Arithmetic {
  const decides = expr.type !== "float" && operands(expr).some(({ type }) => type === "float");
  return decides && !isReal(expr) ? "decide" : own;
}

/** Gives each node a place for each arithmetic that somebody wants it in. */
function assignSlots(order: readonly Expr[], arithmetic: Arithmetic) {
  const real = new Set<Expr>();
  for (const expr of order) {
    const isScore = expr.kind === "quantity" || expr.kind === "product";
    if (isScore || operands(expr).some((operand) => real.has(operand))) real.add(expr);
  }
  const isReal = (expr: Expr) => real.has(expr);
  const places = new Map<Expr, Partial<Record<Arithmetic, number>>>();
  let count = 0;
  const want = (expr: Expr, kind: Arithmetic) => {
    const place = places.get(expr) ?? {};
    place[kind] ??= count++;
    places.set(expr, place);
  };
  want(order.at(-1)!, arithmetic);
  for (const expr of order.toReversed()) {
    for (const kind of Object.keys(places.get(expr)!) as Arithmetic[]) {
      for (const operand of operands(expr)) want(operand, operandArithmetic(expr, kind, isReal));
    }
  }
  return { count, isReal, of: (expr: Expr) => places.get(expr)! };
}

function ownLevel(expr: Expr): Level {
  switch (expr.kind) {
    case "position":
      return expr.axis === "query" ? "row" : expr.axis === "key" ? "pair" : "head";
    case "coordinate":
      return expr.of === "query" ? "row" : "pair";
    case "quantity":
      return "pair";
    case "product":
      return expr.left === "Q" && expr.right === "Q" ? "row" : "pair";
    default:
      return "head";
  }
}

const latest = (found: readonly Level[]) => levels.findLast((level) => found.includes(level))!;
