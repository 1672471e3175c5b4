// What a random program is called with: a shape of a few tiles, ragged and seldom square, parameters and elements that are
// mostly sensible and sometimes as large as numbers get. Everything keeps the program's promises.

import { INT_MAX } from "../analysis/range.ts";
import type { Value } from "../ops/op.ts";
import type { Case, Shape } from "../spec/case.ts";
import type { Attention, Range } from "../spec/spec.ts";
import { makeTensor, zeros } from "../tensors/elements.ts";
import type { Numbers } from "../verify/numbers.ts";
import { anyElements, type Elements } from "./elements.ts";
import { PARAMS, TENSORS } from "./leaves.ts";
import { extreme, fitted, oddFloat } from "./numbers.ts";
import { needed, type Program } from "./program.ts";

export type Tile = { readonly queries: number; readonly keys: number };

export type Inputs = {
  readonly shape: Shape;
  readonly tile: Tile;
  readonly params: Readonly<Record<string, Value>>;
  readonly tensors: Readonly<Record<string, Elements>>;
  readonly keyLengths?: readonly number[];
  readonly queryStart?: readonly number[];
};

const TILES: readonly (readonly [number, number])[] = [
  [16, 16],
  [16, 32],
  [32, 16],
  [32, 32],
  [64, 64],
  [7, 5],
  [13, 24],
  [1, 16],
  [33, 9],
];

/** Pairs of all heads, at most: truth is brute force. */
const MOST_PAIRS = 60_000;

export function anyInputs(numbers: Numbers, program: Program): Inputs {
  const [queriesOfTile, keysOfTile] = numbers.pick(TILES);
  const [queries, keys] = [anyLength(numbers, queriesOfTile), anyLength(numbers, keysOfTile)];
  const [heads, kvHeads] = numbers.pick([
    [1, 1],
    [1, 1],
    [2, 1],
    [2, 2],
    [4, 2],
  ] as const);
  const batch = numbers.pick([1, 1, 1, 2]);
  const fits = batch * heads * queries * keys <= MOST_PAIRS;
  const counts = fits ? { batch, heads, kvHeads } : { batch: 1, heads: 1, kvHeads: 1 };
  const shape: Shape = { ...counts, queries, keys, dim: 4, valueDim: 4, axes: anyAxes(numbers, keys) };
  const perBatch = (draw: () => number) => Array.from({ length: shape.batch }, draw);
  const keyLengths = numbers.unit() < 0.15 ? perBatch(() => numbers.int(0, keys)) : undefined;
  const queryStart = anyStarts(numbers, program, shape);
  const params = Object.entries(PARAMS).map(
    ([name, type]) => [name, anyScalar(numbers, type, program.declarations[name]!.promise, keys)] as const,
  );
  const tensors = needed(program, "tensor").map(
    (name) =>
      [name, anyElements(numbers, name, { promise: program.declarations[name]!.promise, shape, keyLengths })] as const,
  );
  return {
    shape,
    tile: { queries: queriesOfTile, keys: keysOfTile },
    params: Object.fromEntries(params),
    tensors: Object.fromEntries(tensors),
    ...(keyLengths && { keyLengths }),
    ...(queryStart && { queryStart }),
  };
}

/** Positions of the first rows, if the call names them: near the keys, seldom where positions wrap around. Axes of rows are
 *  indexed by position − start, and what that means across the wrap is not settled; such programs keep clear of it. */
function anyStarts(numbers: Numbers, program: Program, { batch, keys, queries }: Shape): readonly number[] | undefined {
  const chance = numbers.unit();
  if (chance >= 0.2) return undefined;
  const hasRows = needed(program, "tensor").some((name) => TENSORS[name]!.axes.includes("query"));
  const start = () => (chance < 0.03 ? extreme(numbers) : numbers.int(-8, keys + 8));
  return Array.from({ length: batch }, () => (hasRows ? Math.min(start(), INT_MAX - queries) : start()));
}

/** Mostly a few tiles, the last of them ragged. */
function anyLength(numbers: Numbers, tile: number): number {
  const chance = numbers.unit();
  if (chance < 0.01) return 0;
  if (chance < 0.06) return 1;
  if (chance < 0.12) return numbers.int(1, tile);
  return numbers.int(tile + 1, Math.min(Math.max(6 * tile, 24), 220));
}

/** Extents of a grid that holds about as many tokens as there are keys; seldom one that is empty. */
function anyAxes(numbers: Numbers, keys: number): Shape["axes"] {
  const x = numbers.unit() < 0.02 ? 0 : numbers.int(1, 40);
  const y = numbers.int(1, 12);
  return { t: numbers.int(1, 5), y: numbers.unit() < 0.5 ? y : Math.max(1, Math.round(keys / Math.max(x, 1))), x };
}

function anyScalar(numbers: Numbers, type: "int" | "float" | "bool", promise: Range, keys: number): Value {
  if (type === "bool") return numbers.unit() < 0.5;
  if (type === "float") return numbers.unit() < 0.75 ? Math.fround(2 * numbers.unit()) : oddFloat(numbers);
  return fitted(numbers, promise, numbers.unit() < 0.7 ? numbers.int(1, Math.max(2, keys >> 1)) : extreme(numbers));
}

/** The call of the attention with these inputs; rows of Q, K and V are left out. */
export function callOf(attention: Attention, inputs: Inputs): Case {
  const { shape, params, tensors, keyLengths, queryStart } = inputs;
  const nothing = zeros("f32", [0]);
  const captured = attention.tensors.map(({ name, element }) => {
    const { shape: extents, values } = tensors[name]!;
    return [name, makeTensor(element, extents, values)] as const;
  });
  const axes = (attention.grid?.axes ?? []).map(({ name }) => [name, shape.axes[name]!] as const);
  return {
    attention,
    shape: { ...shape, axes: Object.fromEntries(axes) },
    params: Object.fromEntries(attention.params.map(({ name }) => [name, params[name]!])),
    tensors: Object.fromEntries(captured),
    query: nothing,
    key: nothing,
    value: nothing,
    ...(keyLengths && { keyLengths }),
    ...(queryStart && { queryStart }),
  };
}
