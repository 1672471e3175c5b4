// A Case as a compiled kernel takes it, and what comes back.

import type { KernelInputs, KernelOutputs, TensorInput } from "../runtime/inputs.ts";
import type { Case, Result } from "../spec/case.ts";
import { floats } from "../tensors/elements.ts";
import type { Tensor } from "../tensors/tensor.ts";

export const resultOf = ({ out, lse, named }: KernelOutputs): Result => ({
  out: out.data,
  ...(lse && { lse: lse.data }),
  ...(named && { named: namedResults(named) }),
});

export const namedResults = (named: NonNullable<KernelOutputs["named"]>): NonNullable<Result["named"]> =>
  Object.fromEntries(
    Object.entries(named).map(([name, { data, shape }]) => [name, { shape, data: Float64Array.from(data) }]),
  );

type RowArrays = { readonly f32: Float32Array; readonly f16: Uint16Array };
type Rows<Query extends keyof RowArrays> = { readonly query: Query; readonly stored: keyof RowArrays };

const FLOATS: Rows<"f32"> = { query: "f32", stored: "f32" };

/** What a kernel of f32, or one whose rows are made of these, is given. */
export function inputsOf(call: Case): KernelInputs;
export function inputsOf<Query extends keyof RowArrays>(call: Case, rows: Rows<Query>): KernelInputs<RowArrays[Query]>;
export function inputsOf(call: Case, rows: Rows<keyof RowArrays> = FLOATS): KernelInputs<RowArrays[keyof RowArrays]> {
  const { attention, shape, params, tensors, query, key, value, keyLengths, queryStart } = call;
  const scalars = attention.params.filter((param) => !param.const).map(({ name }) => [name, params[name]!] as const);
  const captured = attention.tensors.map(({ name }) => [name, tensorInput(tensors[name]!)] as const);
  return {
    query: ROW_INPUTS[rows.query](query),
    key: ROW_INPUTS[rows.stored](key),
    value: ROW_INPUTS[rows.stored](value),
    params: Object.fromEntries(scalars),
    tensors: Object.fromEntries(captured),
    axes: shape.axes,
    ...(keyLengths ? { keyLengths } : {}),
    ...(queryStart ? { queryStart } : {}),
  };
}

const rowsInput = (tensor: Tensor) => ({ data: Float32Array.from(floats(tensor)), shape: tensor.shape });
const halvesInput = ({ data, shape }: Tensor) => ({ data: data as Uint16Array, shape });
const ROW_INPUTS = { f32: rowsInput, f16: halvesInput } as const;

/** As it is stored; only f64 and bf16 become f32. */
function tensorInput(tensor: Tensor): TensorInput {
  const { data, shape } = tensor;
  if (data instanceof Int32Array || data instanceof Uint8Array) return { data, shape };
  if (tensor.dtype === "f16") return halvesInput(tensor);
  return { data: Float32Array.from(floats(tensor)), shape };
}
