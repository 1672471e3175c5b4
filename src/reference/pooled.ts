// Products of rows that are made of rows, such as `dot(mean[query] Q, mean[key] K)`: the rows are made element by element.

import type { Pooled } from "../spec/choice.ts";
import type { Expr } from "../spec/spec.ts";
import { compile } from "./evaluate.ts";
import { vectorOf } from "./leaf.ts";
import type { Point, Surroundings } from "./point.ts";
import { walker } from "./walk.ts";

type Row = readonly number[];

type Product = Extract<Expr, { kind: "pooled" }>;

export function pooledProduct(product: Product, around: Surroundings): (point: Point) => number {
  return productOf(product, around, (value) => value, COMBINE);
}

/** The same product of the sizes of all elements: what rounding errors of its sums are measured by. No element of a minimum
 *  is larger than the largest. */
export function pooledMagnitude(product: Product, around: Surroundings): (point: Point) => number {
  return productOf(product, around, Math.abs, { ...COMBINE, min: COMBINE.max });
}

/** How many numbers are added up for an element of each of its rows; a maximum and a minimum are exact. */
export function pooledRoundings({ left, right }: Product, around: Surroundings): (point: Point) => number {
  const sums = [...left.reductions, ...right.reductions].filter(({ op }) => op === "sum" || op === "mean");
  const walks = sums.map(({ axis, range }) => walker(axis, range, around));
  return (point) => walks.reduce((count, walk) => count + Array.from(walk(point)).length, 0);
}

function productOf({ left, right }: Product, around: Surroundings, size: (value: number) => number, combine: Combine) {
  const rowOfLeft = rowMaker(left, around, size, combine);
  const rowOfRight = rowMaker(right, around, size, combine);
  return (point: Point) => {
    const other = rowOfRight(point);
    return rowOfLeft(point).reduce((sum, element, d) => sum + element * other[d]!, 0);
  };
}

function rowMaker(
  { of, reductions, factor }: Pooled,
  around: Surroundings,
  size: (value: number) => number,
  combine: Combine,
): (point: Point) => Row {
  const { values, width, start } = vectorOf(around.call, of);
  const plain = (point: Point): Row => Array.from({ length: width }, (_, d) => size(values[start(point) + d]!));
  const reduced = reductions.reduce((inner, { op, axis, range }) => {
    const walk = walker(axis, range, around);
    return (point: Point) => combine[op](Array.from(walk(point), inner), width);
  }, plain);
  if (!factor) return reduced;
  const by = compile(factor, around, "real");
  return (point) => {
    const scale = size(by(point));
    return reduced(point).map((element) => scale * element);
  };
}

type Combine = Readonly<Record<Pooled["reductions"][number]["op"], (rows: readonly Row[], width: number) => Row>>;

const COMBINE = {
  sum: (rows: readonly Row[], width: number) => elementwise(rows, width, (sum, element) => sum + element, 0),
  mean: (rows: readonly Row[], width: number) =>
    COMBINE.sum(rows, width).map((sum) => (rows.length === 0 ? 0 : sum / rows.length)),
  max: (rows: readonly Row[], width: number) => elementwise(rows, width, Math.max, -Infinity),
  min: (rows: readonly Row[], width: number) => elementwise(rows, width, Math.min, Infinity),
} as const;

function elementwise(
  rows: readonly Row[],
  width: number,
  combine: (a: number, b: number) => number,
  first: number,
): number[] {
  return Array.from({ length: width }, (_, d) => rows.reduce((all, row) => combine(all, row[d]!), first));
}
