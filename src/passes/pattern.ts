// Expressions with holes: what a rewrite rule looks for, and what it leaves in its place.

import type { Expr } from "../ir/expr.ts";
import { op } from "../ir/make.ts";
import { OP_NAMES, type OpName, opInfo } from "../ops/index.ts";
import type { ScalarType } from "../ops/op.ts";

/** Stands for any expression, or any constant, of its type; the same hole stands for the same expression everywhere. */
export type Hole = {
  readonly kind: "hole";
  readonly name: string;
  /** Absent: any type. */
  readonly type?: ScalarType;
  readonly constant: boolean;
};
export type OpPattern = { readonly kind: "pattern"; readonly op: OpName; readonly args: readonly Pattern[] };
/** In a replacement: a constant that is computed from those that the holes stand for. */
export type Computed = { readonly kind: "computed"; readonly text: string; readonly of: (bound: Bound) => Expr };
/** Any other expression, a constant as a rule, stands for itself. */
export type Pattern = Hole | OpPattern | Computed | Expr;

/** What the holes stand for. */
export type Bound = Readonly<Record<string, Expr>>;

export function hole(name: string, type?: ScalarType): Hole {
  return type ? { kind: "hole", name, type, constant: false } : { kind: "hole", name, constant: false };
}

export function constantHole(name: string, type: ScalarType): Hole {
  return { kind: "hole", name, type, constant: true };
}

export function computed(text: string, of: (bound: Bound) => Expr): Computed {
  return { kind: "computed", text, of };
}

/** One function per operation, which makes patterns: `patterns.add(x, y)`. */
export const patterns = Object.fromEntries(
  OP_NAMES.map((name) => [name, (...args: readonly Pattern[]): OpPattern => ({ kind: "pattern", op: name, args })]),
) as Readonly<Record<OpName, (...args: readonly Pattern[]) => OpPattern>>;

/** Whether the pattern may match, without a look at what its holes stand for: most patterns do not get so far. */
export function resembles(pattern: Pattern, expr: Expr): boolean {
  if (pattern.kind === "hole") {
    return (!pattern.type || pattern.type === expr.type) && (!pattern.constant || expr.kind === "const");
  }
  if (pattern.kind !== "pattern") return (pattern as Expr) === expr;
  if (expr.kind !== "op" || expr.op !== pattern.op || expr.args.length !== pattern.args.length) return false;
  const [wanted, given] = [pattern.args, expr.args];
  if (wanted.every((each, index) => resembles(each, given[index]!))) return true;
  const turns = opInfo(expr.op).laws?.includes("commutative");
  return turns === true && wanted.every((each, index) => resembles(each, given[given.length - 1 - index]!));
}

/** The bindings under which the pattern matches; commutative operations match in either order. */
export function match(pattern: Pattern, expr: Expr, bound: Bound = {}): readonly Bound[] {
  if (pattern.kind === "hole") return fill(pattern, expr, bound);
  if (pattern.kind !== "pattern") return (pattern as Expr) === expr ? [bound] : [];
  if (expr.kind !== "op" || expr.op !== pattern.op) return [];
  const found = matchAll(pattern.args, expr.args, bound);
  if (!opInfo(expr.op).laws?.includes("commutative")) return found;
  return [...found, ...matchAll(pattern.args, expr.args.toReversed(), bound)];
}

function fill(pattern: Hole, expr: Expr, bound: Bound): readonly Bound[] {
  const before = bound[pattern.name];
  if (before) return before === expr ? [bound] : [];
  if (pattern.type && pattern.type !== expr.type) return [];
  if (pattern.constant && expr.kind !== "const") return [];
  return [{ ...bound, [pattern.name]: expr }];
}

function matchAll(patterns: readonly Pattern[], exprs: readonly Expr[], bound: Bound): readonly Bound[] {
  if (patterns.length !== exprs.length) return [];
  return patterns.reduce<readonly Bound[]>(
    (found, pattern, index) => found.flatMap((each) => match(pattern, exprs[index]!, each)),
    [bound],
  );
}

/** The pattern with its holes filled. */
export function instantiate(pattern: Pattern, bound: Bound): Expr {
  if (pattern.kind === "hole") return bound[pattern.name]!;
  if (pattern.kind === "computed") return pattern.of(bound);
  if (pattern.kind !== "pattern") return pattern;
  return op(pattern.op, ...pattern.args.map((arg) => instantiate(arg, bound)));
}
