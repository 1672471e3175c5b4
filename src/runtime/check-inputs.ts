// Checks a call against the kernel's description, before anything is copied or run. What comes back is the call with its
// lengths known: shapes agree, numbers are in range, promises hold. What tensors lie in, typed arrays or a device's buffers, is the
// business of a `Holding`.

import { capturedTensor, demandShape, own, paramValue } from "./check-captured.ts";
import type { ElementType, RunnableDescription, TensorDescription } from "./description.ts";
import { AttentionInputError, wrongShape, wrongType } from "./errors.ts";
import { IN_ARRAYS } from "./hold-arrays.ts";
import type { AnyInputs, KernelInputs, TensorElements, TensorInput, TensorLayout } from "./inputs.ts";

/** Lengths of a call: batch heads kvHeads queries keys dim valueDim, and `axis:NAME` for the named axes. */
export type Lengths = Readonly<Record<string, number>>;

/** What holds elements, with strides, in elements, for [batch, head, row]. */
export type Placed<Held> = Held & { readonly strides: readonly [number, number, number] };

export type Strided = Placed<{ readonly data: TensorElements }>;

/** A tensor, whatever it lies in. */
export type Shaped = { readonly shape: readonly number[]; readonly strides?: readonly number[] };

/** The inputs of a call, whatever its tensors lie in. */
export type InputsOf<Tensor extends Shaped> = Omit<KernelInputs, "query" | "key" | "value" | "tensors"> &
  Readonly<Record<"query" | "key" | "value", Tensor>> & { readonly tensors?: Readonly<Record<string, Tensor>> };

/** What tensors of a call lie in. */
export type Holding<Tensor extends Shaped, Held> = {
  /** Throws E0703 or E0717 where these are no elements of such a type. */
  demandType(name: string, element: ElementType, tensor: Tensor): void;
  /** Throws E0704 or E0717 where there are not so many elements; where a tensor is contiguous, there may have to be exactly so many. */
  demandRoom(name: string, element: ElementType, tensor: Tensor, count: number): void;
  /** Throws E0705 or E0706 where elements break a promise, as far as they can be seen. */
  demandPromises(wanted: TensorDescription, tensor: Tensor, keyLengths: Int32Array | undefined): void;
  held(tensor: Tensor): Held;
};

export type Checked<Tensor, Held> = {
  readonly lengths: Lengths;
  readonly layout: TensorLayout;
  readonly query: Placed<Held>;
  readonly key: Placed<Held>;
  readonly value: Placed<Held>;
  readonly tensors: Readonly<Record<string, Tensor>>;
  readonly params: Readonly<Record<string, number | boolean>>;
  readonly keyLengths: Int32Array | undefined;
  readonly queryStart: Int32Array | undefined;
};

export type CheckedCall = Checked<TensorInput, { readonly data: TensorElements }>;

/** Throws AttentionInputError E0701 to E0708. Cost: linear in the sizes of captured tensors with a contract. */
export function checkInputs(inputs: AnyInputs, description: RunnableDescription): CheckedCall {
  return checkCall<TensorInput & Shaped, { readonly data: TensorElements }>(inputs, description, IN_ARRAYS);
}

