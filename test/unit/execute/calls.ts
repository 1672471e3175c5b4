// Calls of attentions written as text, on seeded random inputs. Whatever lies beyond a batch's own keys is poison: NaN
// in floats, a huge number in ints. A level that lets it into an answer shows it.

import { check } from "../../../src/check/check.ts";
import type { Case, Shape } from "../../../src/spec/case.ts";
import type { Attention, TensorAxis, TensorParam } from "../../../src/spec/spec.ts";
import { parseProgram } from "../../../src/syntax/program.ts";
import { elementCount, makeTensor } from "../../../src/tensors/elements.ts";
import type { Tensor } from "../../../src/tensors/tensor.ts";

/** The first attention of the text, which must be free of problems. */
export function attentionOf(text: string): Attention {
  const program = parseProgram({ path: "test.attn", text }, () => ({ missing: "tests import nothing" }));
  const spec = check(program.value);
  const errors = [...program.problems, ...spec.problems].filter(({ code }) => code.startsWith("E"));
  if (errors.length > 0) throw new Error(`${JSON.stringify(errors, null, 2)}\nin ${text}`);
  return spec.value.attentions[0]!;
}

export type CallOptions = {
  readonly seed?: number;
  readonly shape?: Partial<Shape>;
  readonly params?: Case["params"];
  readonly keyLengths?: readonly number[];
  readonly queryStart?: readonly number[];
  /** Extents of fresh axes of captured tensors. */
  readonly fresh?: Readonly<Record<string, number>>;
};

/** A call of two batches, six heads on two KV heads, unless the shape says otherwise. */
export function callOf(attention: Attention, options: CallOptions = {}): Case {
  const shape: Shape = {
    ...{ batch: 2, heads: 6, kvHeads: 2, queries: 9, keys: 9, dim: 3, valueDim: 5, axes: {} },
    ...options.shape,
  };
  const { batch, heads, kvHeads, queries, keys, dim, valueDim } = shape;
  const random = generator(options.seed ?? 1);
  const { keyLengths, queryStart } = options;
  const tensor = (extents: readonly number[], keyAxis?: number) =>
    poison(
      makeTensor(
        "f32",
        extents,
        Array.from({ length: elementCount(extents) }, () => random() * 4 - 2),
      ),
      keyAxis,
      keyLengths,
    );
  const captured = attention.tensors.map((param) => [param.name, capture(param, shape, options, random)] as const);
  const defaults = attention.params.map(({ name, default: value }) => [name, value!] as const);
  return {
    attention,
    shape,
    params: { ...Object.fromEntries(defaults), ...options.params },
    tensors: Object.fromEntries(captured),
    query: tensor([batch, heads, queries, dim]),
    key: tensor([batch, kvHeads, keys, dim], 2),
    value: tensor([batch, kvHeads, keys, valueDim], 2),
    ...(keyLengths ? { keyLengths } : {}),
    ...(queryStart ? { queryStart } : {}),
  };
}

/** Ints are runs of three equal numbers, as document ids are; floats lie in [−2, 2). */
function capture(param: TensorParam, shape: Shape, options: CallOptions, random: () => number): Tensor {
  const extents = param.axes.map((axis) => extentOf(axis, shape, options));
  const count = elementCount(extents);
  const isFloat = param.element === "f32";
  const values = Array.from({ length: count }, (_, index) => (isFloat ? random() * 4 - 2 : Math.floor(index / 3) % 7));
  const overBatches = param.axes[0]?.kind === "implicit" && param.axes[0].axis === "batch";
  const keyAxis = param.axes.findIndex((axis) => axis.kind === "position" && axis.axis !== "query");
  const tensor = makeTensor(param.element, extents, values);
  return overBatches && keyAxis > 0 ? poison(tensor, keyAxis, options.keyLengths) : tensor;
}

function extentOf(axis: TensorAxis, shape: Shape, options: CallOptions): number {
  if (axis.kind === "implicit") return { batch: shape.batch, head: shape.heads, kv: shape.kvHeads }[axis.axis];
  if (axis.kind === "position") return axis.axis === "query" ? shape.queries : shape.keys;
  return axis.kind === "fresh" ? (options.fresh?.[axis.name] ?? 5) : 4;
}

/** Spoils what lies beyond the lengths; axis 0 is the batch. */
function poison(tensor: Tensor, keyAxis: number | undefined, keyLengths?: readonly number[]): Tensor {
  if (keyAxis === undefined || !keyLengths) return tensor;
  const inner = elementCount(tensor.shape.slice(keyAxis + 1));
  const perBatch = elementCount(tensor.shape.slice(1));
  for (let index = 0; index < tensor.data.length; index++) {
    const key = Math.floor(index / inner) % tensor.shape[keyAxis]!;
    if (key >= keyLengths[Math.floor(index / perBatch)]!)
      tensor.data[index] = tensor.dtype === "f32" ? Number.NaN : 0x7ffffff;
  }
  return tensor;
}

/** A linear congruential generator is enough: inputs must be repeatable, not random. */
function generator(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    return (state >>> 8) * 2 ** -24;
  };
}
