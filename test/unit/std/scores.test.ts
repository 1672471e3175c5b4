// Scores and dropout of the standard library against formulas that are written by hand.

import { expect, test } from "vitest";
import { compile } from "../../../src/reference/evaluate.ts";
import { startPoint } from "../../../src/reference/point.ts";
import { surroundingsOf } from "../../../src/reference/surroundings.ts";
import { makeTensor } from "../../../src/tensors/elements.ts";
import { callOf, scoreOf } from "./calls.ts";

const use = (score: string, params: string, imports: string) =>
  `import { ${imports} } from "std"\nattention a${params} { score ${score} }`;

/** Slopes as in the ALiBi paper's code: of the power of two below, then every second one of the doubled set. */
function publishedSlopes(heads: number): number[] {
  const ofPower = (n: number) => Array.from({ length: n }, (_, i) => 2 ** ((-(2 ** -(Math.log2(n) - 3))) ** (i + 1)));
  if (Number.isInteger(Math.log2(heads))) return ofPower(heads).map((_, i) => 2 ** ((-8 * (i + 1)) / heads));
  const below = 2 ** Math.floor(Math.log2(heads));
  const more = publishedSlopes(2 * below).filter((_, i) => i % 2 === 0);
  return [...publishedSlopes(below), ...more.slice(0, heads - below)];
}

test.for([1, 2, 3, 6, 8, 12, 20, 32, 71])("alibi_slope of %i heads", (heads) => {
  const text = use("s + alibi_slope(h, len(head)) * (k - q)", "", "alibi_slope");
  const score = scoreOf(text, { shape: { heads } });
  for (const [h, slope] of publishedSlopes(heads).entries()) {
    expect(score({ h, q: 9, k: 2, s: 0.5 })).toBeCloseTo(0.5 - 7 * slope, 12);
  }
});

test("alibi takes its slopes from the call", () => {
  const tensors = { slope: makeTensor("f32", [2], [0.5, 0.25]) };
  const score = scoreOf(use("alibi(slope)", "(slope: f32[head])", "alibi"), { shape: { heads: 2 }, tensors });
  expect(score({ h: 0, q: 7, k: 3, s: 1 })).toBe(-1);
  expect(score({ h: 1, q: 7, k: 3, s: 1 })).toBe(0);
});

test("softcap", () => {
  const score = scoreOf(use("softcap(cap)", "(cap: float)", "softcap"), { params: { cap: 20 } });
  for (const s of [-1e4, -3, 0, 0.25, 1e4]) expect(score({ q: 0, k: 0, s })).toBeCloseTo(20 * Math.tanh(s / 20), 12);
});

test.for([4, 5])("relative_bias with a table of %i", (n) => {
  const table = Array.from({ length: n }, (_, i) => i + 1);
  const tensors = { table: makeTensor("f32", [1, n], table) };
  const score = scoreOf(use("relative_bias(table)", "(table: f32[head, n])", "relative_bias"), { tensors });
  for (let q = 0; q < 9; q++) {
    for (let k = 0; k < 9; k++) {
      const place = Math.max(0, Math.min(n - 1, q - k + Math.floor(n / 2)));
      expect(score({ q, k, s: 10 })).toBe(10 + table[place]!);
    }
  }
});

/** The generator of the language page, in plain unsigned arithmetic. */
function random(...ints: number[]): number {
  const mix = (x: number) => {
    let y = (x ^ (x >>> 16)) >>> 0;
    y = Math.imul(y, 0x7feb352d) >>> 0;
    y = (y ^ (y >>> 15)) >>> 0;
    y = Math.imul(y, 0x846ca68b) >>> 0;
    return (y ^ (y >>> 16)) >>> 0;
  };
  const [seed, ...rest] = ints;
  let state = mix((seed! + 0x9e3779b9) >>> 0);
  for (const i of rest) state = mix((Math.imul((state ^ i) >>> 0, 0x85ebca6b) + 0x9e3779b9) >>> 0);
  return (state >>> 8) * 2 ** -24;
}

test("the hand-written generator is the one of the language", () => {
  expect([random(0), random(1, 2, 3), random(7, 0, 0, 0, 0)]).toEqual([
    0.0077651143074035645, 0.4500046968460083, 0.6831156611442566,
  ]);
});

test.for([0, 0.25, 1])("keep drops at a rate of %d", (rate) => {
  const text = `import { keep } from "std"
    attention a(rate: float, seed: int) { weight p * keep(rate, seed, b, h, q, k) }`;
  const call = callOf(text, { params: { rate, seed: 42 }, shape: { heads: 2 } });
  const weight = compile(call.attention.weights[0]!.value, surroundingsOf(call), "real");
  for (let q = 0; q < 12; q++) {
    for (let k = 0; k < 12; k++) {
      const factor = random(42, 0, 1, q, k) < rate ? 0 : 1 / (1 - rate);
      expect(weight({ ...startPoint(), head: 1, query: q, row: q, key: k, p: 0.5 })).toBeCloseTo(0.5 * factor, 12);
    }
  }
});
