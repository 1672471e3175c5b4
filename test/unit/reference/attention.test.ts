import { describe, expect, test } from "vitest";
import { attend, InputError } from "../../../src/reference/attention.ts";
import type { Case, Shape } from "../../../src/spec/case.ts";
import type { Attention } from "../../../src/spec/spec.ts";
import { makeTensor } from "../../../src/tensors/elements.ts";
import {
  apply,
  bool,
  callOf,
  causal,
  clause,
  element,
  float,
  h,
  implicit,
  int,
  k,
  q,
  quantity,
  tensorParam,
  toFloat,
} from "./specs.ts";

const s = quantity("s");
const p = quantity("p");
const numbers = (values: ArrayLike<number>) => Array.from(values);
const nothing = clause(bool(false));

function expectClose(got: ArrayLike<number>, wanted: ArrayLike<number>) {
  expect(got.length).toBe(wanted.length);
  for (let index = 0; index < got.length; index++) {
    if (wanted[index] === -Infinity) expect(got[index]).toBe(-Infinity);
    else expect(got[index]).toBeCloseTo(wanted[index]!, 12);
  }
}

/** One query row against two keys: scores 1·scale·(1, 2), values 10 and 20. */
function twoKeys(changes: Partial<Attention>): Case {
  return callOf({ scale: clause(float(1)), ...changes }, { queries: 1, keys: 2, dim: 1 }, {
    query: makeTensor("f32", [1, 1, 1, 1], [1]),
    key: makeTensor("f32", [1, 1, 2, 1], [1, 2]),
    value: makeTensor("f32", [1, 1, 2, 1], [10, 20]),
  } as Partial<Case>);
}

describe("by hand", () => {
  const e = Math.E;

  test("softmax of scores 1 and 2", () => {
    const { out, lse } = attend(twoKeys({}));
    expectClose(out, [(10 * e + 20 * e * e) / (e + e * e)]);
    expectClose(lse!, [Math.log(e + e * e)]);
  });

  test("a sink of 0 adds 1 to the denominator and to lse, and no value", () => {
    const { out, lse } = attend(twoKeys({ normalize: { kind: "softmax", sink: float(0) } }));
    expectClose(out, [(10 * e + 20 * e * e) / (1 + e + e * e)]);
    expectClose(lse!, [Math.log(1 + e + e * e)]);
  });

  test("sum divides by the sum of the scores, and lse stays that of the scores", () => {
    const { out, lse } = attend(twoKeys({ normalize: { kind: "sum" } }));
    expectClose(out, [(10 * 1 + 20 * 2) / 3]);
    expectClose(lse!, [Math.log(e + e * e)]);
  });

  test("sum of scores that cancel is 0, not NaN", () => {
    const cancelled = clause(apply("float", "sub", s, float(1.5)));
    expectClose(attend(twoKeys({ normalize: { kind: "sum" }, scores: [cancelled] })).out, [0]);
  });

  test("none takes the scores themselves", () => {
    expectClose(attend(twoKeys({ normalize: { kind: "none" } })).out, [50]);
  });

  test("scores apply in order, after the scale", () => {
    const double = clause(apply("float", "mul", s, float(2)));
    const next = clause(apply("float", "add", s, float(1)));
    const none = { normalize: { kind: "none" } } as const;
    expectClose(attend(twoKeys({ ...none, scores: [double, next] })).out, [3 * 10 + 5 * 20]);
    expectClose(attend(twoKeys({ ...none, scores: [next, double] })).out, [4 * 10 + 6 * 20]);
    expectClose(attend(twoKeys({ ...none, scores: [next], scale: clause(float(3)) })).out, [4 * 10 + 7 * 20]);
  });

  test("weights apply in order to p and see the final score", () => {
    const scores = [clause(apply("float", "add", s, float(1)))];
    const weights = [clause(apply("float", "add", p, s)), clause(apply("float", "mul", p, float(10)))];
    const total = e ** 2 + e ** 3;
    const wanted = 10 * 10 * (e ** 2 / total + 2) + 10 * 20 * (e ** 3 / total + 3);
    expectClose(attend(twoKeys({ scores, weights })).out, [wanted]);
  });

  test("a score of −inf hides its key in every form, from weights too", () => {
    const hideFirst = apply("float", "select", apply("bool", "eq", k, int(0)), float(-Infinity), s);
    const plusOne = clause(apply("float", "add", p, float(1)));
    for (const [kind, wanted] of [
      ["softmax", 40],
      ["sum", 40],
      ["none", 60],
    ] as const) {
      const { out, lse } = attend(twoKeys({ scores: [clause(hideFirst)], weights: [plusOne], normalize: { kind } }));
      expectClose(out, [wanted]);
      expectClose(lse!, [2]);
    }
  });

  test("a score of NaN or +inf is an input error that says where", () => {
    for (const bad of [Number.NaN, Infinity]) {
      expect(() => attend(twoKeys({ scores: [clause(float(bad))] }))).toThrow(InputError);
    }
    expect(() => attend(twoKeys({ scores: [clause(float(Infinity))] }))).toThrow(/head 0, query row 0 .* key 0/);
  });

  test("scores of ±10000 neither overflow nor vanish", () => {
    const { out, lse } = attend(twoKeys({ scale: clause(float(-10_000)) }));
    expectClose(out, [10]);
    expectClose(lse!, [-10_000]);
  });
});

