// One call as the bytes that the program around a kernel reads, and its results from the bytes that it writes. Rows lie in
// the order [batch, queries or keys, heads] with poison between them, so that every run goes by the strides.

import { type Field, fieldOf, fieldsOf } from "../../backend/cuda/call.ts";
import { axesOf, scratchExtentOf } from "../../backend/describe-call.ts";
import { ownName } from "../../backend/simt/dialect.ts";
import { lengthField } from "../../backend/simt/scope.ts";
import { isHalf } from "../../ir/scalar.ts";
import { elementsOf } from "../../runtime/call-shapes.ts";
import type { Program } from "../../schedule/plan.ts";
import type { Case, Result } from "../../spec/case.ts";
import { allocate, bytesPerElement, floats, makeTensor } from "../../tensors/elements.ts";
import type { DType, Tensor, TensorData } from "../../tensors/tensor.ts";

/** Elements of poison after every row: 16 bytes of any type, so that rows stay aligned. */
const PADDING = 8;

/** The fields of the call, one after the other. */
export function encodeCall(program: Program, call: Case): Buffer {
  const values = valuesOf(program, call);
  return Buffer.concat(fieldsOf(program).map((field) => encodeField(field, values.get(field.name))));
}

/** The results; `emptyRows` counts those that saw nothing, where the attention calls that an error. */
export function decodeResults(program: Program, call: Case, bytes: Buffer): Result & { readonly emptyRows: number } {
  const element = elementOf(program, "out");
  const shape = outShape(call);
  const rows = layoutOf(shape);
  const outBytes = rows.elements * bytesPerElement(element);
  let at = outBytes;
  const others = outputsOf(program, call).map((output) => {
    const size = bytesOf(output);
    at += size;
    return { ...output, bytes: copyOf(bytes.subarray(at - size, at)) };
  });
  const wanted = at + (program.ir.empty === "error" ? 4 : 0);
  if (bytes.length !== wanted) throw new Error(`the kernel wrote ${bytes.length} bytes instead of ${wanted}`);
  const out = gathered(element, shape, rows, bytes.subarray(0, outBytes));
  const lse = others.find(({ name }) => name === "lse");
  const named = others.filter((output) => output !== lse).map(namedResult);
  const emptyRows = program.ir.empty === "error" ? bytes.readInt32LE(wanted - 4) + 1 : 0;
  return {
    out,
    ...(lse ? { lse: new Float32Array(lse.bytes) } : {}),
    ...(named.length > 0 ? { named: Object.fromEntries(named) } : {}),
    ...(isHalf(element) ? { rounded: element } : {}),
    emptyRows,
  };
}

type Output = { readonly name: string; readonly element: DType; readonly shape: readonly number[] };

/** What a call gives beside out, in the order of the record. */
function outputsOf(program: Program, call: Case): readonly Output[] {
  const axes = axesOf(program.ir).map((axis) => [`axis:${axis}`, axisExtent(axis, program, call)]);
  const { axes: _, ...shape } = call.shape;
  const lengths = { ...shape, ...Object.fromEntries(axes) };
  return program.buffers
    .filter(({ name, role }) => role === "output" && name !== "out")
    .map(({ name, element, extents }) => ({
      ...{ name, element },
      shape: extents.map((extent) => elementsOf([scratchExtentOf(extent)], lengths)),
    }));
}

const bytesOf = ({ shape }: Output) => 4 * shape.reduce((product, extent) => product * extent, 1);

function namedResult({ name, element, shape, bytes }: Output & { readonly bytes: ArrayBuffer }) {
  const data = element === "i32" ? new Int32Array(bytes) : new Float32Array(bytes);
  return [name, { shape, data: Float64Array.from(data) }] as const;
}

type Value = number | Tensor | readonly bigint[] | { readonly bytes: number } | undefined;

function valuesOf(program: Program, call: Case): ReadonlyMap<string, Value> {
  const { shape, params, tensors } = call;
  const { batch, heads, kvHeads, queries, keys } = shape;
  const perBatch = (data: readonly number[] | undefined) => data && makeTensor("i32", [data.length], data);
  const rows = (["query", "key", "value"] as const).flatMap((name): [string, Value][] => {
    const { tensor, strides } = scattered(makeTensor(elementOf(program, name), call[name].shape, floats(call[name])));
    return [
      [name, tensor],
      [`${name}_strides`, strides],
    ];
  });
  const out = layoutOf(outShape(call));
  return new Map<string, Value>([
    ...rows,
    ["out", { bytes: out.elements * bytesPerElement(elementOf(program, "out")) }],
    ["out_strides", out.strides.map(BigInt)],
    ...outputsOf(program, call).map((output): [string, Value] => [fieldOf(output.name), { bytes: bytesOf(output) }]),
    ["empty_rows", { bytes: 4 }],
    ["key_lengths", perBatch(call.keyLengths)],
    ["query_start", perBatch(call.queryStart)],
    ...Object.entries({ batch, heads, kv_heads: kvHeads, queries, keys }),
    ...axesOf(program.ir).map((axis): [string, Value] => [
      lengthField(`axis:${axis}`),
      axisExtent(axis, program, call),
    ]),
    ...program.ir.params.map(({ name }): [string, Value] => [ownName(name), Number(params[name])]),
    ...program.ir.tensors.map(({ name, element }): [string, Value] => [ownName(name), stored(tensors[name]!, element)]),
  ]);
}

