// Calls of one attention with the answers of the dense reference and the bound of every element, as an archive for NumPy:
// what check.py compares a kernel with, on a machine that has no Node.

import { cudaSimt } from "../../targets/cuda-simt.ts";
import { attend, InputError } from "../reference/attention.ts";
import type { Case } from "../spec/case.ts";
import type { Attention } from "../spec/spec.ts";
import { makeTensor } from "../tensors/elements.ts";
import { writeNpz } from "../tensors/npz.ts";
import type { Tensor } from "../tensors/tensor.ts";
import { boundOf } from "../verify/bound.ts";
import { makeCase, makeParams } from "../verify/cases.ts";
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
export function casesOf({ attention, settings }: CudaAttention): Uint8Array {
  const params = makeParams(attention, 1, settings.consts);
  const entries = PLACES.flatMap((place, index) => {
    const setting = settingOf(attention, settings.dims, place, index + 1, params);
    const call = makeCase(attention, setting, params);
    try {
      return Object.entries(tensorsOf(call)).map(([name, tensor]) => [`${index}/${name}`, tensor] as const);
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

function tensorsOf(call: Case): Readonly<Record<string, Tensor>> {
  const { batch, heads, queries, valueDim } = call.shape;
  const reference = attend(call);
  const bound = boundOf(call, cudaSimt.errorUlps);
  const undecided = new Set(bound.undecided.map(({ batch: b, head, row }) => (b * heads + head) * queries + row));
  const rows = [batch, heads, queries];
  const bounds = (values: Float64Array, width: number) =>
    Float64Array.from(values, (value, at) => (undecided.has(Math.floor(at / width)) ? Infinity : value));
  const scalars = call.attention.params.filter((param) => !param.const).map(({ name }) => name);
  return {
    query: call.query,
    key: call.key,
    value: call.value,
    ...call.tensors,
    ...(call.keyLengths ? { key_lengths: makeTensor("i32", [batch], call.keyLengths) } : {}),
    ...Object.fromEntries(scalars.map((name) => [`param.${name}`, scalar(call, name)])),
    "out.expected": makeTensor("f64", [...rows, valueDim], reference.out),
    "out.bound": makeTensor("f32", [...rows, valueDim], bounds(bound.out, valueDim)),
    ...(call.attention.outputs.lse
      ? {
          "lse.expected": makeTensor("f64", rows, reference.lse!),
          "lse.bound": makeTensor("f32", rows, bounds(bound.lse, 1)),
        }
      : {}),
  };
}

function scalar(call: Case, name: string): Tensor {
  const { type } = call.attention.params.find((param) => param.name === name)!;
  return makeTensor(type === "float" ? "f64" : "i32", [], [Number(call.params[name])]);
}
