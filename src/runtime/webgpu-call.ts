// One call as a device sees it: the words of the uniform, how many workgroups each step takes, and where facts begin.
// Numbers only, so that it can be tested without a device.

import { elementsOf, sizeOf, storedLengths } from "./call-shapes.ts";
import type { Checked, Lengths } from "./check-inputs.ts";
import type { StoredName, WebgpuDescription, WorkgroupExtent } from "./webgpu-description.ts";

/** A tensor within its buffer, in elements; strides are those of [batch, head, row]. */
export type View = { readonly offset: number; readonly strides: readonly [number, number, number] };

export type Views = Readonly<Record<"query" | "key" | "value" | "out", View>>;

/** A checked call, with its tensors in their buffers. */
export type CallNumbers = Pick<Checked<unknown, unknown>, "lengths" | "params" | "keyLengths" | "queryStart"> & {
  readonly views: Views;
};

/** Bytes of what the runtime keeps between steps. */
export type Scratch = {
  readonly facts: number;
  readonly folds: number;
  /** Where steps ask for it and the caller does not. */
  readonly lse: number;
  readonly statistics: number;
  readonly parts: number;
  /** By the name of the binding. */
  readonly stored: Readonly<Record<string, number>>;
};

/** The steps that a call takes, with their places in the description and the lengths that they see. */
export function stepsOf(description: WebgpuDescription, lengths: Lengths) {
  const other = hasFewRows(description, lengths) ? "many" : "few";
  const stored = storedLengths(description, lengths);
  return description.steps
    .map((step, index) => ({ step, index, lengths: step.stored ? stored : lengths }))
    .filter(({ step }) => step.calls !== other);
}

function hasFewRows({ few, buffers }: WebgpuDescription, lengths: Lengths): boolean {
  if (!few || lengths.queries! > few.queries || lengths.keys === 0) return false;
  const { extents, mostBytes = Number.POSITIVE_INFINITY } = buffers.find(({ name }) => name === few.parts)!;
  return 4 * elementsOf(extents, lengths) <= mostBytes;
}

/** Where each of the buffers of such names begins, in words; −1 where a call goes without. */
function placesOf(names: readonly string[], { buffers }: WebgpuDescription, lengths: Lengths) {
  const places = new Map<string, number>();
  let words = 0;
  for (const name of names) {
    const { extents, mostBytes = Number.POSITIVE_INFINITY } = buffers.find((each) => each.name === name)!;
    const size = elementsOf(extents, lengths);
    const isKept = size * 4 <= mostBytes;
    places.set(name, isKept ? words : -1);
    words += isKept ? size : 0;
  }
  return { places, words };
}

export function scratchOf(description: WebgpuDescription, lengths: Lengths): Scratch {
  const { facts, folds = [], few, buffers, stored = [] } = description;
  const others = [...facts, ...folds, "lse"];
  const bytesOf = (wanted: (name: string) => boolean) =>
    buffers.filter(({ name }) => wanted(name)).reduce((sum, { extents }) => sum + 4 * elementsOf(extents, lengths), 0);
  const isFew = hasFewRows(description, lengths);
  return {
    facts: 4 * placesOf(facts, description, lengths).words,
    folds: 4 * placesOf(folds, description, lengths).words,
    lse: bytesOf((name) => name === "lse"),
    statistics: isFew ? 0 : bytesOf((name) => name !== few?.parts && !others.includes(name) && !isStored(name)),
    stored: Object.fromEntries(
      stored.map((name) => {
        const shape = storedShape(name, storedLengths(description, lengths));
        return [`stored.${name}`, sizeOf(shape) * bytesIn(name, description)];
      }),
    ),
    parts: isFew ? bytesOf((name) => name === few!.parts) : 0,
  };
}

const isStored = (name: string) => name.startsWith("stored.");

