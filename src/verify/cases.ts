// Calls made up for an attention: parameters and captured tensors that keep every contract, numbers of several kinds,
// and NaN in all memory that nobody may read. The same seed gives the same call everywhere.

import type { Value } from "../ops/op.ts";
import type { Case, Shape } from "../spec/case.ts";
import type { Attention, Param } from "../spec/spec.ts";
import { floats, makeTensor } from "../tensors/elements.ts";
import type { Tensor } from "../tensors/tensor.ts";
import { capturedTensors } from "./captured.ts";
import { type Numbers, numbersOf } from "./numbers.ts";
import { type Bounds, boundsOf, pickWithin } from "./promises.ts";
import type { Profile, Setting } from "./sweep.ts";

/** Streams of one seed; each kind of number has its own, so that one does not shift the others. */
const purposes = { params: 1, lengths: 2, query: 3, key: 4, value: 5, captured: 6 } as const;

/** Every parameter: what is given, else mostly the default, sometimes another value within its range. */
export function makeParams(
  attention: Attention,
  seed: number,
  given: Readonly<Record<string, Value>> = {},
): Readonly<Record<string, Value>> {
  const numbers = numbersOf(seed, purposes.params);
  const values: Record<string, Value> = {};
  // Const parameters first: ranges of the others may name them.
  for (const param of attention.params.toSorted((a, b) => Number(b.const) - Number(a.const))) {
    const drawn = drawParam(param, boundsOf(param, values), numbers);
    values[param.name] = given[param.name] ?? drawn;
  }
  return values;
}

/** The call of a setting, with these parameters. */
export function makeCase(attention: Attention, setting: Setting, params: Readonly<Record<string, Value>>): Case {
  const { shape, seed, profile } = setting;
  const { batch, heads, kvHeads, queries, keys, dim, valueDim } = shape;
  const numbers = numbersOf(seed, purposes.lengths);
  const perBatch = (draw: () => number) => Array.from({ length: batch }, draw);
  const { queryStart } = setting;
  const size = profile === "tiny" ? 1e-20 : 1;
  const call: Case = {
    attention,
    shape,
    params,
    tensors: {},
    query: stored(rows([batch, heads, queries, dim], profile, numbersOf(seed, purposes.query)), setting),
    key: stored(rows([batch, kvHeads, keys, dim], profile, numbersOf(seed, purposes.key)), setting),
    value: stored(scaled([batch, kvHeads, keys, valueDim], size, numbersOf(seed, purposes.value)), setting),
    ...(setting.keyLengths && { keyLengths: perBatch(() => numbers.int(0, keys)) }),
    ...(queryStart === true && { queryStart: perBatch(() => numbers.int(-3, keys + 3)) }),
    ...(typeof queryStart === "number" && { queryStart: perBatch(() => queryStart) }),
  };
  const tensors = capturedTensors(call, numbersOf(seed, purposes.captured));
  return { ...call, tensors, key: poisoned(call.key, call), value: poisoned(call.value, call) };
}

function drawParam(param: Param, bounds: Bounds, numbers: Numbers): Value {
  const keepsDefault = numbers.unit() < 0.6 || param.const;
  if (param.default !== undefined && keepsDefault) return param.default;
  if (param.type === "bool") return numbers.unit() < 0.5;
  return pickWithin(bounds, param.type, numbers, Number(param.default ?? (param.type === "int" ? 3 : 0.5)));
}

const fills: Readonly<Record<Profile, (numbers: Numbers) => number>> = {
  normal: (numbers) => numbers.normal(),
  large: (numbers) => 100 * numbers.normal(),
  zeros: () => 0,
  // Products of two stay normal in f32.
  tiny: (numbers) => 1e-15 * numbers.normal(),
  constant: () => 1,
};

function rows(shape: readonly number[], profile: Profile, numbers: Numbers): Tensor {
  return fill(shape, () => fills[profile](numbers));
}

function scaled(shape: readonly number[], size: number, numbers: Numbers): Tensor {
  return fill(shape, () => size * numbers.normal());
}

function fill(shape: readonly number[], draw: () => number): Tensor {
  const count = shape.reduce((product, extent) => product * extent, 1);
  return makeTensor("f32", shape, Array.from({ length: count }, draw));
}

const stored = ({ shape, data }: Tensor, { stored: dtype = "f32" }: Setting): Tensor => makeTensor(dtype, shape, data);

/** Rows of keys that are not alive hold NaN: whoever reads them shows it. */
function poisoned(tensor: Tensor, { keyLengths, shape }: { keyLengths?: readonly number[]; shape: Shape }): Tensor {
  if (!keyLengths) return tensor;
  const width = tensor.shape[3]!;
  const values = floats(tensor).map((value, index) => {
    const row = Math.floor(index / width);
    const batch = Math.floor(row / shape.keys / shape.kvHeads);
    return row % shape.keys < keyLengths[batch]! ? value : Number.NaN;
  });
  return makeTensor(tensor.dtype, tensor.shape, values);
}
