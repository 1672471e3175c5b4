// The tensors and numbers of a call, as the caller passes them and gets them back.

/** A Float16Array, said so that compilers and engines without it understand. */
export type Float16Elements = {
  readonly [Symbol.toStringTag]: "Float16Array";
  readonly [index: number]: number;
  readonly length: number;
  readonly BYTES_PER_ELEMENT: number;
  readonly buffer: ArrayBufferLike;
  readonly byteOffset: number;
  readonly byteLength: number;
};

/** Halves: their values, or their bits. */
export type HalfElements = Uint16Array | Float16Elements;

export type TensorElements = Float32Array | HalfElements | Int32Array | Uint8Array;

/** Elements in memory. f32 is Float32Array, f16 Uint16Array or Float16Array, i32 Int32Array, u8 and bool Uint8Array. */
export type TensorInput<
  Data extends TensorElements = TensorElements,
  Shape extends readonly number[] = readonly number[],
> = { readonly data: Data; readonly shape: Shape };

/** A query, key or value tensor. `strides` count elements, one per axis of `shape`; the last must be 1, and the default
 *  is that of a contiguous tensor. */
export type AttentionTensor<
  Shape extends readonly number[] = readonly number[],
  Data extends Float32Array | HalfElements = Float32Array,
> = {
  readonly data: Data;
  readonly shape: Shape;
  readonly strides?: readonly number[];
};

/** What shows the elements of a tensor in the kernel's memory; halves are shown as their bits. */
export type ResidentArrays = { readonly f32: Float32Array; readonly f16: Uint16Array };

/** A tensor in the kernel's own memory: calls read it where it lies instead of copying it in. What a KV cache should be. */
export type ResidentTensor<
  Shape extends readonly number[] = readonly number[],
  Element extends keyof ResidentArrays = "f32",
> = {
  readonly shape: Shape;
  /** The elements, zeros at first. Take it anew for every use: where the memory has grown, an older array is empty. */
  readonly data: ResidentArrays[Element];
  /** Gives the memory back; `data` is empty from then on. */
  free(): void;
};

/** Order of the axes of query, key, value and out: [batch, heads, rows, dim] or [batch, rows, heads, dim]. */
export type TensorLayout = "bhnd" | "bnhd";

export type KernelInputs<Query extends Float32Array | HalfElements = Float32Array> = {
  readonly query: AttentionTensor<readonly number[], Query>;
  /** Key and value are halves where the kernel was compiled for f16. */
  readonly key: AttentionTensor<readonly number[], Float32Array | HalfElements>;
  readonly value: AttentionTensor<readonly number[], Float32Array | HalfElements>;
  /** Default `bhnd`. */
  readonly layout?: TensorLayout;
  /** Captured tensors, contiguous, under their parameter's name. */
  readonly tensors?: Readonly<Record<string, TensorInput>>;
  readonly params?: Readonly<Record<string, number | boolean>>;
  /** Extents of the grid axes that have no constant one. */
  readonly axes?: Readonly<Record<string, number>>;
  /** Keys that are alive, per batch. Default: all. */
  readonly keyLengths?: ArrayLike<number>;
  /** Position of query row 0, one for all batches or one per batch. Default: by the attention's alignment. */
  readonly queryStart?: number | ArrayLike<number>;
};

/** Inputs before it is known that their rows are what the kernel takes. */
export type AnyInputs = KernelInputs<Float32Array | HalfElements>;

export type TensorOutput<
  Shape extends readonly number[] = readonly number[],
  Data extends Float32Array | Uint16Array | Int32Array = Float32Array<ArrayBuffer>,
> = {
  readonly data: Data;
  readonly shape: Shape;
};

export type KernelOutputs<Out extends Float32Array | Uint16Array = Float32Array<ArrayBuffer>> = {
  /** In the layout of the inputs' axes, contiguous; halves are given as their bits. */
  readonly out: TensorOutput<readonly number[], Out>;
  /** [batch, heads, queries], natural logarithm. */
  readonly lse?: TensorOutput;
  /** The outputs that the attention names, under their names. */
  readonly named?: Readonly<Record<string, NamedOutputTensor>>;
};

/** Axes in the order batch, heads or KV heads, queries, keys, as far as it has them. Int32Array holds ints, and bools as 0 and 1. */
export type NamedOutputTensor = TensorOutput<readonly number[], Float32Array<ArrayBuffer> | Int32Array<ArrayBuffer>>;
