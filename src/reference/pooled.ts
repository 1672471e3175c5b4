// Products of rows that are made of rows, such as `dot(mean[query] Q, mean[key] K)`: the rows are made element by element.

import type { Pooled } from "../spec/choice.ts";
import type { Expr } from "../spec/spec.ts";
import { compile } from "./evaluate.ts";
import { vectorOf } from "./leaf.ts";
import type { Point, Surroundings } from "./point.ts";
import { walker } from "./walk.ts";

type Row = readonly number[];

export function pooledProduct(
  { left, right }: Extract<Expr, { kind: "pooled" }>,
  around: Surroundings,
): (point: Point) => number {
  const rowOfLeft = rowMaker(left, around);
  const rowOfRight = rowMaker(right, around);
  return (point) => {
    const other = rowOfRight(point);
    return rowOfLeft(point).reduce((sum, element, d) => sum + element * other[d]!, 0);
  };
}

function rowMaker({ of, reductions, factor }: Pooled, around: Surroundings): (point: Point) => Row {
  const { values, width, start } = vectorOf(around.call, of);
  const plain = (point: Point): Row => Array.from({ length: width }, (_, d) => values[start(point) + d]!);
  const reduced = reductions.reduce((inner, { op, axis, range }) => {
    const walk = walker(axis, range, around);
    return (point: Point) => COMBINE[op](Array.from(walk(point), inner), width);
  }, plain);
  if (!factor) return reduced;
  const by = compile(factor, around, "real");
  return (point) => {
    const scale = by(point);
    return reduced(point).map((element) => scale * element);
  };
}

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
