// Calls of one attention with the answers of the dense reference and the bound of every element, as an archive for NumPy:
// what check.py compares a kernel with, on a machine that has no Node.

import { isHalf } from "../ir/scalar.ts";
import { attend, InputError } from "../reference/attention.ts";
import type { Case } from "../spec/case.ts";
import type { Attention, ElementType } from "../spec/spec.ts";
import { floats, makeTensor } from "../tensors/elements.ts";
import { writeNpz } from "../tensors/npz.ts";
import type { Tensor } from "../tensors/tensor.ts";
import { boundOf } from "../verify/bound.ts";
import { makeCase, makeParams } from "../verify/cases.ts";
import { type Accuracy, halfRounding } from "../verify/rounding.ts";
import type { Profile, Setting } from "../verify/sweep.ts";
import { sweepOf } from "../verify/sweep.ts";
import type { CudaAttention } from "./compile-cuda.ts";

type Place = { readonly heads: number; readonly kvHeads: number; readonly queries: number; readonly keys: number };

/** A decoding step, a square with ragged tiles, more rows than keys, and three query heads a KV head. */
const PLACES: readonly (Place & { readonly profile: Profile; readonly lengths: boolean })[] = [
  { heads: 4, kvHeads: 1, queries: 1, keys: 90, profile: "normal", lengths: false },
  { heads: 2, kvHeads: 2, queries: 70, keys: 70, profile: "normal", lengths: false },
  { heads: 2, kvHeads: 1, queries: 40, keys: 33, profile: "large", lengths: true },
  { heads: 3, kvHeads: 1, queries: 17, keys: 65, profile: "normal", lengths: true },
];

/** The archive: tensors under `CASE/NAME`, parameters as `CASE/param.NAME`, results as `CASE/NAME.expected` and `.bound`. */
export function casesOf({ attention, settings, target, kernel }: CudaAttention): Uint8Array {
  const { element } = kernel.program.buffers.find(({ name }) => name === "query")!;
  const params = makeParams(attention, 1, settings.consts);
  const entries = PLACES.flatMap((place, index) => {
    const setting = settingOf(attention, settings.dims, place, index + 1, params);
    const call = withRows(makeCase(attention, setting, params), element);
    try {
      return Object.entries(tensorsOf(call, element, target.errorUlps)).map(
        ([name, tensor]) => [`${index}/${name}`, tensor] as const,
      );
    } catch (error) {
      // An input that has no answer, such as a row without keys under `empty error`, is no case.
      if (error instanceof InputError) return [];
      throw error;
    }
  });
  return writeNpz(Object.fromEntries(entries));
}

function settingOf(
  attention: Attention,
  { dim, valueDim }: CudaAttention["settings"]["dims"],
  { profile, lengths, ...place }: (typeof PLACES)[number],
  seed: number,
  params: Case["params"],
): Setting {
  const given = { ...place, kv_heads: place.kvHeads, dim, value_dim: valueDim, batch: 2 };
  const [first] = sweepOf(attention, "quick", seed, params, attention.grid ? omitKeys(given) : given).settings;
  return { ...first!, profile, keyLengths: lengths, queryStart: false, seed };
}

/** A grid says itself how many tokens there are. */
function omitKeys({ keys: _, kvHeads: __, ...given }: Record<string, number>): Record<string, number> {
  return given;
}

/** The call with rows that its kernel can hold. */
function withRows(call: Case, element: ElementType): Case {
  const as = (tensor: Tensor) => makeTensor(element, tensor.shape, floats(tensor));
  return { ...call, query: as(call.query), key: as(call.key), value: as(call.value) };
}

/** NumPy has no bf16, so halves are widened; check.py narrows them again, and nothing is lost. */
const widened = (tensor: Tensor) => (isHalf(tensor.dtype) ? makeTensor("f32", tensor.shape, floats(tensor)) : tensor);

function tensorsOf(call: Case, element: ElementType, accuracy: Accuracy): Readonly<Record<string, Tensor>> {
  const { batch, heads, queries, valueDim } = call.shape;
  const reference = attend(call);
  const bound = boundOf(call, accuracy);
  const undecided = new Set(bound.undecided.map(({ batch: b, head, row }) => (b * heads + head) * queries + row));
  const rows = [batch, heads, queries];
  const bounds = (values: Float64Array, width: number) =>
    Float64Array.from(values, (value, at) => (undecided.has(Math.floor(at / width)) ? Infinity : value));
  const rounded = isHalf(element) ? element : undefined;
  const outBound = bound.out.map((allowed, at) =>
    rounded ? allowed + halfRounding(Math.abs(reference.out[at]!) + allowed, rounded) : allowed,
  );
  const scalars = call.attention.params.filter((param) => !param.const).map(({ name }) => name);
  return {
    query: widened(call.query),
    key: widened(call.key),
    value: widened(call.value),
    ...Object.fromEntries(Object.entries(call.tensors).map(([name, tensor]) => [name, widened(tensor)])),
    ...(call.keyLengths ? { key_lengths: makeTensor("i32", [batch], call.keyLengths) } : {}),
    ...Object.fromEntries(scalars.map((name) => [`param.${name}`, scalar(call, name)])),
    "out.expected": makeTensor("f64", [...rows, valueDim], reference.out),
    "out.bound": makeTensor("f32", [...rows, valueDim], bounds(outBound, valueDim)),
    ...(call.attention.outputs.lse
      ? {
          "lse.expected": makeTensor("f64", rows, reference.lse!),
          "lse.bound": makeTensor("f32", rows, bounds(bound.lse, 1)),
        }
      : {}),
    ...Object.fromEntries(
      Object.entries(reference.named ?? {}).flatMap(([name, { shape, data }]) => [
        [`${name}.expected`, makeTensor("f64", shape, data)],
        [`${name}.bound`, makeTensor("f32", shape, bound.named![name]!)],
      ]),
    ),
  };
}

function scalar(call: Case, name: string): Tensor {
  const { type } = call.attention.params.find((param) => param.name === name)!;
  return makeTensor(type === "float" ? "f64" : "i32", [], [Number(call.params[name])]);
}
