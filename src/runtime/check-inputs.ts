// Checks a call against the kernel's description, before anything is copied or run. What comes back is the call with its
// lengths known: shapes agree, numbers are in range, promises hold.

import type { Extent, KernelDescription, ParamDescription, Range, TensorDescription } from "./description.ts";
import { AttentionInputError } from "./errors.ts";
import type { AttentionTensor, KernelInputs, TensorInput, TensorLayout } from "./inputs.ts";

/** Lengths of a call: batch heads kvHeads queries keys dim valueDim and the named axes. */
export type Lengths = Readonly<Record<string, number>>;

/** A tensor with its strides, in elements, for [batch, head, row]. */
export type Strided = { readonly data: Float32Array; readonly strides: readonly [number, number, number] };

export type CheckedCall = {
  readonly lengths: Lengths;
  readonly layout: TensorLayout;
  readonly query: Strided;
  readonly key: Strided;
  readonly value: Strided;
  readonly tensors: Readonly<Record<string, TensorInput>>;
  readonly params: Readonly<Record<string, number | boolean>>;
  readonly keyLengths: Int32Array | undefined;
  readonly queryStart: Int32Array | undefined;
};

/** Throws AttentionInputError E0701 to E0708. Cost: linear in the sizes of captured tensors with a contract. */
export function checkInputs(inputs: KernelInputs, description: KernelDescription): CheckedCall {
  demandKnown(inputs.params, description.params.map(nameOf), "parameter");
  demandKnown(inputs.tensors, description.tensors.map(nameOf), "tensor");
  demandKnown(inputs.axes, description.axes.filter(({ from }) => from === "caller").map(nameOf), "axis");
  const layout = inputs.layout ?? "bhnd";
  if (!LAYOUTS.includes(layout)) throw wrongType("layout", LAYOUTS.map((each) => `"${each}"`).join(" or "));
  const query = attentionTensor("query", inputs.query, layout);
  const key = attentionTensor("key", inputs.key, layout);
  const value = attentionTensor("value", inputs.value, layout);
  const lengths = lengthsOf(query.extents, key.extents, value.extents, description);
  for (const { name, from } of description.axes) if (from === "caller") lengths[name] = axisExtent(name, inputs);
  const tensors = Object.fromEntries(
    description.tensors.map((each) => [each.name, capturedTensor(each, inputs, lengths)]),
  );
  return {
    ...{ lengths, layout, query, key, value, tensors },
    params: Object.fromEntries(description.params.map((each) => [each.name, paramValue(each, inputs)])),
    keyLengths: keyLengths(inputs, lengths),
    queryStart: queryStart(inputs, lengths),
  };
}

const LAYOUTS: readonly TensorLayout[] = ["bhnd", "bnhd"];
const nameOf = ({ name }: { readonly name: string }) => name;

function demandKnown(given: object | undefined, known: readonly string[], what: string): void {
  for (const name of Object.keys(given ?? {})) {
    if (known.includes(name)) continue;
    const list = known.length === 0 ? "there is none" : `known: ${known.join(", ")}`;
    throw new AttentionInputError("E0701", name, `\`${name}\` is no ${what} of this attention; ${list}`);
  }
}

type Extents = { readonly batch: number; readonly heads: number; readonly rows: number; readonly width: number };

function attentionTensor(name: string, tensor: AttentionTensor | undefined, layout: TensorLayout) {
  if (!tensor) throw new AttentionInputError("E0702", name, `\`${name}\` is missing`);
  const { data, shape } = tensor;
  if (!(data instanceof Float32Array)) throw wrongType(name, "Float32Array");
  demandShape(name, shape);
  const axes = layout === "bhnd" ? "[batch, heads, rows, dim]" : "[batch, rows, heads, dim]";
  if (shape.length !== 4) throw wrongShape(name, `has ${shape.length} axes, not the four of ${axes}`);
  const strides = tensor.strides ?? contiguous(shape);
  demandStrides(name, strides, shape, data.length);
  const [batch, second, third, width] = shape as [number, number, number, number];
  const [forBatch, forSecond, forThird] = strides as [number, number, number];
  const headsFirst = layout === "bhnd";
  const extents: Extents = { batch, heads: headsFirst ? second : third, rows: headsFirst ? third : second, width };
  const rearranged: Strided["strides"] = headsFirst ? [forBatch, forSecond, forThird] : [forBatch, forThird, forSecond];
  return { data, strides: rearranged, extents };
}

