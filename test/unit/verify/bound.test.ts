import { describe, expect, test } from "vitest";
import { attend } from "../../../src/reference/attention.ts";
import type { Case } from "../../../src/spec/case.ts";
import { boundOf } from "../../../src/verify/bound.ts";
import { makeCase, makeParams } from "../../../src/verify/cases.ts";
import { compare } from "../../../src/verify/compare.ts";
import { type Setting, sweepOf } from "../../../src/verify/sweep.ts";
import { attentions } from "./attentions.ts";
import { type Faults, f32Attention } from "./f32-attention.ts";

const accuracy = { exp: 4, log: 4, tanh: 4 };

function judge(call: Case, faults: Faults = {}) {
  return compare(f32Attention(call, faults), attend(call), boundOf(call, accuracy), call.shape);
}

/** The cheap part of the quick sweep. */
function settings(name: string): readonly Setting[] {
  const all = sweepOf(attentions[name]!, "quick", 1, {}).settings;
  return all.filter(({ shape }) => shape.heads * shape.batch * shape.queries * shape.keys * shape.dim < 3e6);
}

describe.each(Object.keys(attentions))("%s", (name) => {
  const attention = attentions[name]!;
  const calls = settings(name).map((setting) => makeCase(attention, setting, makeParams(attention, setting.seed)));

  test("an honest f32 computation stays within the bound, and not far from it", () => {
    let closest = 0;
    for (const call of calls) {
      const verdict = judge(call);
      expect([call.shape, verdict.worst, verdict.agrees]).toEqual([call.shape, verdict.worst, true]);
      closest = Math.max(closest, verdict.worst?.ratio ?? 0);
    }
    expect(closest).toBeGreaterThan(0.05);
  });

  test("nearly every row is judged", () => {
    let rows = 0;
    let undecided = 0;
    for (const call of calls) {
      rows += call.shape.batch * call.shape.heads * call.shape.queries;
      undecided += boundOf(call, accuracy).undecided.length;
    }
    expect(undecided / rows).toBeLessThan(0.2);
  });

  /** Ordinary numbers in a row or more, where a fault has something to show on. */
  const ordinary = calls.filter((_, index) => {
    const { profile, shape, keyLengths, queryStart } = settings(name)[index]!;
    return profile === "normal" && shape.keys > 1 && shape.queries > 0 && !keyLengths && !queryStart;
  });

  const { normalize, weights, masks } = attention;
  const faults: readonly (readonly [string, Faults, boolean])[] = [
    ["a key left out", { dropKey: true }, true],
    ["a hidden key let in", { leakKey: true }, masks.length > 0],
    ["a scale off by a thousandth", { scale: 1.001 }, true],
    ["a forgotten sink", { forgetSink: true }, normalize.kind === "softmax" && normalize.sink !== undefined],
    ["a forgotten weight", { forgetWeight: true }, weights.length > 0],
  ];
  test.each(faults.filter(([, , applies]) => applies))(
    "%s is found in most ordinary calls, far over the bound",
    (_, fault) => {
      expect(ordinary.length).toBeGreaterThan(1);
      const found = ordinary.filter((call) => judge(call, fault).worst!.ratio > 10);
      expect(found.length / ordinary.length).toBeGreaterThan(0.5);
    },
  );
});
