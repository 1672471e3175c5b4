// Runs the dense reference on the tensors of a call, as a kernel takes them: the same inputs, the same checks, the same
// named errors, so that a compiled module and its meaning can be laid side by side without a file or a command.

import { wasmSimd128 } from "../targets/wasm-simd128.ts";
import { describe } from "./backend/wasm/describe.ts";
import { wordsOf } from "./backend/wasm/layout.ts";
import { lowerAttention } from "./ir/lower.ts";
import type { Value } from "./ops/op.ts";
import { attend } from "./reference/attention.ts";
import { halfBits, isArrayOf } from "./runtime/arrays.ts";
import { type CheckedCall, checkInputs, type Strided } from "./runtime/check-inputs.ts";
import { AttentionInputError } from "./runtime/errors.ts";
import type { HalfElements, KernelInputs } from "./runtime/inputs.ts";
import { planProgram } from "./schedule/choose.ts";
import type { Case } from "./spec/case.ts";
import type { Attention } from "./spec/spec.ts";
import { allocate } from "./tensors/elements.ts";
import type { Tensor, TensorData } from "./tensors/tensor.ts";

export type DoubleTensor = { readonly data: Float64Array; readonly shape: readonly number[] };

/** `out` [batch, heads, queries, valueDim] and `lse` [batch, heads, queries], whatever the layout of the inputs. */
export type Interpretation = {
  readonly out: DoubleTensor;
  readonly lse: DoubleTensor;
  /** The outputs that the attention names. */
  readonly named: Readonly<Record<string, DoubleTensor>>;
};

/** Computes the call by its definition, in f64.
 *  Throws AttentionInputError as a kernel does, and InputError where a score is NaN or +inf, or a row sees no key in an
 *  attention with `empty error`. Cost: batch · heads · queries · keys evaluations. */
export function interpret(
  attention: Attention,
  inputs: KernelInputs,
  consts: Readonly<Record<string, Value>> = {},
): Interpretation {
  const call = caseOf(attention, inputs, consts);
  const { batch, heads, queries, valueDim } = call.shape;
  const { out, lse, named = {} } = attend(call);
  return {
    out: { data: Float64Array.from(out), shape: [batch, heads, queries, valueDim] },
    lse: { data: Float64Array.from(lse!), shape: [batch, heads, queries] },
    named: Object.fromEntries(
      Object.entries(named).map(([name, { data, shape }]) => [name, { data: Float64Array.from(data), shape }]),
    ),
  };
}

function caseOf(attention: Attention, inputs: KernelInputs, consts: Readonly<Record<string, Value>>): Case {
  const checked = checkCall(attention, inputs, consts);
  const { batch, heads, kvHeads, queries, keys, dim, valueDim } = checked.lengths as Record<keyof Lengths, number>;
  const fixed = attention.params.filter((param) => param.const);
  const constants = fixed.map(({ name, default: value }) => [name, consts[name] ?? value!] as const);
  const element = (name: string) => attention.tensors.find((tensor) => tensor.name === name)!.element;
  const captured = Object.entries(checked.tensors).map(([name, { data, shape }]): [string, Tensor] => [
    name,
    {
      dtype: element(name),
      data: element(name) === "f16" ? halfBits(data as HalfElements) : (data as TensorData),
      shape,
    },
  ]);
  return {
    attention,
    shape: { batch, heads, kvHeads, queries, keys, dim, valueDim, axes: inputs.axes ?? {} },
    params: { ...checked.params, ...Object.fromEntries(constants) },
    tensors: Object.fromEntries(captured),
    query: gather(checked.query, "f32", [batch, heads, queries, dim]),
    key: gather(checked.key, storedAs(inputs), [batch, kvHeads, keys, dim]),
    value: gather(checked.value, storedAs(inputs), [batch, kvHeads, keys, valueDim]),
    ...(checked.keyLengths && { keyLengths: [...checked.keyLengths] }),
    ...(checked.queryStart && { queryStart: [...checked.queryStart] }),
  };
}

type Lengths = Omit<Case["shape"], "axes">;

/** The checks of the runtime, by the description of the kernel that these dims would get. */
function checkCall(attention: Attention, inputs: KernelInputs, consts: Readonly<Record<string, Value>>): CheckedCall {
  const undecided = attention.params.find((each) => each.const && (consts[each.name] ?? each.default) === undefined);
  if (undecided) {
    const { text } = attention.name;
    throw new AttentionInputError(
      "E0702",
      undecided.name,
      `the const parameter \`${undecided.name}\` of ${text} is missing`,
    );
  }
  const width = (tensor: { readonly shape: readonly number[] } | undefined) => tensor?.shape?.[3] ?? 1;
  const dims = { dim: width(inputs.query), valueDim: width(inputs.value) };
  // A plan that does not fit the target describes what its call takes as well as one that does, and so does one without what
  // the data choose and order and without named outputs, which no target may compile.
  const { sparsities: _, permutation: __, ...rest } = attention;
  const plain = { ...rest, outputs: { lse: attention.outputs.lse } };
  const { value: program } = planProgram(lowerAttention(plain, { consts }), wasmSimd128, dims, storedAs(inputs));
  return checkInputs(inputs, describe(program, wordsOf(program), wasmSimd128, 0));
}

/** Any keys and values that a kernel would take are taken: f32, and halves by their arrays. */
const storedAs = ({ key }: KernelInputs) => (isArrayOf("f16", key?.data) ? "f16" : "f32");

/** Rows in the order [batch, heads, rows, width], wherever they lie. */
function gather(
  { data, strides }: Strided,
  dtype: "f32" | "f16",
  shape: readonly [number, number, number, number],
): Tensor {
  const [batches, heads, rows, width] = shape;
  const elements = dtype === "f16" ? halfBits(data as HalfElements) : (data as Float32Array);
  const gathered = allocate(dtype, batches * heads * rows * width);
  let end = 0;
  for (let batch = 0; batch < batches; batch++) {
    for (let head = 0; head < heads; head++) {
      for (let row = 0; row < rows; row++, end += width) {
        const start = batch * strides[0] + head * strides[1] + row * strides[2];
        gathered.set(elements.subarray(start, start + width), end);
      }
    }
  }
  return { dtype, shape, data: gathered };
}