function demandShape(name: string, shape: readonly number[]): void {
  if (Array.isArray(shape) && shape.every((extent) => Number.isInteger(extent) && extent >= 0)) return;
  throw wrongShape(name, "has a shape that is no list of whole numbers");
}

function demandStrides(name: string, strides: readonly number[], shape: readonly number[], length: number): void {
  const whole = strides.length === shape.length && strides.every((stride) => Number.isInteger(stride) && stride >= 0);
  if (!whole) throw wrongShape(name, "has strides that are no list of whole numbers, one per axis");
  if (shape.at(-1)! > 1 && strides.at(-1) !== 1)
    throw wrongShape(name, "has rows that are not contiguous: the last stride must be 1");
  const last = shape.includes(0) ? -1 : shape.reduce((sum, extent, axis) => sum + (extent - 1) * strides[axis]!, 0);
  if (last >= length) throw wrongShape(name, `is [${shape.join(", ")}], but its data has only ${length} elements`);
}

/** Strides of a row-major tensor. */
export function contiguous(shape: readonly number[]): number[] {
  const strides = shape.map(() => 1);
  for (let axis = shape.length - 2; axis >= 0; axis--) strides[axis] = strides[axis + 1]! * shape[axis + 1]!;
  return strides;
}

function lengthsOf(query: Extents, key: Extents, value: Extents, { dims }: KernelDescription): Record<string, number> {
  const agree = (name: string, axis: string, found: number, wanted: number, like: string) => {
    if (found !== wanted) throw wrongShape(name, `has ${found} ${axis}, but \`${like}\` has ${wanted}`);
  };
  agree("key", "batches", key.batch, query.batch, "query");
  agree("value", "batches", value.batch, query.batch, "query");
  agree("value", "heads", value.heads, key.heads, "key");
  agree("value", "rows", value.rows, key.rows, "key");
  const fits = (name: string, found: number, wanted: number) => {
    if (found === wanted) return;
    throw new AttentionInputError(
      "E0708",
      name,
      `\`${name}\` has dim ${found}; this kernel was compiled for ${wanted}`,
    );
  };
  fits("query", query.width, dims.dim);
  fits("key", key.width, dims.dim);
  fits("value", value.width, dims.valueDim);
  if (key.heads === 0 ? query.heads !== 0 : query.heads % key.heads !== 0) {
    throw new AttentionInputError(
      "E0707",
      "query",
      `${query.heads} query heads cannot share ${key.heads} KV heads evenly`,
    );
  }
  return {
    ...{ batch: query.batch, heads: query.heads, kvHeads: key.heads },
    ...{ queries: query.rows, keys: key.rows, dim: dims.dim, valueDim: dims.valueDim },
  };
}

function axisExtent(name: string, { axes }: KernelInputs): number {
  const extent = axes?.[name];
  if (extent === undefined) throw new AttentionInputError("E0702", name, `the extent of axis \`${name}\` is missing`);
  if (Number.isInteger(extent) && extent >= 0 && extent <= 0x7fffffff) return extent;
  throw new AttentionInputError(
    "E0705",
    name,
    `the extent of axis \`${name}\` is ${extent}, not a whole number from 0 to 2147483647`,
  );
}

const ARRAYS = { f32: Float32Array, i32: Int32Array, u8: Uint8Array, bool: Uint8Array } as const;

