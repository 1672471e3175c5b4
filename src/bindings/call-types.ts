// The types of a call and its result as structures for ts-morph: one property per tensor, scalar and axis, with the
// axes of a shape as labels of a tuple, so that an editor shows what goes where and a wrong rank or dim does not compile.

import type { OptionalKind, PropertySignatureStructure } from "ts-morph";
import type { ElementType, Param } from "../spec/spec.ts";
import { describeScalar, describeTensor, WORDS } from "./jsdoc.ts";
import { typeNames } from "./names.ts";
import type { Axis, Signature, TensorProperty } from "./signatures.ts";

type Property = OptionalKind<PropertySignatureStructure>;
export type ObjectType = { readonly name: string; readonly docs: string[]; readonly properties: Property[] };

type Group = {
  readonly key: "tensors" | "params" | "axes";
  readonly optional: boolean;
  readonly properties: Property[];
};

/** The types, each after those that it uses. Captured tensors, parameters and axes only where there are any. */
export function callTypes(signature: Signature): readonly ObjectType[] {
  const { tensors, captured, scalars, lengths, results } = signature;
  const names = typeNames(signature.name);
  const groups: readonly Group[] = [
    { key: "tensors", optional: false, properties: captured.map(capturedProperty) },
    { key: "params", optional: scalars.every(isOptional), properties: scalars.map(scalarProperty) },
    { key: "axes", optional: false, properties: lengths.map(lengthProperty) },
  ];
  const used = groups.filter(({ properties }) => properties.length > 0);
  const call = [
    ...tensors.map(inputProperty),
    ...used.map(({ key, optional }) => property(key, names[key], WORDS[key], optional)),
    property("keyLengths", "ArrayLike<number>", WORDS.keyLengths, true),
    property("queryStart", "number | ArrayLike<number>", WORDS.queryStart, true),
    property("layout", '"bhnd" | "bnhd"', WORDS.layout, true),
  ];
  return [
    ...used.map(({ key, properties }) => ({ name: names[key], docs: [WORDS[key]], properties })),
    { name: names.call, docs: [WORDS.call], properties: call },
    { name: names.result, docs: [WORDS.result], properties: results.map(resultProperty) },
  ];
}

const isOptional = (param: Param) => param.default !== undefined;

function property(name: string, type: string, doc: string, optional = false): Property {
  return { name, type, docs: [doc], isReadonly: true, hasQuestionToken: optional };
}

const inputProperty = (tensor: TensorProperty) =>
  property(tensor.name, `AttentionTensor<${inputArguments(tensor).join(", ")}>`, describeTensor(tensor));

/** The shape, and the array where it is not the usual one. */
const inputArguments = ({ axes, element }: TensorProperty): readonly string[] =>
  element === "f32" ? [shapeType(axes)] : [shapeType(axes), ARRAYS[element]];

const capturedProperty = (tensor: TensorProperty) =>
  property(tensor.name, `TensorInput<${ARRAYS[tensor.element]}, ${shapeType(tensor.axes)}>`, describeTensor(tensor));

const resultProperty = (tensor: TensorProperty) =>
  property(tensor.name, `TensorOutput<${shapeType(tensor.axes)}>`, describeTensor(tensor));

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