/** Throws AttentionInputError E0701 to E0708, and what the holding throws. */
export function checkCall<Tensor extends Shaped, Held>(
  inputs: InputsOf<Tensor>,
  description: RunnableDescription,
  holding: Holding<Tensor, Held>,
): Checked<Tensor, Held> {
  if (!inputs) throw new AttentionInputError("E0702", "", "the call has no inputs");
  demandKnown(inputs.params, description.params.map(nameOf), "parameter");
  demandKnown(inputs.tensors, description.tensors.map(nameOf), "tensor");
  demandKnown(inputs.axes, description.axes.filter(({ from }) => from === "caller").map(nameOf), "axis");
  const layout = inputs.layout ?? "bhnd";
  if (!LAYOUTS.includes(layout)) throw wrongType("layout", LAYOUTS.map((each) => `"${each}"`).join(" or "));
  const { query: computed, stored } = description.rows;
  const query = rowsTensor("query", inputs.query, layout, computed, holding);
  const key = rowsTensor("key", inputs.key, layout, stored, holding);
  const value = rowsTensor("value", inputs.value, layout, stored, holding);
  const lengths = lengthsOf(query.extents, key.extents, value.extents, description);
  holding.demandRoom("query", computed, inputs.query, query.span);
  holding.demandRoom("key", stored, inputs.key, key.span);
  holding.demandRoom("value", stored, inputs.value, value.span);
  for (const { name, from } of description.axes)
    if (from === "caller") lengths[`axis:${name}`] = axisExtent(name, inputs);
  const alive = keyLengths(inputs, lengths);
  const tensors = Object.fromEntries(
    description.tensors.map((each) => [each.name, capturedTensor(each, inputs, lengths, alive, holding)]),
  );
  return {
    ...{ lengths, layout, query: query.placed, key: key.placed, value: value.placed, tensors },
    params: Object.fromEntries(description.params.map((each) => [each.name, paramValue(each, inputs)])),
    keyLengths: alive,
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

/** A tensor of rows, with its strides for [batch, head, row] and the elements that it spans. Throws AttentionInputError. */
export function rowsTensor<Tensor extends Shaped, Held>(
  name: string,
  tensor: Tensor | undefined,
  layout: TensorLayout,
  element: ElementType,
  holding: Holding<Tensor, Held>,
): { readonly placed: Placed<Held>; readonly extents: Extents; readonly span: number } {
  if (!tensor) throw new AttentionInputError("E0702", name, `\`${name}\` is missing`);
  holding.demandType(name, element, tensor);
  const { shape } = tensor;
  demandShape(name, shape);
  const axes = layout === "bhnd" ? "[batch, heads, rows, dim]" : "[batch, rows, heads, dim]";
  if (shape.length !== 4) throw wrongShape(name, `has ${shape.length} axes, not the four of ${axes}`);
  const strides = tensor.strides ?? contiguous(shape);
  const span = spanOf(name, strides, shape);
  const [batch, second, third, width] = shape as [number, number, number, number];
  const [forBatch, forSecond, forThird] = strides as [number, number, number];
  const headsFirst = layout === "bhnd";
  const extents: Extents = { batch, heads: headsFirst ? second : third, rows: headsFirst ? third : second, width };
  const rearranged: Strided["strides"] = headsFirst ? [forBatch, forSecond, forThird] : [forBatch, forThird, forSecond];
  return { placed: { ...holding.held(tensor), strides: rearranged }, extents, span };
}

/** How many elements lie between the first and the last, both counted. */
export function spanOf(name: string, strides: readonly number[], shape: readonly number[]): number {
  const whole = strides.length === shape.length && strides.every((stride) => Number.isInteger(stride) && stride >= 0);
  if (!whole) throw wrongShape(name, "has strides that are no list of whole numbers, one per axis");
  if (shape.at(-1)! > 1 && strides.at(-1) !== 1)
    throw wrongShape(name, "has rows that are not contiguous: the last stride must be 1");
  return shape.includes(0) ? 0 : 1 + shape.reduce((sum, extent, axis) => sum + (extent - 1) * strides[axis]!, 0);
}

/** Strides of a row-major tensor. */
export function contiguous(shape: readonly number[]): number[] {
  const strides = shape.map(() => 1);
  for (let axis = shape.length - 2; axis >= 0; axis--) strides[axis] = strides[axis + 1]! * shape[axis + 1]!;
  return strides;
}

function lengthsOf(
  query: Extents,
  key: Extents,
  value: Extents,
  { dims }: RunnableDescription,
): Record<string, number> {
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

function axisExtent(name: string, { axes }: Pick<KernelInputs, "axes">): number {
  const extent = own(axes, name);
  if (extent === undefined) throw new AttentionInputError("E0702", name, `the extent of axis \`${name}\` is missing`);
  if (Number.isInteger(extent) && extent >= 0 && extent <= 0x7fffffff) return extent;
  throw new AttentionInputError(
    "E0705",
    name,
    `the extent of axis \`${name}\` is ${extent}, not a whole number from 0 to 2147483647`,
  );
}

function keyLengths({ keyLengths: given }: Pick<KernelInputs, "keyLengths">, lengths: Lengths): Int32Array | undefined {
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

function queryStart({ queryStart: given }: Pick<KernelInputs, "queryStart">, lengths: Lengths): Int32Array | undefined {
  if (given === undefined) return undefined;
  const values = typeof given === "number" ? Array.from({ length: lengths.batch! }, () => given) : Array.from(given);
  if (values.length !== lengths.batch)
    throw wrongShape("query_start", `has ${values.length} entries for ${lengths.batch} batches`);
  if (values.some((value) => (value | 0) !== value)) throw wrongType("query_start", "int (a whole number of 32 bits)");
  return Int32Array.from(values);
}