/** Binds the axes that only tensors name: `lengths` grows. */
function capturedTensor(
  wanted: TensorDescription,
  { tensors }: KernelInputs,
  lengths: Record<string, number>,
): TensorInput {
  const { name, element, extents } = wanted;
  const tensor = tensors?.[name];
  if (!tensor) throw new AttentionInputError("E0702", name, `the tensor \`${name}\` is missing`);
  const { data, shape } = tensor;
  if (!(data instanceof ARRAYS[element])) throw wrongType(name, ARRAYS[element].name);
  demandShape(name, shape);
  if (shape.length !== extents.length) throw wrongShape(name, `has ${shape.length} axes, not ${extents.length}`);
  extents.forEach((extent, axis) => {
    const found = shape[axis]!;
    if (typeof extent === "string") lengths[extent] ??= found;
    const expected = typeof extent === "string" ? lengths[extent]! : extent;
    if (found !== expected)
      throw wrongShape(name, `has extent ${found} on axis ${axis}, not ${expected}${because(extent)}`);
  });
  const count = shape.reduce((product, extent) => product * extent, 1);
  if (data.length !== count)
    throw wrongShape(name, `is [${shape.join(", ")}], but its data has ${data.length} elements`);
  demandRange(wanted, data);
  if (wanted.sorted) demandSorted(name, data, shape.at(-1) ?? 1);
  return tensor;
}

const because = (extent: Extent) => (typeof extent === "string" ? ` (${extent})` : "");

function demandRange({ name, range }: TensorDescription, data: ArrayLike<number>): void {
  if (range.low === undefined && range.high === undefined) return;
  for (let index = 0; index < data.length; index++) {
    if (isInside(data[index]!, range)) continue;
    throw new AttentionInputError(
      "E0705",
      name,
      `\`${name}\` holds ${data[index]} at ${index}, outside of ${rangeText(range)}`,
    );
  }
}

function demandSorted(name: string, data: ArrayLike<number>, row: number): void {
  for (let index = 1; index < data.length; index++) {
    if (index % row === 0 || data[index - 1]! <= data[index]!) continue;
    throw new AttentionInputError(
      "E0706",
      name,
      `\`${name}\` is declared sorted, but ${data[index]} follows ${data[index - 1]} at ${index}`,
    );
  }
}

function paramValue(wanted: ParamDescription, { params }: KernelInputs): number | boolean {
  const { name, type, range } = wanted;
  const value = params?.[name] ?? wanted.default;
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

function keyLengths({ keyLengths: given }: KernelInputs, lengths: Lengths): Int32Array | undefined {
  if (given === undefined) return undefined;
  const values = Array.from(given);
  if (values.length !== lengths.batch)
    throw wrongShape("key_lengths", `has ${values.length} entries for ${lengths.batch} batches`);
  for (const value of values) {
    if (Number.isInteger(value) && value >= 0 && value <= lengths.keys!) continue;
    throw new AttentionInputError(
      "E0705",
      "key_lengths",
      `\`key_lengths\` holds ${value}; there are ${lengths.keys} keys`,
    );
  }
  return Int32Array.from(values);
}

function queryStart({ queryStart: given }: KernelInputs, lengths: Lengths): Int32Array | undefined {
  if (given === undefined) return undefined;
  const values = typeof given === "number" ? Array.from({ length: lengths.batch! }, () => given) : Array.from(given);
  if (values.length !== lengths.batch)
    throw wrongShape("query_start", `has ${values.length} entries for ${lengths.batch} batches`);
  if (values.some((value) => (value | 0) !== value)) throw wrongType("query_start", "int (a whole number of 32 bits)");
  return Int32Array.from(values);
}

const wrongType = (name: string, wanted: string) =>
  new AttentionInputError(
    "E0703",
    name,
    `\`${name}\` must be ${/^[A-Z]/.test(wanted) ? `a ${wanted}` : `of type ${wanted}`}`,
  );
const wrongShape = (name: string, how: string) => new AttentionInputError("E0704", name, `\`${name}\` ${how}`);