describe("rows that see no key", () => {
  test("are zero with lse −inf", () => {
    const { out, lse } = attend(twoKeys({ masks: [nothing] }));
    expect(numbers(out)).toEqual([0]);
    expect(numbers(lse!)).toEqual([-Infinity]);
  });

  test("have the sink as lse", () => {
    const { out, lse } = attend(twoKeys({ masks: [nothing], normalize: { kind: "softmax", sink: float(0.25) } }));
    expect(numbers(out)).toEqual([0]);
    expectClose(lse!, [0.25]);
  });

  test("have a sink that may read the scale", () => {
    const normalize = { kind: "softmax", sink: quantity("scale") } as const;
    expectClose(attend(twoKeys({ masks: [nothing], normalize, scale: clause(float(0.75)) })).lse!, [0.75]);
  });

  test("are the mean of the live keys where `empty uniform` says so, untouched by weights", () => {
    const weights = [clause(float(7))];
    const { out, lse } = attend(twoKeys({ masks: [nothing], empty: "uniform", weights }));
    expectClose(out, [15]);
    expect(numbers(lse!)).toEqual([-Infinity]);
    const shorter = { ...twoKeys({ masks: [nothing], empty: "uniform" }), keyLengths: [1] };
    expectClose(attend(shorter).out, [10]);
    expectClose(attend({ ...shorter, keyLengths: [0] }).out, [0]);
  });

  test("are an input error that names the row where `empty error` says so", () => {
    expect(() => attend(twoKeys({ masks: [nothing], empty: "error" }))).toThrow(/no key is visible .* query row 0/);
  });
});

