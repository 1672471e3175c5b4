// Elements of captured tensors: ids that come in runs, flags that are rare, numbers that are no numbers, maps in blocks.
// What masks make of them depends on it whether a block is empty, so each tensor has its own ways of being filled.

import { INT_MAX } from "../analysis/range.ts";
import type { Shape } from "../spec/case.ts";
import type { Range } from "../spec/spec.ts";
import type { Numbers } from "../verify/numbers.ts";
import { TENSORS, TREE, typeOfTensor } from "./leaves.ts";
import { extreme, fitted, oddFloat } from "./numbers.ts";

/** Elements of captured tensors in row-major order. */
export type Elements = { readonly shape: readonly number[]; readonly values: readonly number[] };

/** What elements have to fit: the promise, the extents, the keys that are alive. */
export type Fitting = {
  readonly promise: Range;
  readonly shape: Shape;
  readonly keyLengths: readonly number[] | undefined;
};

/** Elements of one of the tensors that programs read. */
export function anyElements(numbers: Numbers, name: string, { promise, shape, keyLengths }: Fitting): Elements {
  const { axes, sorted } = TENSORS[name]!;
  const extents = extentsOf(name, shape, numbers.int(1, 9));
  const length = extents.at(-1)!;
  const rows = extents.slice(0, -1).reduce((product, extent) => product * extent, 1);
  const drawRow = FILLS[name]!;
  const values = Array.from({ length: rows }, (_, row) => {
    const drawn = drawRow(numbers, length, shape, row);
    const kept = typeOfTensor(name) === "int" ? drawn.map((value) => fitted(numbers, promise, value)) : drawn;
    if (sorted) kept.sort((left, right) => left - right);
    return axes.includes("token")
      ? withDead(kept, name, axes[0] === "batch" ? keyLengths?.[row] : keyLengths && Math.max(...keyLengths))
      : kept;
  });
  return { shape: extents, values: values.flat() };
}

/** Extents of a tensor in a call of this shape.
 *  @param fresh the extent of a fresh axis */
export function extentsOf(name: string, shape: Shape, fresh: number): readonly number[] {
  const known: Readonly<Record<string, number>> = {
    batch: shape.batch,
    head: shape.heads,
    token: shape.keys,
    key: shape.keys,
    query: shape.queries,
    z: fresh,
    [TREE]: TREE,
  };
  return TENSORS[name]!.axes.map((axis) => known[axis]!);
}

/** Elements of keys that are not alive hold what no mask may ever see. */
function withDead(row: readonly number[], name: string, alive = row.length): readonly number[] {
  const dead = { int: INT_MAX, float: Number.NaN, bool: 1 }[typeOfTensor(name)];
  return row.map((value, index) => (index < alive ? value : dead));
}

type Fill = (numbers: Numbers, length: number, shape: Shape, row: number) => number[];

const each =
  (draw: (numbers: Numbers, shape: Shape) => number): Fill =>
  (numbers, length, shape) =>
    Array.from({ length }, () => draw(numbers, shape));

/** Stretches of equal values, as long as documents are. */
const runs =
  (draw: (numbers: Numbers) => number): Fill =>
  (numbers, length) => {
    const row: number[] = [];
    while (row.length < length) {
      const value = draw(numbers);
      const end = row.length + numbers.int(1, 1 + Math.ceil(length / 3));
      while (row.length < Math.min(end, length)) row.push(value);
    }
    return row;
  };

const oneOf =
  (...fills: readonly Fill[]): Fill =>
  (numbers, ...rest) =>
    numbers.pick(fills)(numbers, ...rest);

const FILLS: Readonly<Record<string, Fill>> = {
  doc: runs((numbers) => numbers.int(0, 9)),
  ids: oneOf(
    runs((numbers) => numbers.int(0, 3)),
    each((numbers) => numbers.int(0, 2)),
    each((numbers) => (numbers.unit() < 0.1 ? extreme(numbers) : numbers.int(0, 30))),
  ),
  flag: oneOf(
    each((numbers) => Number(numbers.unit() < 0.02)),
    each((numbers) => Number(numbers.unit() < 0.5)),
    runs((numbers) => Number(numbers.unit() < 0.5)),
  ),
  gain: oneOf(
    runs((numbers) => Math.fround(numbers.unit())),
    each((numbers) => (numbers.unit() < 0.02 ? oddFloat(numbers) : Math.fround(numbers.unit()))),
  ),
  rows: oneOf(
    each((numbers, { keys }) => numbers.int(0, keys)),
    runs((numbers) => numbers.int(0, 90)),
  ),
  rate: each((numbers) => Math.fround(numbers.unit())),
  offset: each((numbers, { keys }) => (numbers.unit() < 0.1 ? extreme(numbers) : numbers.int(0, keys))),
  table: each((numbers, { keys }) => numbers.int(-4, keys)),
  // Blocks of pairs, with a pair here and there that stands alone.
  pair: (numbers, length, _, row) => {
    const size = 8 + (length % 40);
    const noise = numbers.unit() < 0.5 ? 0 : 0.002;
    return Array.from({ length }, (_each, key) => {
      const inBlock = (Math.floor(row / size) * 5 + Math.floor(key / size) * 3) % 4 < 2;
      return Number(inBlock !== numbers.unit() < noise);
    });
  },
  tree: each((numbers) => Number(numbers.unit() < 0.6)),
};
