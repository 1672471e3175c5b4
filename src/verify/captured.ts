// Captured tensors for a made-up call: extents as the declaration wants them, values within their range and sorted
// where that is promised. Ids along tokens come in runs, as documents do, so that masks that compare them see something.
// Promises speak of keys that are alive; elements of dead keys are poisoned.

import { compile } from "../reference/evaluate.ts";
import { startPoint } from "../reference/point.ts";
import { surroundingsOf } from "../reference/surroundings.ts";
import type { Case } from "../spec/case.ts";
import type { TensorAxis, TensorParam } from "../spec/spec.ts";
import { elementCount, floats, makeTensor } from "../tensors/elements.ts";
import type { DType, Tensor } from "../tensors/tensor.ts";
import type { Numbers } from "./numbers.ts";
import { type Bounds, boundsOf, pickWithin } from "./promises.ts";

/** One tensor for each that the attention captures; `call` needs everything but these. */
export function capturedTensors(call: Case, numbers: Numbers): Readonly<Record<string, Tensor>> {
  const fresh = new Map<string, number>();
  const around = surroundingsOf(call);
  const { batch, heads, kvHeads, queries, keys } = call.shape;
  const known = { batch, head: heads, kv: kvHeads, query: queries, key: keys, token: keys };

  function extentOf(axis: TensorAxis): number {
    if (axis.kind === "extent") return compile(axis.extent, around, "decide")(startPoint());
    if (axis.kind !== "fresh") return known[axis.axis];
    const extent = fresh.get(axis.name) ?? numbers.pick([1, 2, 5, 2 * keys + 1]);
    fresh.set(axis.name, extent);
    return extent;
  }

  const drawn = call.attention.tensors.map((param) => {
    const shape = param.axes.map(extentOf);
    const tensor = draw(param, shape, boundsOf(param, call.params), call, numbers);
    return [param.name, poisonDead(tensor, param.axes, call)] as const;
  });
  return Object.fromEntries(drawn);
}

function draw(param: TensorParam, shape: readonly number[], bounds: Bounds, call: Case, numbers: Numbers): Tensor {
  const count = elementCount(shape);
  const rowLength = Math.max(1, shape.at(-1) ?? 1);
  const values: number[] = [];
  while (values.length < count) {
    const row = drawRow(param, rowLength, bounds, call, numbers);
    // One by one: a row may have more elements than a call may have arguments.
    for (const value of param.sorted ? row.sort((a, b) => a - b) : row) values.push(value);
  }
  return makeTensor(param.element, shape, values);
}

function drawRow(param: TensorParam, length: number, bounds: Bounds, call: Case, numbers: Numbers): number[] {
  const { element, axes } = param;
  const each = (one: () => number) => Array.from({ length }, one);
  if (element === "bool") return each(() => Number(numbers.unit() < 0.5));
  if (element !== "i32" && element !== "u8") {
    const isOpen = bounds.low === -Infinity && bounds.high === Infinity;
    return each(() => (isOpen ? numbers.normal() : pickWithin(bounds, element, numbers, 0)));
  }
  const limits = element === "u8" ? { low: Math.max(0, bounds.low), high: Math.min(255, bounds.high) } : bounds;
  const alongTokens = axes.at(-1)?.kind === "position";
  // A number that stands alone is a length or a position more often than an id.
  const near = alongTokens ? 2 : Math.floor(call.shape.keys / 2);
  const one = () => pickWithin(limits, "int", numbers, near);
  return alongTokens && numbers.unit() < 0.7 ? runs(length, one, numbers) : each(one);
}

/** Elements of keys that are dead in their batch hold what no live element would: NaN, or an absurd number. */
function poisonDead(tensor: Tensor, axes: readonly TensorAxis[], { keyLengths }: Case): Tensor {
  const placeOf = (...names: readonly string[]) =>
    axes.findIndex((axis) => axis.kind !== "extent" && axis.kind !== "fresh" && names.includes(axis.axis));
  const keyPlace = placeOf("key", "token");
  if (!keyLengths || keyPlace < 0) return tensor;
  const coordinate = (index: number, place: number) =>
    Math.floor(index / elementCount(tensor.shape.slice(place + 1))) % tensor.shape[place]!;
  const batchPlace = placeOf("batch");
  // Without a batch axis a key is alive where it is in any batch.
  const longest = Math.max(0, ...keyLengths);
  const isDead = (index: number) =>
    coordinate(index, keyPlace) >= (batchPlace < 0 ? longest : keyLengths[coordinate(index, batchPlace)]!);
  const values = floats(tensor).map((value, index) => (isDead(index) ? poison[tensor.dtype] : value));
  return makeTensor(tensor.dtype, tensor.shape, values);
}

const poison: Readonly<Record<DType, number>> = {
  f64: Number.NaN,
  f32: Number.NaN,
  f16: Number.NaN,
  bf16: Number.NaN,
  i32: 2 ** 31 - 1,
  u8: 255,
  bool: 1,
};

/** Stretches of equal values. */
function runs(length: number, one: () => number, numbers: Numbers): number[] {
  const row: number[] = [];
  while (row.length < length) {
    const value = one();
    const run = numbers.int(1, 1 + Math.ceil(length / 3));
    for (let index = 0; index < run && row.length < length; index++) row.push(value);
  }
  return row;
}