const stored = (tensor: Tensor, element: DType) =>
  tensor.dtype === element ? tensor : makeTensor(element, tensor.shape, floats(tensor));

/** The extent of a named axis: given, or that of a tensor that has it. */
function axisExtent(axis: string, { ir: attention }: Program, { shape, tensors }: Case): number {
  const given = shape.axes[axis];
  if (given !== undefined) return given;
  for (const { name, extents } of attention.tensors) {
    const place = extents.findIndex((extent) => extent.kind === "extent" && extent.extent === `axis:${axis}`);
    if (place >= 0) return tensors[name]!.shape[place]!;
  }
  throw new Error(`no tensor has the axis ${axis}: a bug in lowering`);
}

const elementOf = ({ buffers }: Program, name: string): DType => buffers.find((each) => each.name === name)!.element;

const outShape = ({ shape }: Case) => [shape.batch, shape.heads, shape.queries, shape.valueDim] as const;

/** Strides of [batch, heads, tokens], and how many elements there are in all. */
function layoutOf([batch, heads, tokens, width]: readonly number[]) {
  const row = width! + PADDING;
  return { strides: [tokens! * heads! * row, row, heads! * row], elements: batch! * tokens! * heads! * row };
}

function scattered({ dtype, shape, data }: Tensor): { readonly tensor: Tensor; readonly strides: readonly bigint[] } {
  const { strides, elements } = layoutOf(shape);
  const scatter = allocate(dtype, elements);
  new Uint8Array(scatter.buffer).fill(0xff);
  forEachRow(shape, strides, (from, to) => scatter.set(data.subarray(from, from + shape[3]!) as never, to));
  return { tensor: { dtype, shape: [elements], data: scatter }, strides: strides.map(BigInt) };
}

/** The rows out of their layout. Throws where something was written between them. */
function gathered(dtype: DType, shape: readonly number[], { strides }: { strides: readonly number[] }, bytes: Buffer) {
  const width = shape[3]!;
  const all = typed(dtype, copyOf(bytes));
  const result = allocate(
    dtype,
    shape.reduce((product, extent) => product * extent, 1),
  );
  forEachRow(shape, strides, (to, from) => {
    result.set(all.subarray(from, from + width) as never, to);
    const gap = new Uint8Array(all.buffer, (from + width) * all.BYTES_PER_ELEMENT, PADDING * all.BYTES_PER_ELEMENT);
    if (gap.some((byte) => byte !== 0xff)) throw new Error("the kernel wrote between the rows of out");
  });
  return Float64Array.from(floats({ dtype, shape, data: result }));
}

function forEachRow(
  shape: readonly number[],
  strides: readonly number[],
  visit: (at: number, strided: number) => void,
) {
  const [batch, heads, tokens, width] = shape as [number, number, number, number];
  for (let b = 0; b < batch; b++) {
    for (let h = 0; h < heads; h++) {
      for (let n = 0; n < tokens; n++) {
        visit(((b * heads + h) * tokens + n) * width, b * strides[0]! + h * strides[1]! + n * strides[2]!);
      }
    }
  }
}

/** Bytes of their own, aligned. */
const copyOf = (bytes: Buffer): ArrayBuffer => new Uint8Array(bytes).buffer;

function typed(dtype: DType, bytes: ArrayBuffer): TensorData {
  return dtype === "f32" ? new Float32Array(bytes) : new Uint16Array(bytes);
}

function encodeField({ name, type }: Field, value: Value): Buffer {
  if (typeof value === "number") {
    const word = Buffer.alloc(4);
    if (type === "float") word.writeFloatLE(value);
    else word.writeInt32LE(value);
    return word;
  }
  if (value === undefined) return counted(-1);
  if ("bytes" in value) return counted(value.bytes);
  if ("dtype" in value) {
    const { buffer, byteOffset, byteLength } = value.data;
    return Buffer.concat([counted(byteLength), Buffer.from(buffer as ArrayBuffer, byteOffset, byteLength)]);
  }
  if (!Array.isArray(value)) throw new Error(`${name} has no value: a bug`);
  return Buffer.from(BigInt64Array.from(value as readonly bigint[]).buffer);
}

const counted = (bytes: number): Buffer => Buffer.from(BigInt64Array.of(BigInt(bytes)).buffer);
