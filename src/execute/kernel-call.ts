// A Case as a compiled kernel takes it, and what comes back.

import type { KernelInputs, TensorInput } from "../runtime/inputs.ts";
import type { Case, Result } from "../spec/case.ts";
import { floats } from "../tensors/elements.ts";
import type { Tensor } from "../tensors/tensor.ts";

export const resultOf = (out: Float32Array, lse: Float32Array | undefined): Result => (lse ? { out, lse } : { out });

/** What a kernel that stores keys and values so is given. */
export function inputsOf(call: Case, stored: "f32" | "f16" = "f32"): KernelInputs {
  const { attention, shape, params, tensors, query, key, value, keyLengths, queryStart } = call;
  const scalars = attention.params.filter((param) => !param.const).map(({ name }) => [name, params[name]!] as const);
  const captured = attention.tensors.map(({ name }) => [name, tensorInput(tensors[name]!)] as const);
  return {
    query: rowsInput(query),
    key: stored === "f16" ? halvesInput(key) : rowsInput(key),
    value: stored === "f16" ? halvesInput(value) : rowsInput(value),
    params: Object.fromEntries(scalars),
    tensors: Object.fromEntries(captured),
    axes: shape.axes,
    ...(keyLengths ? { keyLengths } : {}),
    ...(queryStart ? { queryStart } : {}),
  };
}

const rowsInput = (tensor: Tensor) => ({ data: Float32Array.from(floats(tensor)), shape: tensor.shape });
const halvesInput = ({ data, shape }: Tensor) => ({ data: data as Uint16Array, shape });

/** As it is stored; only f64 and bf16 become f32. */
function tensorInput(tensor: Tensor): TensorInput {
  const { data, shape } = tensor;
  if (data instanceof Int32Array || data instanceof Uint8Array) return { data, shape };
  if (tensor.dtype === "f16") return halvesInput(tensor);
  return { data: Float32Array.from(floats(tensor)), shape };
}