describe("laws", () => {
  const extents: Partial<Shape> = { batch: 2, heads: 4, kvHeads: 2, queries: 5, keys: 7, dim: 3, valueDim: 2 };
  const sink = { kind: "softmax", sink: float(0.5) } as const;

  test("rows of softmax sum to 1, and to less with a sink", () => {
    const ones = makeTensor("f32", [2, 2, 7, 2], new Array(56).fill(1));
    const plain = attend(callOf({ masks: [causal] }, extents, { value: ones }));
    expectClose(plain.out, new Array(80).fill(1));
    const withSink = attend(callOf({ masks: [causal], normalize: sink }, extents, { value: ones }));
    numbers(withSink.out).forEach((sum, index) => {
      const lse = plain.lse![Math.floor(index / 2)]!;
      expect(sum).toBeCloseTo(Math.exp(lse) / (Math.exp(lse) + Math.exp(0.5)), 12);
    });
  });

  test("an order of the keys does not matter where nothing reads positions", () => {
    const call = callOf({}, { queries: 3, keys: 3, dim: 2 });
    const reversed = (tensor: Case["key"]) =>
      makeTensor(
        "f32",
        tensor.shape,
        [2, 1, 0].flatMap((row) => numbers(tensor.data.slice(row * 2, row * 2 + 2))),
      );
    const other = attend({ ...call, key: reversed(call.key), value: reversed(call.value) });
    expectClose(other.out, attend(call).out);
    expectClose(other.lse!, attend(call).lse!);
  });

  test("a causal row is full attention over its prefix", () => {
    const call = callOf({ masks: [causal] }, { queries: 5, keys: 5, dim: 2 });
    const whole = attend(call);
    for (let row = 0; row < 5; row++) {
      const prefix = attend({
        ...callOf({}, { queries: 1, keys: row + 1, dim: 2 }),
        query: makeTensor("f32", [1, 1, 1, 2], call.query.data.slice(row * 2, row * 2 + 2)),
        key: makeTensor("f32", [1, 1, row + 1, 2], call.key.data.slice(0, row * 2 + 2)),
        value: makeTensor("f32", [1, 1, row + 1, 2], call.value.data.slice(0, row * 2 + 2)),
      });
      expectClose(prefix.out, whole.out.slice(row * 2, row * 2 + 2));
      expectClose(prefix.lse!, whole.lse!.slice(row, row + 1));
    }
  });

  test("grouped heads equal KV heads that are repeated", () => {
    for (const [heads, kvHeads] of [
      [6, 2],
      [4, 1],
      [3, 3],
    ] as const) {
      const call = callOf({ masks: [causal] }, { heads, kvHeads, queries: 3, keys: 4, dim: 2, valueDim: 3 });
      const repeat = (tensor: Case["key"], width: number) =>
        makeTensor(
          "f32",
          [1, heads, 4, width],
          Array.from({ length: heads }, (_, head) => Math.floor(head / (heads / kvHeads))).flatMap((kvHead) =>
            numbers(tensor.data.slice(kvHead * 4 * width, (kvHead + 1) * 4 * width)),
          ),
        );
      const repeated = attend({
        ...call,
        shape: { ...call.shape, kvHeads: heads },
        key: repeat(call.key, 2),
        value: repeat(call.value, 3),
      });
      expectClose(repeated.out, attend(call).out);
    }
  });

  test("keys beyond key_lengths do not matter, not even as NaN", () => {
    const call = callOf({ masks: [causal], normalize: sink }, { batch: 2, queries: 2, keys: 4, dim: 2 });
    const lengths = [3, 0];
    const poisoned = (tensor: Case["key"]) =>
      makeTensor(
        "f32",
        tensor.shape,
        numbers(tensor.data).map((value, index) => {
          const [batch, key] = [Math.floor(index / 8), Math.floor(index / 2) % 4];
          return key < lengths[batch]! ? value : Number.NaN;
        }),
      );
    const got = attend({ ...call, keyLengths: lengths, key: poisoned(call.key), value: poisoned(call.value) });
    const first = attend({
      ...callOf({ masks: [causal], normalize: sink }, { queries: 2, keys: 3, dim: 2 }),
      query: makeTensor("f32", [1, 1, 2, 2], call.query.data.slice(0, 4)),
      key: makeTensor("f32", [1, 1, 3, 2], call.key.data.slice(0, 6)),
      value: makeTensor("f32", [1, 1, 3, 2], call.value.data.slice(0, 6)),
    });
    expectClose(got.out, [...first.out, 0, 0, 0, 0]);
    expectClose(got.lse!, [...first.lse!, 0.5, 0.5]);
  });

  test("lengths of 0 give empty or zero results", () => {
    for (const empty of [{ batch: 0 }, { heads: 0, kvHeads: 0 }, { queries: 0, keys: 3 }]) {
      const { out, lse } = attend(callOf({}, empty));
      expect(out.length + lse!.length).toBe(0);
    }
    const { out, lse } = attend(callOf({}, { queries: 2, keys: 0, dim: 1 }));
    expect(numbers(out)).toEqual([0, 0]);
    expect(numbers(lse!)).toEqual([-Infinity, -Infinity]);
  });

  test("a bias and ALiBi add to the score, per head", () => {
    const slope = tensorParam("slope", "f32", [implicit("head")]);
    const distance = toFloat(apply("int", "sub", k, q));
    const alibi = apply("float", "add", s, apply("float", "mul", element("float", "slope"), distance));
    const tensors = { slope: makeTensor("f32", [2], [0, 0.5]) };
    const call = callOf({ tensors: [slope], scores: [clause(alibi)] }, { heads: 2, queries: 2, dim: 1 }, { tensors });
    const byHead = apply("float", "div", toFloat(h), float(2));
    const formula = apply("float", "add", s, apply("float", "mul", byHead, distance));
    const same = { ...call, attention: { ...call.attention, tensors: [], scores: [clause(formula)] } };
    expectClose(attend(call).out, attend(same).out);
  });
});
