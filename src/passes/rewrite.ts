// Rewriting by rules that read like equations: what matches a pattern is replaced by the same holes in another
// arrangement. The driver goes from the leaves up, again and again until no rule applies; operations on constants are
// folded on the way, so a rule may leave arithmetic on constants to it.

import { type Environment, rangesIn } from "../analysis/interval.ts";
import type { Range } from "../analysis/range.ts";
import { type Arithmetic, rebuildAs } from "../ir/arithmetic.ts";
import type { Expr } from "../ir/expr.ts";
import { foldNode } from "../ir/fold-constants.ts";
import type { OpName } from "../ops/index.ts";
import { type Bound, instantiate, match, type OpPattern, type Pattern, resembles } from "./pattern.ts";

/** What is known about values at the place of a rewrite. */
export type Facts = { rangeOf(expr: Expr): Range };

export type Rule = {
  /** Says what the equation does, in kebab case; traces and tests refer to it. */
  readonly name: string;
  readonly pattern: OpPattern;
  readonly replacement: Pattern;
  /** The equation holds only where this does. */
  readonly when: (bound: Bound, facts: Facts) => boolean;
  /** `real`: holds for real numbers but not for every bit of f32, so it is left out where floats decide. */
  readonly holdsFor: "every bit" | "real";
};

/** `pattern = replacement`, wherever `when` holds. */
export function rule(name: string, pattern: OpPattern, replacement: Pattern, when: Rule["when"] = () => true): Rule {
  return { name, pattern, replacement, when, holdsFor: "every bit" };
}

/** An equation of real numbers. */
export function realRule(name: string, pattern: OpPattern, replacement: Pattern, when?: Rule["when"]): Rule {
  return { ...rule(name, pattern, replacement, when), holdsFor: "real" };
}

/** How often each rule fired. */
export type Trace = Map<string, number>;

/** Sweeps and rewrites that are spent at most. Rules make expressions smaller or simpler, so this is only reached by a
 *  mistake in them, and stopping early is sound. */
const BUDGET = { sweeps: 64, steps: 200_000 };

/** What no rule applies to any more, in the arithmetic in which it is wanted. */
export type Settled = Readonly<Record<Arithmetic, Set<Expr>>>;

export const nothingSettled = (): Settled => ({ decide: new Set(), real: new Set() });

/** Rewrites one expression until no rule applies; the same object where none does.
 *  @param settled what is known from other expressions by the same rules and facts; grows */
export function rewrite(
  root: Expr,
  arithmetic: Arithmetic,
  rules: RuleBook,
  facts: Facts,
  trace: Trace,
  settled: Settled = nothingSettled(),
): Expr {
  let steps = BUDGET.steps;
  const changeNode = (expr: Expr, kind: Arithmetic): Expr => {
    if (settled[kind].has(expr)) return expr;
    const folded = foldNode(expr, kind);
    if (folded !== expr) {
      count(trace, "fold-constants");
      return folded;
    }
    for (const each of expr.kind === "op" ? (rules.get(expr.op) ?? []) : []) {
      if (each.holdsFor === "real" && kind === "decide") continue;
      if (!resembles(each.pattern, expr)) continue;
      const bound = match(each.pattern, expr).find((candidate) => each.when(candidate, facts));
      if (!bound || steps-- <= 0) continue;
      count(trace, each.name);
      return instantiate(each.replacement, bound);
    }
    settled[kind].add(expr);
    return expr;
  };
  let before = root;
  for (let sweep = 0; sweep < BUDGET.sweeps; sweep++) {
    const after = rebuildAs(before, arithmetic, changeNode);
    if (after === before) break;
    before = after;
  }
  return before;
}

const count = (trace: Trace, name: string) => trace.set(name, (trace.get(name) ?? 0) + 1);

/** Rules by the operation at the top of their pattern, in order. */
export type RuleBook = ReadonlyMap<OpName, readonly Rule[]>;

export function makeRuleBook(rules: readonly Rule[]): RuleBook {
  const names = new Set(rules.map(({ pattern }) => pattern.op));
  return new Map([...names].map((name) => [name, rules.filter(({ pattern }) => pattern.op === name)]));
}

/** Facts from what the leaves may be. Ranges are remembered, so a question costs only what is new in it. */
export function factsIn(environment: Environment): Facts {
  const ranges = new Map<Expr, Range>();
  return { rangeOf: (expr) => rangesIn([expr], environment, ranges).get(expr)! };
}
