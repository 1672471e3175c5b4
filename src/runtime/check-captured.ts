// Checks what an attention captures: tensors with their shapes and contracts, and scalar parameters. Every promise that
// the compiler relied on is checked here, so that a broken one is an error and never a wrong answer.

import { numbersOf } from "./arrays.ts";
import type { Holding, InputsOf, Shaped } from "./check-inputs.ts";
import type { Extent, ParamDescription, Range, TensorDescription } from "./description.ts";
import { AttentionInputError, wrongShape, wrongType } from "./errors.ts";
import type { KernelInputs, TensorInput } from "./inputs.ts";

/** Binds the axes that only tensors name: `lengths` grows. */
export function capturedTensor<Tensor extends Shaped>(
  wanted: TensorDescription,
  { tensors }: InputsOf<Tensor>,
  lengths: Record<string, number>,
  keyLengths: Int32Array | undefined,
  holding: Holding<Tensor, unknown>,
): Tensor {
  const { name, element, extents } = wanted;
  const tensor = own(tensors, name);
  if (!tensor) throw new AttentionInputError("E0702", name, `the tensor \`${name}\` is missing`);
  const { shape } = tensor;
  holding.demandType(name, element, tensor);
  demandShape(name, shape);
  if (shape.length !== extents.length) throw wrongShape(name, `has ${shape.length} axes, not ${extents.length}`);
  extents.forEach((extent, axis) => {
    const found = shape[axis]!;
    if (typeof extent === "string") lengths[extent] ??= found;
    const expected = typeof extent === "string" ? lengths[extent]! : extent;
    if (found !== expected)
      throw wrongShape(name, `has extent ${found} on axis ${axis}, not ${expected}${because(extent)}`);
  });
  holding.demandRoom(
    name,
    element,
    tensor,
    shape.reduce((product, extent) => product * extent, 1),
  );
  holding.demandPromises(wanted, tensor, keyLengths);
  return tensor;
}

/** Contracts hold for the keys that are alive; what lies behind them is never read. */
export function demandPromises(
  wanted: TensorDescription,
  { data, shape }: TensorInput,
  keyLengths: Int32Array | undefined,
): void {
  if (!wanted.sorted && wanted.range.low === undefined && wanted.range.high === undefined) return;
  const isLive = liveElements(wanted, shape, keyLengths);
  const numbers = numbersOf(wanted.element, data);
  demandRange(wanted, numbers, isLive);
  if (wanted.sorted) demandSorted(wanted.name, numbers, shape.at(-1) ?? 1, isLive);
}

type IsLive = (index: number) => boolean;

/** Which elements belong to keys that are alive: in their own batch, or in any where the tensor is shared by all. */
function liveElements({ extents }: TensorDescription, shape: readonly number[], keyLengths?: Int32Array): IsLive {
  const axis = extents.lastIndexOf("keys");
  if (axis < 0 || !keyLengths) return () => true;
  const sizeFrom = (first: number) => shape.slice(first).reduce((product, extent) => product * extent, 1);
  const inner = sizeFrom(axis + 1);
  const perBatch = sizeFrom(1);
  const longest = keyLengths.reduce((most, length) => Math.max(most, length), 0);
  const ownLength = extents[0] === "batch";
  return (index) => {
    const alive = ownLength ? keyLengths[Math.floor(index / perBatch)]! : longest;
    return Math.floor(index / inner) % shape[axis]! < alive;
  };
}

const because = (extent: Extent) => (typeof extent === "string" ? ` (${extent})` : "");

function demandRange({ name, range }: TensorDescription, data: ArrayLike<number>, isLive: IsLive): void {
  if (range.low === undefined && range.high === undefined) return;
  for (let index = 0; index < data.length; index++) {
    if (isInside(data[index]!, range) || !isLive(index)) continue;
    throw new AttentionInputError(
      "E0705",
      name,
      `\`${name}\` holds ${data[index]} at ${index}, outside of ${rangeText(range)}`,
    );
  }
}

function demandSorted(name: string, data: ArrayLike<number>, row: number, isLive: IsLive): void {
  for (let index = 1; index < data.length; index++) {
    if (index % row === 0 || data[index - 1]! <= data[index]! || !isLive(index)) continue;
    throw new AttentionInputError(
      "E0706",
      name,
      `\`${name}\` is declared sorted, but ${data[index]} follows ${data[index - 1]} at ${index}`,
    );
  }
}

export function paramValue(wanted: ParamDescription, { params }: Pick<KernelInputs, "params">): number | boolean {
  const { name, type, range } = wanted;
  const value = own(params, name) ?? wanted.default;
  if (value === undefined) throw new AttentionInputError("E0702", name, `the parameter \`${name}\` is missing`);
  if (typeof value !== (type === "bool" ? "boolean" : "number")) throw wrongType(name, type);
  if (typeof value === "boolean") return value;
  if (type === "int" && (value | 0) !== value) throw wrongType(name, "int (a whole number of 32 bits)");
  const rounded = type === "float" ? Math.fround(value) : value;
  if (isInside(rounded, range)) return rounded;
  throw new AttentionInputError("E0705", name, `\`${name}\` is ${value}, outside of ${rangeText(range)}`);
}

const isInside = (value: number, { low, high }: Range) =>
  (low === undefined || value >= low) && (high === undefined || value <= high);
const rangeText = ({ low, high }: Range) => `${low ?? ""}..${high ?? ""}`;

/** Throws E0704. A kernel counts in ints of 32 bits. */
export function demandShape(name: string, shape: readonly number[]): void {
  const isLength = (extent: number) => Number.isInteger(extent) && extent >= 0 && extent <= 0x7fffffff;
  if (Array.isArray(shape) && shape.every(isLength)) return;
  throw wrongShape(name, "has a shape that is no list of whole numbers from 0 to 2147483647");
}

/** The elements of a contiguous tensor are those of its shape, no fewer and no more: other data was meant, or another
 *  shape. Throws E0704. */
export function demandCount(name: string, shape: readonly number[], length: number): void {
  const count = shape.reduce((product, extent) => product * extent, 1);
  if (length !== count) throw wrongShape(name, `is [${shape.join(", ")}], but its data has ${length} elements`);
}

/** A record's own entry: what the caller passes is never looked up on a prototype. */
export function own<Value>(record: Readonly<Record<string, Value>> | undefined, name: string): Value | undefined {
  return record && Object.hasOwn(record, name) ? record[name] : undefined;
}
