// From the caller's tensors to one call of an attention. Everything that the call promises is checked here, before
// anything runs: which tensors there are, their element types, that their extents agree, and the contracts.

import type { Value } from "../ops/op.ts";
import { compile } from "../reference/evaluate.ts";
import { startPoint } from "../reference/point.ts";
import { surroundingsOf } from "../reference/surroundings.ts";
import type { Case, Shape } from "../spec/case.ts";
import type { Attention, TensorAxis, TensorParam } from "../spec/spec.ts";
import { floats, ints, makeTensor } from "../tensors/elements.ts";
import type { DType, Tensor } from "../tensors/tensor.ts";
import { suggestion } from "./assignments.ts";
import { failure } from "./command-error.ts";
import { checkContracts } from "./contracts.ts";
import { completeShape, type GivenShape } from "./shapes.ts";

export type NamedTensors = ReadonlyMap<string, Tensor>;

const FLOATS: readonly DType[] = ["f32", "f16", "bf16"];

/** The axes of the three inputs, by the names of `--shape`. */
const INPUTS = {
  query: ["batch", "heads", "queries", "dim"],
  key: ["batch", "kv_heads", "keys", "dim"],
  value: ["batch", "kv_heads", "keys", "value_dim"],
} as const;

/** Names of tensors that every attention understands. */
const USUAL = [...Object.keys(INPUTS), "key_lengths", "query_start"];

/** A call from whole tensors. `given` says what tensors do not tell: the grid. Problems: E0702 to E0707. */
export function callOf(
  attention: Attention,
  params: Readonly<Record<string, Value>>,
  given: GivenShape,
  tensors: NamedTensors,
): Case {
  const shape = shapeOf(attention, params, given, tensors);
  const [query, key, value] = Object.keys(INPUTS).map((name) => tensors.get(name)!) as [Tensor, Tensor, Tensor];
  return withCaptured({ attention, shape, params, tensors: {}, query, key, value }, given, tensors, attention.tensors);
}

/** Adds captured tensors and the optional inputs to a call whose shape is known. `needed` says which must be there. */
export function withCaptured(
  call: Case,
  given: GivenShape,
  tensors: NamedTensors,
  needed: readonly TensorParam[],
): Case {
  const keyLengths = keyLengthsOf(call.shape, tensors);
  const queryStart = queryStartOf(call.shape, given, tensors);
  const captured = needed.map((param) => [param.name, capturedTensor(param, tensors)] as const);
  const complete: Case = {
    ...call,
    tensors: Object.fromEntries(captured),
    ...(keyLengths && { keyLengths }),
    ...(queryStart && { queryStart }),
  };
  checkExtents(complete, needed);
  for (const param of needed) checkContracts(complete, param);
  return complete;
}

/** Names in the files that the attention does not know, each with what was probably meant. */
export function unusedTensors(attention: Attention, tensors: NamedTensors): readonly string[] {
  const known = [...USUAL, ...attention.tensors.map(({ name }) => name)];
  return [...tensors.keys()]
    .filter((name) => !known.includes(name))
    .map((name) => `\`${name}\` is not used by \`${attention.name.text}\`; ${suggestion(name, known) ?? ""}`);
}

/** Extents as the tensors have them; every extent must be the same wherever it occurs. */
function shapeOf(
  attention: Attention,
  params: Readonly<Record<string, Value>>,
  given: GivenShape,
  tensors: NamedTensors,
): Shape {
  const found: Record<string, number> = {};
  const source: Record<string, string> = {};
  for (const [name, axes] of Object.entries(INPUTS)) {
    const tensor = tensors.get(name);
    if (!tensor) throw missing(name, tensors);
    if (!FLOATS.includes(tensor.dtype)) throw wrongType(name, tensor, FLOATS);
    if (tensor.shape.length !== axes.length) throw wrongRank(name, tensor, axes);
    axes.forEach((axis, place) => {
      const extent = tensor.shape[place]!;
      const known = found[axis] ?? given[axis];
      if (known !== undefined && known !== extent) {
        const other = source[axis] ? `\`${source[axis]}\`` : "--shape";
        throw failure(
          "E0704",
          `\`${name}\` ${shapeText(tensor)} has ${axis} ${extent}, but ${other} has ${known}`,
          `its axes are [${axes.join(", ")}]`,
        );
      }
      found[axis] = extent;
      source[axis] ??= name;
    });
  }
  checkHeads(found.heads!, found.kv_heads!);
  for (const axis of ["dim", "value_dim"]) {
    if (found[axis] === 0) throw failure("E0704", `${axis} is 0, but rows need at least one element`);
  }
  return completeShape(attention, params, { ...given, ...found });
}

function checkHeads(heads: number, kvHeads: number): void {
  if (heads > 0 && kvHeads > 0 && heads % kvHeads === 0) return;
  throw failure(
    "E0707",
    `\`query\` has ${heads} heads and \`key\` has ${kvHeads}, which does not divide`,
    "every KV head serves the same number of query heads",
  );
}

