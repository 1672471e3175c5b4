import { describe, expect, test } from "vitest";
import { lowerAttention } from "../../../src/ir/lower.ts";
import { printAttention, printExpr } from "../../../src/ir/print.ts";
import { termsOf } from "../../../src/passes/group-by-rate.ts";
import { optimize, PASSES } from "../../../src/passes/index.ts";
import type { PassRecord } from "../../../src/passes/pass.ts";
import { attentionOf } from "../../check.ts";

const lowered = (text: string) => lowerAttention(attentionOf(text), { consts: {} });
const maskOf = (text: string) => printExpr(optimize(lowered(`attention t${text}`)).mask);

describe("the optimizer", () => {
  test("const parameters open the way for the rules", () => {
    expect(maskOf("(const size: int = 16) { mask k // size // 4 < 2 }")).toBe("lt(k, 128)");
    expect(maskOf("(const on: bool = true) { mask on or q >= k }")).toBe("true");
  });

  test("terms that change at one rate stand together", () => {
    const text = "(doc: i32[token], n: int) { mask k <= q and doc[q] == 3 mask k < 8 and q < n mask h == 0 }";
    expect(maskOf(text)).toBe("and(eq(h, 0), eq(doc[q], 3), lt(q, n), lt(k, 8), le(k, q))");
  });

  test("a term that stands twice is kept once, however far apart", () => {
    expect(maskOf("(n: int) { mask k < n mask q >= k mask k < n }")).toBe("and(lt(k, n), le(k, q))");
  });

  test("a chain of nine hundred terms stays one chain", () => {
    const terms = Array.from({ length: 900 }, (_, index) => `k != ${index * 2}`).join(" and ");
    expect(termsOf(optimize(lowered(`attention t { mask ${terms} }`)).mask)).toHaveLength(900);
  });

  test("each pass says what it did", () => {
    const records: PassRecord[] = [];
    optimize(lowered("attention t { mask q // 4 > k // 4 }"), { afterEach: (record) => records.push(record) });
    const did = records.filter(({ before, after }) => before !== after);
    expect(did.map(({ round, pass, fired }) => ({ round, pass, fired: Object.fromEntries(fired) }))).toEqual([
      { round: 1, pass: "simplify", fired: { "gt-to-lt": 1 } },
      { round: 1, pass: "reduce-strength", fired: { "floor-div-power-of-two": 2 } },
    ]);
  });

  test("it can be stopped after any pass", () => {
    const attention = lowered("attention t { mask q // 4 > k // 4 }");
    const stopped = optimize(attention, { stopAfter: { round: 1, pass: "simplify" } });
    expect(printExpr(stopped.mask)).toBe("lt(floorDiv(k, 4), floorDiv(q, 4))");
  });

  test("it is idle the second time, and on what is simple already", () => {
    const optimized = optimize(lowered("attention t(w: int = 4) { mask 0 <= q - k < w score s * 2 + k }"));
    expect(optimize(optimized)).toBe(optimized);
    const simple = lowered("attention t(n: int) { mask k < n }");
    expect(optimize(simple)).toBe(simple);
  });

  test("scores, sinks and weights are simplified too", () => {
    const text = `attention t(z: f32[head]) {
      scale 2.0 * 3.0
      score s / 4.0
      normalize softmax(sink = z * 1.0)
      weight p * (if 1 < 2 then 1.0 else 0.0)
    }`;
    const lines = printAttention(optimize(lowered(text)))
      .split("\n")
      .map((line) => line.trim().replace(/ +/g, " "));
    expect(lines).toEqual(expect.arrayContaining(["scale 6.0", "score mul(s, 0.25)", "sink z[h]", "weight p"]));
  });

  test("every pass has a name and a reason", () => {
    for (const { name, why } of PASSES) expect([name.length, why.length].every((length) => length > 5)).toBe(true);
  });
});
