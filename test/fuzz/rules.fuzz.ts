// Every rewrite rule, by name, keeps the value: bit for bit where floats decide, and to the last places of f64 where it
// is only said to hold for real numbers.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { evaluator } from "../../src/ir/evaluate.ts";
import { constant } from "../../src/ir/make.ts";
import { findSignature } from "../../src/ops/index.ts";
import type { ScalarType, Value } from "../../src/ops/op.ts";
import { RULES } from "../../src/passes/index.ts";
import { type Bound, instantiate, match, type Pattern } from "../../src/passes/pattern.ts";
import { factsIn, type Rule } from "../../src/passes/rewrite.ts";
import {
  anyExpr,
  anyFixed,
  anyPoint,
  anyValue,
  bindingsOf,
  environmentAround,
  isSame,
  SCALAR_TYPES,
} from "./expressions.ts";

describe("rules keep the value", () => {
  test.each(RULES.map((rule) => [rule.name, rule] as const))("%s", (_, rule) => {
    let applied = 0;
    const slack = fc.constantFrom(0, 0, 1, 5);
    const law = fc.property(anyInstance(rule), anyFixed, anyPoint, slack, (holes, fixed, point, around) => {
      const before = instantiate(rule.pattern, holes);
      const facts = factsIn(environmentAround(fixed, point, around));
      const bound = match(rule.pattern, before).find((candidate) => rule.when(candidate, facts));
      if (!bound) return;
      applied += 1;
      const after = instantiate(rule.replacement, bound);
      expect(after.type).toBe(before.type);
      const arithmetics = rule.holdsFor === "real" ? (["real"] as const) : (["decide", "real"] as const);
      for (const arithmetic of arithmetics) {
        const [was, is] = [before, after].map((expr) => evaluator(expr, arithmetic, bindingsOf(fixed))(point)) as [
          Value,
          Value,
        ];
        if (rule.holdsFor === "real") expect(isClose(was as number, is as number)).toBe(true);
        else expect(is).toSatisfy((value) => isSame(value as Value, was));
      }
    });
    fc.assert(law, { numRuns: 500 });
    expect(applied).toBeGreaterThan(5);
  });

  test("each has a name of its own", () => {
    expect(new Set(RULES.map(({ name }) => name)).size).toBe(RULES.length);
  });
});

/** Fills the holes of a pattern with constants and small expressions; holes of any type agree on one. */
function anyInstance(rule: Rule): fc.Arbitrary<Bound> {
  return fc.constantFrom(...SCALAR_TYPES.filter((type) => typeOf(rule.pattern, type) !== undefined)).chain((free) =>
    fc.record(
      Object.fromEntries(
        holesOf(rule.pattern).map((hole) => {
          const type = hole.type ?? free;
          const constants = anyValue(type).map((value) => constant(type, value));
          return [hole.name, hole.constant ? constants : fc.oneof(constants, anyExpr(type, 1))];
        }),
      ),
    ),
  );
}

function holesOf(pattern: Pattern): readonly Extract<Pattern, { kind: "hole" }>[] {
  if (pattern.kind === "hole") return [pattern];
  return pattern.kind === "pattern" ? pattern.args.flatMap(holesOf) : [];
}

/** The type of a pattern whose untyped holes have the type `free`; undefined where there is none. */
function typeOf(pattern: Pattern, free: ScalarType): ScalarType | undefined {
  if (pattern.kind === "hole") return pattern.type ?? free;
  if (pattern.kind === "computed") return "int";
  if (pattern.kind !== "pattern") return pattern.type;
  const types = pattern.args.map((arg) => typeOf(arg, free));
  return types.includes(undefined) ? undefined : findSignature(pattern.op, types as ScalarType[])?.result;
}

function isClose(left: number, right: number): boolean {
  return isSame(left, right) || Math.abs(left - right) <= 1e-12 * Math.max(Math.abs(left), Math.abs(right));
}
