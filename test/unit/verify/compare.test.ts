import { expect, test } from "vitest";
import type { Runner } from "../../../src/execute/runner.ts";
import { attend } from "../../../src/reference/attention.ts";
import type { Case } from "../../../src/spec/case.ts";
import { makeTensor } from "../../../src/tensors/elements.ts";
import { boundOf } from "../../../src/verify/bound.ts";
import { compare } from "../../../src/verify/compare.ts";
import { runLevels } from "../../../src/verify/levels.ts";
import {
  apply,
  attention,
  bool,
  callOf,
  causal,
  clause,
  float,
  int,
  k,
  q,
  quantity,
  shapeOf,
  toFloat,
} from "../reference/specs.ts";

const shape = shapeOf({ heads: 2, queries: 2, dim: 1 });
const reference = { out: [1, 2, 3, 4], lse: [0, 1, 2, -Infinity] };
const result = (out: number[], lse?: number[]) => ({
  out: Float64Array.from(out),
  ...(lse && { lse: Float64Array.from(lse) }),
});
const bound = (allowed: number, undecided: { batch: number; head: number; row: number; why: string }[] = []) => ({
  out: new Float64Array(4).fill(allowed),
  lse: new Float64Array(4).fill(allowed),
  undecided,
});
const judge = (out: number[], lse?: number[], limits = bound(0.5)) =>
  compare(result(out, lse), result(reference.out, reference.lse), limits, shape);

test("the worst element is named with its place, both values and its bound", () => {
  const { agrees, worst } = judge([1, 2.25, 3, 4.75]);
  expect(agrees).toBe(false);
  expect(worst).toEqual({ batch: 0, head: 1, row: 1, column: 0, got: 4.75, wanted: 4, bound: 0.5, ratio: 1.5 });
  expect(judge([1, 2.25, 3, 4]).worst).toMatchObject({ head: 0, row: 1, ratio: 0.5 });
});

test("lse is compared where there is one, infinities as values", () => {
  expect(judge([1, 2, 3, 4], [0, 1, 3, -Infinity]).worst).toMatchObject({ column: "lse", ratio: 2 });
  expect(judge([1, 2, 3, 4], [0, 1, 2, -Infinity]).agrees).toBe(true);
  expect(judge([1, 2, 3, 4], [0, 1, 2, -100]).worst!.ratio).toBe(Infinity);
});

test("NaN and infinities are wrong whatever the bound", () => {
  for (const bad of [Number.NaN, Infinity]) {
    expect(judge([1, 2, bad, 4], undefined, bound(Infinity)).agrees).toBe(false);
  }
});

test("no error at all is allowed where the bound is 0", () => {
  expect(judge([1, 2, 3, 4], undefined, bound(0)).agrees).toBe(true);
  expect(judge([1, 2, 3, 4.000001], undefined, bound(0)).worst!.ratio).toBe(Infinity);
});

test("an undecided row may hold any number, but not NaN", () => {
  const undecided = bound(0.5, [{ batch: 0, head: 0, row: 1, why: "" }]);
  expect(judge([1, 99, 3, 4], undefined, undecided).agrees).toBe(true);
  expect(judge([1, Number.NaN, 3, 4], undefined, undecided).agrees).toBe(false);
});

test("a row whose mask hangs on a rounding is undecided, by name", () => {
  // exp(k) > exp(2) holds for k > 2 alone, and at k = 2 an exponential one unit off would decide otherwise.
  const threshold = float(Math.fround(Math.exp(2)));
  const mask = clause(apply("bool", "gt", apply("float", "exp", toFloat(k)), threshold));
  const call = callOf({ masks: [mask] }, { queries: 1, keys: 5 });
  expect(boundOf(call, { exp: 2 }).undecided).toEqual([
    { batch: 0, head: 0, row: 0, why: "whether key 2 is visible hangs on a rounding" },
  ]);
  const onInts = clause(apply("bool", "ge", toFloat(q), toFloat(k)));
  expect(boundOf(callOf({ masks: [onInts] }, { queries: 5 }), { exp: 2 }).undecided).toEqual([]);
});

test("a sum of scores that cancels is undecided, one that is exactly 0 is not", () => {
  const cancelling = clause(
    apply("float", "select", apply("bool", "eq", k, int(0)), quantity("s"), apply("float", "neg", quantity("s"))),
  );
  const same = makeTensor("f32", [1, 1, 2, 1], [0.3, 0.3]);
  const call = callOf(
    { scores: [cancelling], normalize: { kind: "sum" } },
    { queries: 1, keys: 2, dim: 1 },
    { query: makeTensor("f32", [1, 1, 1, 1], [0.7]), key: same },
  );
  expect(boundOf(call, {}).undecided[0]!.why).toMatch(/within its error of 0/);
  const zeros = callOf(
    { normalize: { kind: "sum" } },
    { queries: 1, keys: 2, dim: 1 },
    { key: makeTensor("f32", [1, 1, 2, 1], [0, 0]) },
  );
  expect(boundOf(zeros, {})).toMatchObject({ undecided: [], out: new Float64Array(1) });
});

test("one visible key is copied, whatever the size and the error of its score", () => {
  const alone = clause(apply("bool", "eq", q, k));
  const call = callOf({ masks: [alone], scale: clause(float(1e4)) }, { queries: 3, dim: 2 });
  const { out } = boundOf(call, { exp: 4 });
  expect(Math.max(...out)).toBeLessThan(1e-5);
});

test("rows that see no key must be exactly 0", () => {
  const call = callOf({ masks: [clause(bool(false))] }, { queries: 2 });
  const { out, lse } = boundOf(call, {});
  expect([...out, ...lse].every((allowed) => allowed === 0)).toBe(true);
});

const runner = (level: Runner["level"], run: (call: Case) => ReturnType<typeof attend>): Runner => ({
  level,
  available: () => true,
  run: async (call) => run(call),
});

test("the first level that disagrees is named", async () => {
  const call = callOf({ masks: [causal] }, { queries: 4 });
  const unmasked = (one: Case) => attend({ ...one, attention: attention() });
  const absent: Runner = {
    level: "optimized",
    available: () => "there is no such machine",
    run: () => Promise.reject(),
  };
  const throws = runner("wasm", () => {
    throw new Error("out of memory");
  });
  const good = await runLevels(call, [runner("ir", attend)], {});
  expect(good).toMatchObject({ levels: [{ level: "ir", kind: "compared", verdict: { agrees: true } }] });
  expect(good.firstWrong).toBeUndefined();
  const bad = await runLevels(call, [runner("ir", attend), absent, runner("plan", unmasked), throws], {});
  expect(bad.firstWrong).toBe("plan");
  expect(bad.levels.map(({ kind }) => kind)).toEqual(["compared", "unavailable", "compared", "failed"]);
  expect((await runLevels(call, [throws], {})).firstWrong).toBe("wasm");
});
