import { describe, expect, test } from "vitest";
import { attend } from "../../../src/reference/attention.ts";
import { boundOf } from "../../../src/verify/bound.ts";
import { makeCase, makeParams } from "../../../src/verify/cases.ts";
import { compare } from "../../../src/verify/compare.ts";
import { sweepOf } from "../../../src/verify/sweep.ts";
import { attentions } from "./attentions.ts";
import { type Faults, f32Attention } from "./f32-attention.ts";

const accuracy = { exp: 4, log: 4, tanh: 4 };

/** The cheap part of the quick sweep, with what every answer to it is compared with. */
function casesOf(name: string) {
  const attention = attentions[name]!;
  const cheap = sweepOf(attention, "quick", 1, {}).settings.filter(
    ({ shape }) => shape.heads * shape.batch * shape.queries * shape.keys * shape.dim < 6e5,
  );
  return cheap.map((setting) => {
    const call = makeCase(attention, setting, makeParams(attention, setting.seed));
    return { setting, call, reference: attend(call), bound: boundOf(call, accuracy) };
  });
}

function judge({ call, reference, bound }: ReturnType<typeof casesOf>[number], faults: Faults = {}) {
  return compare(f32Attention(call, faults), reference, bound, call.shape);
}

describe.each(Object.keys(attentions))("%s", (name) => {
  const { normalize, weights, masks } = attentions[name]!;
  const cases = casesOf(name);

  test("an honest f32 computation stays within the bound, and not far from it", () => {
    let closest = 0;
    for (const one of cases) {
      const { worst, agrees } = judge(one);
      expect([one.setting, worst, agrees]).toEqual([one.setting, worst, true]);
      closest = Math.max(closest, worst?.ratio ?? 0);
    }
    expect(closest).toBeGreaterThan(0.05);
  });

  test("nearly every row is judged", () => {
    const rows = cases.reduce((sum, { reference }) => sum + reference.lse!.length, 0);
    const undecided = cases.reduce((sum, { bound }) => sum + bound.undecided.length, 0);
    expect(undecided / rows).toBeLessThan(0.2);
  });

  /** Ordinary numbers and more than one key, where a fault has something to show on. */
  const ordinary = cases.filter(({ setting: { profile, shape, keyLengths, queryStart } }) => {
    return profile === "normal" && shape.keys > 1 && shape.queries > 0 && !keyLengths && !queryStart;
  });
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
      const found = ordinary.filter((one) => judge(one, fault).worst!.ratio > 10);
      expect(found.length / ordinary.length).toBeGreaterThan(0.5);
    },
  );
});
