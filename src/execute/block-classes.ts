// What the compiler proves of every block of a call: the classification of src/analysis, told the exact lengths and
// parameters of the call and the smallest and largest element that a block can read from a captured tensor.

import { letterOf } from "../analysis/block-fact.ts";
import { classify, type Positions } from "../analysis/classify.ts";
import type { Environment } from "../analysis/interval.ts";
import { ANY_INT, anyOf, type IntRange, intRange, join, type Range, rangeOf } from "../analysis/range.ts";
import type { AttentionIr } from "../ir/expr.ts";
import { lowerAttention } from "../ir/lower.ts";
import { readableTensors } from "../ir/selection.ts";
import { optimize } from "../passes/index.ts";
import type { Case } from "../spec/case.ts";
import { bindCase, keysAlive, kvHeadOf } from "./environment.ts";
import { withOrder } from "./stored-call.ts";

export type Tile = { readonly queries: number; readonly keys: number };

export type BlockClasses = {
  /** One string a row of blocks, one character a block: `e`, `f` or `p`. */
  readonly rows: (batch: number, head: number) => readonly string[];
};

/** Facts about the blocks of a call: what its mask proves of them, in stored order, whatever a sparsity chooses. Cost: a walk of the mask for each block, and of what the block reads. */
export function blockClasses(given: Case, tile: Tile): BlockClasses {
  const { sparsities: _, ...masked } = given.attention;
  const attention = optimize(lowerAttention({ ...masked, outputs: { lse: false } }, { consts: given.params }));
  const call = withOrder(attention, given);
  const bindings = bindCase(attention, call);
  return {
    rows: (batch, head) => {
      const environment = environmentOf(call, attention, bindings, batch, head);
      const first = bindings.extent("queryStart", batch);
      const alive = keysAlive(call, batch);
      const keyBlocks = Math.ceil(call.shape.keys / tile.keys);
      return Array.from({ length: Math.ceil(call.shape.queries / tile.queries) }, (_, i) => {
        const query = positions(first + i * tile.queries, tile.queries, first + call.shape.queries);
        return Array.from({ length: keyBlocks }, (_, j) => {
          const key = positions(j * tile.keys, tile.keys, alive);
          return letterOf(classify(attention.mask, { query, key }, environment));
        }).join("");
      });
    },
  };
}

type Bindings = ReturnType<typeof bindCase>;

function positions(first: number, count: number, end: number): Positions {
  return { first, last: Math.min(first + count, end) - 1 };
}

/** Everything of one head is known exactly but which pair of the block it is. */
function environmentOf(
  call: Case,
  attention: AttentionIr,
  bindings: Bindings,
  batch: number,
  head: number,
): Environment {
  const fixed = { batch, head, kv: kvHeadOf(head, call.shape) };
  const params = new Map(attention.params.map(({ name, type }) => [name, rangeOf(type, bindings.param(name))]));
  const scalars = new Map(readableTensors(attention).map(({ name, element }) => [name, scalarOf[element]]));
  return {
    coord: (axis) => (axis === "query" || axis === "key" ? ANY_INT : intRange(fixed[axis], fixed[axis])),
    extent: (name) => {
      const extent = bindings.extent(name, batch);
      return intRange(extent, extent);
    },
    param: (name) => params.get(name)!,
    load: (name, at) =>
      elementsIn(call.tensors[name]!.shape, at, (place) =>
        rangeOf(scalars.get(name)!, bindings.load(name, place, batch)),
      ),
  };
}

const scalarOf = { f32: "float", f16: "float", bf16: "float", i32: "int", u8: "int", bool: "bool" } as const;

/** The range of all elements that the indices can reach; larger regions than this are not worth the walk. */
const MOST_ELEMENTS = 1 << 20;

function elementsIn(
  shape: readonly number[],
  at: readonly IntRange[],
  read: (place: readonly number[]) => Range,
): Range {
  // Clamped indices repeat the first or the last element, so the walk stays within the axis.
  const bounds = at.map(({ low, high }, axis) => {
    const last = Math.max(0, shape[axis]! - 1);
    return { low: Math.min(Math.max(low, 0), last), high: Math.min(Math.max(high, 0), last) };
  });
  const first = read(bounds.map(({ low }) => low));
  if (bounds.reduce((count, { low, high }) => count * (high - low + 1), 1) > MOST_ELEMENTS) return anyOf(first.type);
  const place = bounds.map(({ low }) => low);
  let range = first;
  for (let axis = place.length - 1; axis >= 0; ) {
    if (place[axis]! < bounds[axis]!.high) {
      place[axis]! += 1;
      for (let inner = axis + 1; inner < place.length; inner++) place[inner] = bounds[inner]!.low;
      range = join(range, read(place));
      axis = place.length - 1;
    } else axis -= 1;
  }
  return range;
}