function capturedTensor(param: TensorParam, tensors: NamedTensors): Tensor {
  const tensor = tensors.get(param.name);
  if (!tensor) throw missing(param.name, tensors, param);
  const accepted = ACCEPTED[param.element];
  if (!accepted.includes(tensor.dtype)) throw wrongType(param.name, tensor, accepted);
  if (tensor.shape.length !== param.axes.length) throw wrongRank(param.name, tensor, param.axes.map(axisName));
  return tensor.dtype === param.element ? tensor : makeTensor(param.element, tensor.shape, floats(tensor));
}

/** Element types that hold the values of a declared one exactly. */
const ACCEPTED: Readonly<Record<TensorParam["element"], readonly DType[]>> = {
  f32: ["f32", "f16", "bf16"],
  f16: ["f16"],
  bf16: ["bf16"],
  i32: ["i32", "u8"],
  u8: ["u8"],
  bool: ["bool", "u8"],
};

function checkExtents(call: Case, needed: readonly TensorParam[]): void {
  const around = surroundingsOf(call);
  const fresh = new Map<string, { extent: number; from: string }>();
  const { shape } = call;
  const known: Readonly<Record<string, number>> = {
    batch: shape.batch,
    head: shape.heads,
    kv: shape.kvHeads,
    query: shape.queries,
    key: shape.keys,
    token: shape.keys,
  };
  for (const param of needed) {
    for (const [place, axis] of param.axes.entries()) {
      const extent = call.tensors[param.name]!.shape[place]!;
      const first = axis.kind === "fresh" ? fresh.get(axis.name) : undefined;
      if (axis.kind === "fresh" && !first) {
        fresh.set(axis.name, { extent, from: param.name });
        continue;
      }
      const wanted = axis.kind === "fresh" ? first!.extent : axisExtent(axis);
      if (extent !== wanted) {
        const because = first ? `, as \`${first.from}\` has it` : "";
        throw failure(
          "E0704",
          `axis \`${axisName(axis)}\` of \`${param.name}\` must have extent ${wanted}${because}, but it has ${extent}`,
          `the axes of \`${param.name}\` are [${param.axes.map(axisName).join(", ")}], its shape is ${shapeText(call.tensors[param.name]!)}`,
        );
      }
    }
  }
  function axisExtent(axis: Exclude<TensorAxis, { kind: "fresh" }>): number {
    return axis.kind === "extent" ? compile(axis.extent, around, "decide")(startPoint()) : known[axis.axis]!;
  }
}

function keyLengthsOf(shape: Shape, tensors: NamedTensors): readonly number[] | undefined {
  const tensor = tensors.get("key_lengths");
  if (!tensor) return undefined;
  if (tensor.dtype !== "i32") throw wrongType("key_lengths", tensor, ["i32"]);
  if (tensor.shape.length !== 1 || tensor.shape[0] !== shape.batch) throw wrongRank("key_lengths", tensor, ["batch"]);
  const lengths = [...ints(tensor)];
  const bad = lengths.findIndex((length) => length < 0 || length > shape.keys);
  if (bad < 0) return lengths;
  throw failure("E0705", `\`key_lengths\`[${bad}] is ${lengths[bad]}, but there are ${shape.keys} keys`);
}

function queryStartOf(shape: Shape, given: GivenShape, tensors: NamedTensors): readonly number[] | undefined {
  const everyBatch = (start: number) => Array.from({ length: shape.batch }, () => start);
  const tensor = tensors.get("query_start");
  if (!tensor) return given.query_start === undefined ? undefined : everyBatch(given.query_start);
  if (tensor.dtype !== "i32") throw wrongType("query_start", tensor, ["i32"]);
  const starts = [...ints(tensor)];
  if (starts.length === 1 && tensor.shape.length <= 1) return everyBatch(starts[0]!);
  if (tensor.shape.length !== 1 || starts.length !== shape.batch) throw wrongRank("query_start", tensor, ["batch"]);
  return starts;
}

/** An axis as the declaration writes it. */
export function axisName(axis: TensorAxis): string {
  if (axis.kind === "fresh") return axis.name;
  if (axis.kind !== "extent") return axis.axis;
  const { extent } = axis;
  if (extent.kind === "literal") return String(extent.value);
  return extent.kind === "param" ? extent.name : extent.kind === "length" ? `len(${extent.axis})` : "(an expression)";
}

function missing(name: string, tensors: NamedTensors, param?: TensorParam) {
  const axes = param ? param.axes.map(axisName) : INPUTS[name as keyof typeof INPUTS];
  const has =
    tensors.size === 0
      ? "no tensors were given"
      : `the files have ${[...tensors.keys()].map((each) => `\`${each}\``).join(", ")}`;
  return failure(
    "E0702",
    `the tensor \`${name}\` ${param?.element ?? "f32"}[${axes.join(", ")}] is missing; ${has}`,
    `give it with \`--in IN.safetensors\` or \`--in ${name}=FILE.npy\``,
  );
}

function wrongType(name: string, tensor: Tensor, accepted: readonly DType[]) {
  return failure("E0703", `\`${name}\` must be ${accepted.join(" or ")}, but it is ${tensor.dtype}`);
}

function wrongRank(name: string, tensor: Tensor, axes: readonly string[]) {
  return failure("E0704", `\`${name}\` must have the axes [${axes.join(", ")}], but its shape is ${shapeText(tensor)}`);
}

function shapeText({ shape }: Tensor): string {
  return `[${shape.join(", ")}]`;
}