/** [batch, head, row, element] of a tensor in stored order. */
function storedShape(name: StoredName, lengths: Lengths): readonly number[] {
  const { batch, heads, kvHeads, queries, keys, dim, valueDim } = lengths as Readonly<Record<string, number>>;
  const shapes = {
    query: [heads, queries, dim],
    key: [kvHeads, keys, dim],
    value: [kvHeads, keys, valueDim],
    out: [heads, queries, valueDim],
    lse: [heads, queries, 1],
  };
  return [batch!, ...(shapes[name] as number[])];
}

function bytesIn(name: StoredName, { rows }: WebgpuDescription): number {
  if (name === "lse") return 4;
  const element = name === "key" || name === "value" ? rows.stored : rows.query;
  return element === "f16" ? 2 : 4;
}

/** The call with its rows where they lie in stored order. */
export function inStoredOrder<Call extends CallNumbers>(description: WebgpuDescription, call: Call): Call {
  const { stored = [] } = description;
  const lengths = storedLengths(description, call.lengths);
  const views = stored.map((name): [StoredName, View] => {
    const [, heads, rows, width] = storedShape(name, lengths) as [number, number, number, number];
    return [name, { offset: 0, strides: [heads * rows * width, rows * width, width] }];
  });
  return { ...call, lengths, views: { ...call.views, ...Object.fromEntries(views) } };
}

/** The uniform of a call. */
export function uniformOf(description: WebgpuDescription, call: CallNumbers): DataView {
  const { facts, folds = [] } = description;
  const places = new Map([facts, folds].flatMap((names) => [...placesOf(names, description, call.lengths).places]));
  const words = new DataView(new ArrayBuffer(4 * description.fields.length));
  for (const [index, { of, type }] of description.fields.entries()) {
    const value = wordOf(of, call, places);
    if (type === "f32") words.setFloat32(4 * index, value, true);
    else words.setInt32(4 * index, value, true);
  }
  return words;
}

function wordOf(of: string, call: CallNumbers, places: ReadonlyMap<string, number>): number {
  if (of === "hasKeyLengths") return Number(call.keyLengths !== undefined);
  if (of === "hasQueryStart") return Number(call.queryStart !== undefined);
  if (of === "calledKvHeads") return call.lengths.calledKvHeads ?? call.lengths.kvHeads!;
  const [kind, name] = of.split(":") as [string, string | undefined];
  if (kind === "param") return Number(call.params[name!]);
  if (kind === "fact" || kind === "fold") return places.get(name!)!;
  const [tensor, part] = of.split(".") as [keyof Views, string | undefined];
  if (part === undefined) return call.lengths[of]!;
  const { offset, strides } = call.views[tensor];
  return part === "offset" ? offset : strides[["batch", "head", "row"].indexOf(part)]!;
}

/** Keys alive and position of query row 0, batch after batch; what is not given is not read. */
export function lengthPairs({ lengths, keyLengths, queryStart }: CallNumbers): Int32Array<ArrayBuffer> {
  const pairs = new Int32Array(2 * lengths.batch!);
  for (let batch = 0; batch < lengths.batch!; batch++) {
    pairs[2 * batch] = keyLengths?.[batch] ?? lengths.keys!;
    pairs[2 * batch + 1] = queryStart?.[batch] ?? 0;
  }
  return pairs;
}

/** Workgroups of a step along x, y and z. */
export function workgroupsOf(
  { workgroups }: WebgpuDescription["steps"][number],
  lengths: Lengths,
): readonly [number, number, number] {
  const [x, y, z] = workgroups.map((extents) => sizeOf(extents.map((each) => countOf(each, lengths))));
  return [x!, y!, z!];
}

function countOf(extent: WorkgroupExtent, lengths: Lengths): number {
  if (typeof extent !== "object" || !("rowsOfHeads" in extent)) return elementsOf([extent], lengths);
  const heads = extent.rowsOfHeads === "alone" ? 1 : lengths.heads! / lengths.kvHeads!;
  return Math.ceil((heads * lengths.queries!) / extent.of);
}
