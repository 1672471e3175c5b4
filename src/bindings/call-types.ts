// The types of a call and its result as structures for ts-morph: one property per tensor, scalar and axis, with the
// axes of a shape as labels of a tuple, so that an editor shows what goes where and a wrong rank or dim does not compile.

import type { OptionalKind, PropertySignatureStructure } from "ts-morph";
import type { ElementType, Param } from "../spec/spec.ts";
import { describeScalar, describeTensor, WEBGPU_WORDS, WORDS } from "./jsdoc.ts";
import { typeNames } from "./names.ts";
import type { Axis, Signature, TensorProperty } from "./signatures.ts";

type Property = OptionalKind<PropertySignatureStructure>;
export type ObjectType = { readonly name: string; readonly docs: string[]; readonly properties: Property[] };

type Group = {
  readonly key: "params" | "axes";
  readonly optional: boolean;
  readonly properties: Property[];
};

/** The types of a call on typed arrays, and of its result. */
export function callTypes(signature: Signature): readonly ObjectType[] {
  const names = typeNames(signature.name);
  const named = signature.named.map((tensor) => tensorProperty(tensor, ARRAYS_HOLD.result));
  const results = [
    ...signature.results.map((tensor) => tensorProperty(tensor, ARRAYS_HOLD.result)),
    ...(named.length > 0 ? [property("named", names.named, WORDS.named)] : []),
  ];
  const docs = { tensors: WORDS.tensors, call: WORDS.call };
  return [
    ...scalarGroups(signature).map(({ key, properties }) => ({ name: names[key], docs: [WORDS[key]], properties })),
    ...inputTypes(signature, names, docs, ARRAYS_HOLD, []),
    ...(named.length > 0 ? [{ name: names.named, docs: [WORDS.named], properties: named }] : []),
    { name: names.result, docs: [WORDS.result], properties: results },
  ];
}

/** The types of a call on buffers of a device, which names what it writes as well. Parameters and axes have the types of `callTypes`. */
export function bufferTypes(signature: Signature): readonly ObjectType[] {
  const { bufferTensors: tensors, buffers: call, namedBuffers } = typeNames(signature.name);
  const docs = { tensors: WEBGPU_WORDS.tensors, call: WEBGPU_WORDS.call };
  const [out, lse] = signature.results as [TensorProperty, TensorProperty?];
  const named = signature.named.map((tensor) => tensorProperty(tensor, BUFFERS_HOLD.result));
  const written = [
    tensorProperty(out, BUFFERS_HOLD.rows),
    ...(lse ? [tensorProperty(lse, BUFFERS_HOLD.result)] : []),
    ...(named.length > 0 ? [property("named", namedBuffers, WEBGPU_WORDS.named)] : []),
  ];
  return [
    ...(named.length > 0 ? [{ name: namedBuffers, docs: [WEBGPU_WORDS.named], properties: named }] : []),
    ...inputTypes(signature, { ...typeNames(signature.name), tensors, call }, docs, BUFFERS_HOLD, written),
  ];
}

type Names = ReturnType<typeof typeNames>;

/** Captured tensors, where there are any, and the call. */
function inputTypes(
  signature: Signature,
  names: Names,
  docs: Readonly<Record<"tensors" | "call", string>>,
  hold: Hold,
  written: readonly Property[],
): readonly ObjectType[] {
  const captured = signature.captured.map((tensor) => tensorProperty(tensor, hold.captured));
  const call = [
    ...signature.tensors.map((tensor) => tensorProperty(tensor, hold.rows)),
    ...written,
    ...(captured.length > 0 ? [property("tensors", names.tensors, docs.tensors)] : []),
    ...scalarGroups(signature).map(({ key, optional }) => property(key, names[key], WORDS[key], optional)),
    property("keyLengths", "ArrayLike<number>", WORDS.keyLengths, true),
    property("queryStart", "number | ArrayLike<number>", WORDS.queryStart, true),
    property("layout", '"bhnd" | "bnhd"', WORDS.layout, true),
  ];
  return [
    ...(captured.length > 0 ? [{ name: names.tensors, docs: [docs.tensors], properties: captured }] : []),
    { name: names.call, docs: [docs.call], properties: call },
  ];
}

/** Parameters and axes, where there are any. */
function scalarGroups({ scalars, lengths }: Signature): readonly Group[] {
  const groups: readonly Group[] = [
    { key: "params", optional: scalars.every(isOptional), properties: scalars.map(scalarProperty) },
    { key: "axes", optional: false, properties: lengths.map(lengthProperty) },
  ];
  return groups.filter(({ properties }) => properties.length > 0);
}

const isOptional = (param: Param) => param.default !== undefined;

function property(name: string, type: string, doc: string, optional = false): Property {
  return { name, type, docs: [doc], isReadonly: true, hasQuestionToken: optional };
}

const tensorProperty = (tensor: TensorProperty, type: (tensor: TensorProperty) => string) =>
  property(tensor.name, type(tensor), describeTensor(tensor));

/** The type that holds a tensor: of rows, captured, or a result. */
type Hold = Readonly<Record<"rows" | "captured" | "result", (tensor: TensorProperty) => string>>;

const ARRAYS_HOLD: Hold = {
  // The shape, and the array where it is not the usual one.
  rows: ({ axes, element }) => `AttentionTensor<${shapeType(axes)}${element === "f32" ? "" : `, ${ARRAYS[element]}`}>`,
  captured: ({ axes, element }) => `TensorInput<${ARRAYS[element]}, ${shapeType(axes)}>`,
  result: ({ axes, element }) =>
    `TensorOutput<${shapeType(axes)}${element === "f32" ? "" : `, ${element === "i32" ? "Int32Array" : "Uint16Array"}<ArrayBuffer>`}>`,
};

const BUFFERS_HOLD: Hold = {
  rows: ({ axes }) => `BufferTensor<${shapeType(axes)}>`,
  captured: ({ axes }) => `BufferSlice<${shapeType(axes)}>`,
  result: ({ axes }) => `BufferSlice<${shapeType(axes)}>`,
};

const scalarProperty = (param: Param) =>
  property(param.name, param.type === "bool" ? "boolean" : "number", describeScalar(param), isOptional(param));

const lengthProperty = (name: string) => property(name, "number", `Extent of the grid axis \`${name}\`.`);

/** Typed arrays that hold the elements; bf16 keeps its bits. */
const ARRAYS: Readonly<Record<ElementType, string>> = {
  f32: "Float32Array",
  f16: "HalfElements",
  bf16: "Uint16Array",
  i32: "Int32Array",
  u8: "Uint8Array",
  bool: "Uint8Array",
};

/** `readonly [batch: number, heads: number, queries: number, dim: 64]`. */
function shapeType(axes: readonly Axis[]): string {
  return `readonly [${axes.map(({ label, extent }) => `${label}: ${extent ?? "number"}`).join(", ")}]`;
}
