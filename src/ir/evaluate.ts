// The value of an expression at one coordinate. An expression is compiled once to a list of steps over an array of
// values, children first; what depends on nothing but the bindings is computed then and there, so that a loop over
// pairs pays only for what varies. Serves folding and the runners of IR and plan, never the reference.

import { findSignature, type OpName } from "../ops/index.ts";
import type { Value } from "../ops/op.ts";
import { type Arithmetic, type Demand, demands } from "./arithmetic.ts";
import type { Axis, Expr, Extent, Quantity } from "./expr.ts";

/** What one call of an attention fixes. */
export type Bindings = {
  /** Lengths; `keys` and `queryStart` are those of the batch. */
  extent(extent: Extent, batch: number): number;
  /** Floats come rounded to f32. */
  param(name: string): Value;
  /** Element of a captured tensor; every index is clamped to its axis, of which only the keys alive in `batch` count. */
  load(tensor: string, at: readonly number[], batch: number): Value;
};

/** The coordinate of evaluation and the values that were computed before. A loop moves one point along. */
export type Point = Record<Axis, number> & {
  readonly quantities: Partial<Record<Quantity, number>>;
  /** A local has a value in each arithmetic in which it may be wanted. */
  readonly locals: Record<Arithmetic, Record<string, Value>>;
};

/** A point at the origin, to be moved. */
export function startPoint(): Point {
  return { batch: 0, head: 0, kv: 0, query: 0, key: 0, quantities: {}, locals: { decide: {}, real: {} } };
}

type Step = (values: Value[], point: Point) => Value;

/** Compiles the expression; the function that comes back gives its value at a point.
 *  @param scored locals that were computed from a quantity, which matters to how comparisons with them are made
 *  Cost: linear in the number of distinct nodes that vary with the point. */
export function evaluator(
  root: Expr,
  arithmetic: Arithmetic,
  bindings: Bindings,
  scored: ReadonlySet<string> = new Set(),
): (point: Point) => Value {
  const slots = new Map<Demand, number>();
  const values: Value[] = [];
  const varying = new Set<Demand>();
  const steps: { readonly slot: number; readonly run: Step }[] = [];
  const origin = startPoint();
  for (const demand of demands(root, arithmetic, scored)) {
    const slot = slots.size;
    const run = stepFor(
      demand,
      demand.parts.map((part) => slots.get(part)!),
      bindings,
    );
    slots.set(demand, slot);
    if (isFixed(demand.expr) && demand.parts.every((part) => !varying.has(part))) values[slot] = run(values, origin);
    else {
      varying.add(demand);
      steps.push({ slot, run });
    }
  }
  const result = slots.size - 1;
  return (point) => {
    for (const { slot, run } of steps) values[slot] = run(values, point);
    return values[result]!;
  };
}

const unbound: Bindings = {
  extent: (name) => missing(`extent ${name}`),
  param: (name) => missing(`parameter ${name}`),
  load: (tensor) => missing(`tensor ${tensor}`),
};

/** The value of an expression of constants alone. */
export function evaluateConstant(root: Expr, arithmetic: Arithmetic): Value {
  return evaluator(root, arithmetic, unbound)(startPoint());
}

/** Constants, parameters and operations are the same at every point, unless a part of them is not. */
function isFixed(expr: Expr): boolean {
  return expr.kind === "const" || expr.kind === "param" || expr.kind === "op";
}

function stepFor({ expr, arithmetic }: Demand, slots: readonly number[], bindings: Bindings): Step {
  const rounded = (step: Step): Step => {
    if (arithmetic === "real" || expr.type !== "float") return step;
    return (values, point) => Math.fround(step(values, point) as number);
  };
  switch (expr.kind) {
    case "const":
      return rounded(() => expr.value);
    case "coord":
      return (_, point) => point[expr.axis];
    case "extent":
      return (_, point) => bindings.extent(expr.extent, point.batch);
    case "quantity":
      return rounded((_, point) => point.quantities[expr.name] ?? missing(`quantity ${expr.name}`));
    case "param":
      return rounded(() => bindings.param(expr.name));
    case "local":
      return rounded((_, point) => point.locals[arithmetic][expr.name] ?? missing(`local ${expr.name}`));
    case "load": {
      const indices = (values: Value[]) => slots.map((slot) => values[slot] as number);
      return rounded((values, point) => bindings.load(expr.tensor, indices(values), point.batch));
    }
    case "search": {
      const read = (values: Value[]) => slots.map((slot) => values[slot] as number);
      return (values, { batch }) => {
        const indices = read(values);
        const wanted = indices.pop()!;
        const count = indices.pop()!;
        const isBelow = (at: number) => (bindings.load(expr.tensor, [...indices, at], batch) as number) < wanted;
        return countSorted(count, isBelow);
      };
    }
    case "op":
      return rounded(applyOp(expr.op, expr.args, slots));
  }
}

/** How many of the first numbers satisfy what none does behind one that does not. */
function countSorted(end: number, holds: (at: number) => boolean): number {
  let first = 0;
  while (first < end) {
    const middle = (first + end) >>> 1;
    if (holds(middle)) first = middle + 1;
    else end = middle;
  }
  return first;
}

function applyOp(name: OpName, args: readonly Expr[], slots: readonly number[]): Step {
  const types = args.map(({ type }) => type);
  const meaning = findSignature(name, types)!.eval;
  const [first = 0, second = 0, third = 0] = slots;
  if (args.length === 1) return (values) => meaning(values[first]!);
  if (args.length === 2) return (values) => meaning(values[first]!, values[second]!);
  return (values) => meaning(values[first]!, values[second]!, values[third]!);
}

function missing(what: string): never {
  throw new Error(`${what} has no value here`);
}
