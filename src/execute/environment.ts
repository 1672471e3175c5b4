// What one call fixes, for expressions: lengths, parameters and captured tensors of a Case as the bindings that the
// evaluator reads. Shared by the runners of the IR and of the plan.

import { type Bindings, evaluator, startPoint } from "../ir/evaluate.ts";
import type { AttentionIr, Extent, Tensor as IrTensor } from "../ir/expr.ts";
import type { Importance } from "../ir/importance.ts";
import { coord, extent, int, op } from "../ir/make.ts";
import { readableTensors } from "../ir/selection.ts";
import { chunkOf, type Side } from "../ir/sides.ts";
import type { Value } from "../ops/op.ts";
import type { Case } from "../spec/case.ts";
import { numbers } from "../tensors/elements.ts";
import { type Blocks, chooseBlocks, countBlocks } from "./choose-blocks.ts";
import { importanceOf } from "./importance.ts";
import { foldPairs } from "./pair-folds.ts";

/** The bindings of a call of the attention. The Case is taken to fit the attention; lengths are computed once. */
export function bindCase(attention: AttentionIr, call: Case): Bindings {
  const starts = new Map<number, number>();
  const loads = new Map<string, Load>();
  const sides = attention.selections.flatMap((selection) => Object.values<Side>(selection.sides));
  const bindings: Bindings = {
    extent: (name, batch) => (name === "queryStart" ? queryStart(batch) : extentOf(name, attention, call, batch)),
    param: (name) => paramOf(name, attention, call),
    load(name, at, batch) {
      const load = loads.get(name) ?? loadOf(name);
      loads.set(name, load);
      return load(at, batch);
    },
  };
  function loadOf(name: string): Load {
    const selection = attention.selections.find(({ chosen }) => chosen.name === name);
    if (selection) return loadFromBlocks(chooseBlocks(selection, call, bindings));
    const counted = attention.selections.find(({ counts }) => counts?.soFar.name === name);
    if (counted) return loadFromBlocks(countBlocks(chooseBlocks(counted, call, bindings)));
    for (const { sides: of, pairs, importances } of attention.selections) {
      const fold = pairs.find(({ tensor }) => tensor.name === name);
      if (fold) return loadFromBlocks(foldPairs(fold, of, call, bindings));
      const importance = importances.find(({ tensor }) => tensor.name === name);
      if (importance) return loadFromRows(importance, call, bindings);
    }
    const side = sides.find((each) => each.kind === "bounds" && each.chunks.name === name);
    if (side) return loadChunk(side as ChunkedSide, bindings);
    return loadFrom(readableTensors(attention).find((tensor) => tensor.name === name)!, call);
  }
  function queryStart(batch: number): number {
    const start = call.queryStart?.[batch] ?? starts.get(batch) ?? alignment({ ...startPoint(), batch });
    starts.set(batch, start as number);
    return start as number;
  }
  const alignment = evaluator(attention.queryStart, "decide", bindings);
  return bindings;
}

/** Keys of the batch that are alive. */
export function keysAlive(call: Case, batch: number): number {
  return Math.min(call.keyLengths?.[batch] ?? call.shape.keys, call.shape.keys);
}

/** The KV head that a query head reads. */
export function kvHeadOf(head: number, { heads, kvHeads }: Case["shape"]): number {
  return Math.floor(head / (heads / kvHeads));
}

/** KV heads as the caller knows them. */
export const calledKvHeads = ({ shape }: Case): number => shape.calledKvHeads ?? shape.kvHeads;

function extentOf(name: Exclude<Extent, "queryStart">, attention: AttentionIr, call: Case, batch: number): number {
  if (name === "keys") return keysAlive(call, batch);
  if (name === "kvHeads") return calledKvHeads(call);
  if (!isNamed(name)) return call.shape[name];
  return call.shape.axes[name.slice("axis:".length)] ?? freshExtent(name, attention, call);
}

const isNamed = (name: Extent): name is `axis:${string}` => name.startsWith("axis:");

/** A fresh axis has the extent of the tensors that carry it. */
function freshExtent(name: Extent, attention: AttentionIr, call: Case): number {
  for (const tensor of attention.tensors) {
    const axis = tensor.extents.indexOf(extent(name));
    if (axis >= 0) return call.tensors[tensor.name]!.shape[axis]!;
  }
  throw new Error(`no tensor has the axis ${name}`);
}

function paramOf(name: string, attention: AttentionIr, call: Case): Value {
  const declared = attention.params.find((param) => param.name === name);
  const value = call.params[name] ?? declared?.default;
  if (value === undefined) throw new Error(`parameter ${name} has no value`);
  return declared?.type === "float" ? Math.fround(Number(value)) : value;
}

type Load = (at: readonly number[], batch: number) => Value;

function loadFromBlocks({ shape, blocks }: Blocks): Load {
  return (at) => {
    const index = shape.reduce((flat, size, axis) => flat * size + Math.max(0, Math.min(at[axis]!, size - 1)), 0);
    return blocks[index] ?? 0;
  };
}

/** What rows are worth to keys. */
function loadFromRows(importance: Importance, call: Case, bindings: Bindings): Load {
  const { heads, queries } = call.shape;
  const values = importanceOf(importance, call, bindings);
  return ([batch, head, row]) => values[(batch! * heads + head!) * queries + row!]!;
}

type ChunkedSide = Side & { readonly kind: "bounds" };

/** The chunk of a token, which is clamped to those that there are. */
function loadChunk(side: ChunkedSide, bindings: Bindings): Load {
  const last = op("sub", side.chunks.extents.at(-1)!, int(1));
  const place = op("max", op("min", coord("key"), last), int(0));
  const chunkAt = evaluator(chunkOf(side, place), "decide", bindings);
  return ([batch, at]) => chunkAt({ ...startPoint(), batch: batch!, key: at! });
}

/** Clamps each index to its axis, of an axis over keys to those that are alive, and reads in row-major order. */
function loadFrom(declared: IrTensor, call: Case): Load {
  const tensor = call.tensors[declared.name]!;
  const values = numbers(tensor);
  const runsOverKeys = declared.extents.map((each) => each === extent("keys"));
  return (at, batch) => {
    let element = 0;
    for (const [axis, stored] of tensor.shape.entries()) {
      const readable = runsOverKeys[axis] ? Math.min(stored, keysAlive(call, batch)) : stored;
      element = element * stored + Math.max(0, Math.min(at[axis]!, readable - 1));
    }
    const value = values[element] ?? 0;
    return declared.element === "bool" ? value !== 0 : value;
  };
}
