// The orders of the library, each beside the same order written by hand.

import { expect, test } from "vitest";
import { storedOrderOf } from "../../../src/reference/stored-order.ts";
import { callOf, type Given } from "./calls.ts";

const orderOf = (name: string, clauses: string, given: Given): readonly number[] => {
  const text = `import { ${name.replace(/\(.*/, "")} } from "std"\nattention a { ${clauses} permute ${name} }`;
  return storedOrderOf(callOf(text, given))(0, 0).key;
};
const range = (count: number) => Array.from({ length: count }, (_, index) => index);

test("reversed", () => {
  expect(orderOf("reversed", "", { shape: { keys: 5 } })).toEqual([4, 3, 2, 1, 0]);
});

test("residues", () => {
  expect(orderOf("residues(3)", "", { shape: { keys: 8 } })).toEqual([0, 3, 6, 1, 4, 7, 2, 5]);
});

test("tiles, the last ones smaller", () => {
  const picture = { shape: { keys: 15, axes: { y: 3, x: 5 } } };
  expect(orderOf("tiles(2, 3)", "grid (y, x)", picture)).toEqual([
    ...[0, 1, 2, 5, 6, 7],
    ...[3, 4, 8, 9],
    ...[10, 11, 12],
    ...[13, 14],
  ]);
});

test("tiles of three axes, the last ones smaller", () => {
  const video = { shape: { keys: 18, axes: { t: 2, y: 3, x: 3 } } };
  expect(orderOf("tiles_3d(2, 2, 1)", "grid (t, y, x)", video)).toEqual([
    ...[0, 3, 9, 12],
    ...[1, 4, 10, 13],
    ...[2, 5, 11, 14],
    ...[6, 15],
    ...[7, 16],
    ...[8, 17],
  ]);
});

test("Morton's curve through three axes, beyond a byte of each coordinate", () => {
  const bits = (n: number) => n.toString(2).padStart(10, "0");
  for (const extents of [
    [4, 4, 4],
    [2, 3, 5],
    [1, 2, 300],
    [600, 1, 2],
  ]) {
    const [t, y, x] = extents as [number, number, number];
    const place = (token: number) => {
      const at = [Math.floor(token / (y * x)), Math.floor(token / x) % y, token % x].map(bits);
      return parseInt(
        range(10)
          .map((bit) => at.map((each) => each[bit]).join(""))
          .join(""),
        2,
      );
    };
    const wanted = range(t * y * x).toSorted((a, b) => place(a) - place(b));
    expect(orderOf("morton_3d", "grid (t, y, x)", { shape: { keys: t * y * x, axes: { t, y, x } } })).toEqual(wanted);
  }
});

test("Morton's curve, beyond a byte of each coordinate", () => {
  const bits = (n: number) => n.toString(2).padStart(15, "0");
  const place = (y: number, x: number) => parseInt([...bits(y)].map((bit, at) => bit + bits(x)[at]!).join(""), 2);
  for (const [y, x] of [
    [4, 4],
    [3, 7],
    [2, 300],
  ] as const) {
    const tokens = range(y * x);
    const wanted = tokens.toSorted((a, b) => place(Math.floor(a / x), a % x) - place(Math.floor(b / x), b % x));
    expect(orderOf("morton", "grid (y, x)", { shape: { keys: y * x, axes: { y, x } } })).toEqual(wanted);
  }
});

/** The place of a pixel by turning the square again in every quarter: Warren, Hacker's Delight, chapter 16. */
function placeOnHilbertsCurve(side: number, y: number, x: number): number {
  if (side === 1) return 0;
  const half = side / 2;
  const quarter = x < half ? (y < half ? 0 : 1) : y < half ? 3 : 2;
  const turned: readonly (readonly [number, number])[] = [
    [x, y],
    [y - half, x],
    [y - half, x - half],
    [side - 1 - x, half - 1 - y],
  ];
  const [own, other] = turned[quarter]!;
  return quarter * half * half + placeOnHilbertsCurve(half, own, other);
}

test("Hilbert's curve, which on a square goes from neighbor to neighbor", () => {
  for (const [y, x] of [
    [4, 4],
    [16, 16],
    [5, 9],
    [2, 300],
  ] as const) {
    const tokens = range(y * x);
    const place = (token: number) => placeOnHilbertsCurve(2 ** 14, Math.floor(token / x), token % x);
    const order = orderOf("hilbert", "grid (y, x)", { shape: { keys: y * x, axes: { y, x } } });
    expect(order).toEqual(tokens.toSorted((a, b) => place(a) - place(b)));
    if (y !== x) continue;
    const steps = order
      .slice(1)
      .map(
        (to, at) => Math.abs(Math.floor(to / x) - Math.floor(order[at]! / x)) + Math.abs((to % x) - (order[at]! % x)),
      );
    expect(steps.every((step) => step === 1)).toBe(true);
  }
});
