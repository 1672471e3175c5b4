// What the generated functions see: where each leaf of an expression is found in the kernel, and how an element of a
// captured tensor is read. Coordinates and lengths live in globals and in the parameter block; inside a function over a
// strip row, `$query` is the row's position, `$first_key` the first of four keys and `$key` all four.

import type * as ir from "../../ir/expr.ts";
import type { Let } from "../../schedule/loop.ts";
import { isSummaryOf } from "../../schedule/summaries.ts";
import { axisName } from "../describe-call.ts";
import type { Words } from "./layout.ts";
import type { Printed, Scope } from "./print-fold.ts";
import { literal } from "./types.ts";

export type Surroundings = {
  /** Name of the step; the globals of its head values start with it. */
  readonly step: string;
  readonly words: Words;
  readonly tensors: readonly ir.Tensor[];
  readonly dims: { readonly dim: number; readonly valueDim: number };
  readonly head: readonly Let[];
  /** Where a function finds quantities; those that are missing have no value there. */
  readonly quantities: Partial<Record<ir.Quantity, Printed>>;
  readonly definitions: readonly Let[];
  /** Where a function finds locals of the plan that were computed elsewhere; those of the head are globals. */
  readonly locals?: Readonly<Record<string, Printed>>;
};

export function scopeOf(around: Surroundings): Scope {
  const tensors = new Map(around.tensors.map((tensor) => [tensor.name, tensor]));
  return {
    leaf: (expr) => leaf(expr, around),
    load: (expr, at, once) => load(expr, tensors.get(expr.tensor)!, at, once, around),
    search: (expr, parts) => search(tensors.get(expr.tensor)!, parts, around),
    definitions: new Map(around.definitions.map(({ name, value }) => [name, value])),
  };
}

const one = (text: string): Printed => ({ text, width: "one" });

/** A word of the parameter block. */
export function word(words: Words, name: string, type = "i32"): string {
  const offset = words[name];
  if (offset === undefined) throw new Error(`the parameter block has no ${name}: a bug in the backend`);
  return `(${type}.load offset=${offset} (global.get $params))`;
}

export function headGlobal(step: string, name: string): string {
  return `$${step}.${name}`;
}

function leaf(expr: ir.Expr, around: Surroundings): Printed {
  switch (expr.kind) {
    case "coord":
      return COORDINATES[expr.axis];
    case "extent":
      return one(length(expr.extent, around));
    case "param":
      return one(word(around.words, `param.${expr.name}`, expr.type === "float" ? "f32" : "i32"));
    case "local":
      return around.locals?.[expr.name] ?? one(`(global.get ${headGlobal(around.step, expr.name)})`);
    case "quantity": {
      const found = around.quantities[expr.name];
      if (!found) throw new Error(`${expr.name} has no value here: a bug in the plan`);
      return found;
    }
    default:
      throw new Error(`a ${expr.kind} is no leaf`);
  }
}

const COORDINATES: Readonly<Record<ir.Axis, Printed>> = {
  batch: one("(global.get $batch)"),
  head: one("(global.get $head)"),
  kv: one("(global.get $kv)"),
  query: one("(local.get $query)"),
  key: { text: "(local.get $key)", width: "four" },
};

/** A length of the call; `keys` and `queryStart` are those of the batch. */
function length(extent: ir.Extent, { words, dims }: Surroundings): string {
  if (extent === "keys") return "(global.get $keys)";
  if (extent === "queryStart") return "(global.get $query_start)";
  if (extent === "dim" || extent === "valueDim") return literal("int", dims[extent], "one");
  return lengthWord(extent, words);
}

/** Expressions know of no KV heads but those of the call, whatever a step finds stored. */
function lengthWord(extent: ir.Extent, words: Words): string {
  if (extent === "kvHeads") return word(words, calledKvHeads(words));
  const axis = axisName(extent);
  return word(words, axis === undefined ? extent : `axis.${axis}`);
}

export const calledKvHeads = (words: Words) => (words.calledKvHeads === undefined ? "kvHeads" : "calledKvHeads");

/** How an axis of a tensor lies in memory: `keys` is the longest batch's there. Summaries have the extent of their
 *  tensor in stretches, rounded up. */
export function storedExtent(extent: ir.Expr, words: Words): string {
  switch (extent.kind) {
    case "const":
      return literal("int", extent.value, "one");
    case "extent":
      return lengthWord(extent.extent, words);
    case "op": {
      const instruction = { add: "add", floorDiv: "div_u" }[extent.op as string];
      if (!instruction) break;
      return `(i32.${instruction} ${extent.args.map((arg) => storedExtent(arg, words)).join(" ")})`;
    }
  }
  throw new Error(`the extent of an axis is a ${extent.kind}: a bug in lowering`);
}

/** The word that says where a tensor begins: one of the caller, lse, or what a step makes. */
function wordOf({ name }: ir.Tensor, words: Words): string {
  if (name === "lse") return name;
  return words[`tensor.${name}`] === undefined ? `buffer.${name}` : `tensor.${name}`;
}

type Once = (text: string) => string;

/** Row-major: index = (… (i₀ · n₁ + i₁) · n₂ + …). The leading indices that are the same for all keys are added up
 *  ahead of the loop, and if only a plain `key` follows, the four elements are one vector load. */
function load(
  { type }: ir.Expr & { kind: "load" },
  tensor: ir.Tensor,
  at: readonly Printed[],
  once: Once,
  around: Surroundings,
): Printed {
  const base = word(around.words, wordOf(tensor, around.words));
  const access = ACCESSES[readAs(tensor.element)];
  const extents = tensor.extents.map((extent) => storedExtent(extent, around.words));
  const isInside = (axis: number) => isSummaryOf(tensor) && tensor.extents[axis]!.kind === "op";
  const clamped = at.map((index, axis) => (isInside(axis) ? index : clamp(index, tensor.extents[axis]!, once, around)));
  const isBool = type === "bool";

  if (at.every(({ width }) => width === "one")) {
    const index = flatten(clamped, extents);
    const element = `(${access.one} ${address(base, index, access.shift)})`;
    return one(isBool ? `(i32.ne ${element} (i32.const 0))` : element);
  }
  const last = at.length - 1;
  const leading = at.slice(0, last);
  const isKey = at[last]!.text === COORDINATES.key.text && isLength(tensor.extents[last]!, "keys");
  if (isKey && leading.every(({ width }) => width === "one")) {
    const start =
      leading.length === 0 ? "(i32.const 0)" : `(i32.mul ${flatten(clamped.slice(0, last), extents)} ${extents[last]})`;
    const row = once(address(base, start, access.shift));
    return truth(isBool, access.vector(address(row, "(local.get $first_key)", access.shift)));
  }
  const index = flattenLanes(clamped, extents, once);
  return truth(isBool, `(call $${access.gather} ${once(base)} ${index})`);
}

/** Binary search in one row of a tensor of words. */
function search(tensor: ir.Tensor, parts: readonly Printed[], around: Surroundings): Printed {
  const base = word(around.words, `tensor.${tensor.name}`);
  const extents = tensor.extents.map((extent) => storedExtent(extent, around.words));
  const [leading, [count, value]] = [parts.slice(0, -2), parts.slice(-2) as [Printed, Printed]];
  const clamped = leading.map((index, axis) => clamp(index, tensor.extents[axis]!, (text) => text, around));
  const row = leading.length === 0 ? "(i32.const 0)" : `(i32.mul ${flatten(clamped, extents)} ${extents.at(-1)})`;
  return one(`(call $count_below ${address(base, row, ACCESSES.i32.shift)} ${count.text} ${value.text})`);
}

const truth = (isBool: boolean, text: string): Printed => ({
  text: isBool ? `(i32x4.ne ${text} (v128.const i32x4 0 0 0 0))` : text,
  width: "four",
});

type Access = {
  readonly one: string;
  readonly vector: (address: string) => string;
  readonly gather: string;
  /** log2 of the element's bytes. */
  readonly shift: number;
};

/** The elements that instructions tell apart. */
export function readAs(element: ir.Tensor["element"]): "f32" | "f16" | "i32" | "u8" {
  if (element === "bf16") throw new Error("Wasm does not read bf16: a bug in the target");
  return element === "bool" ? "u8" : element;
}

const ACCESSES: Readonly<Record<ReturnType<typeof readAs>, Access>> = {
  f32: { one: "f32.load", vector: (at) => `(v128.load ${at})`, gather: "gather_words", shift: 2 },
  f16: { one: "call $load_half", vector: (at) => `(call $load_halves ${at})`, gather: "gather_halves", shift: 1 },
  i32: { one: "i32.load", vector: (at) => `(v128.load ${at})`, gather: "gather_words", shift: 2 },
  u8: {
    one: "i32.load8_u",
    vector: (at) => `(i32x4.extend_low_i16x8_u (i16x8.extend_low_i8x16_u (v128.load32_zero ${at})))`,
    gather: "gather_bytes",
    shift: 0,
  },
};

const address = (base: string, index: string, shift: number) =>
  `(i32.add ${base} ${shift === 0 ? index : `(i32.shl ${index} (i32.const ${shift}))`})`;

const isLength = (extent: ir.Expr, name: ir.Extent) => extent.kind === "extent" && extent.extent === name;

/** The index within its axis, of which only the keys of the batch count where it is an axis of keys. Coordinates of the
 *  axis itself are in range already. */
function clamp(index: Printed, extent: ir.Expr, once: Once, around: Surroundings): Printed {
  const inRange = IN_RANGE.some(([axis, name]) => index.text === COORDINATES[axis].text && isLength(extent, name));
  if (inRange) return index;
  const size = extent.kind === "extent" ? length(extent.extent, around) : storedExtent(extent, around.words);
  const last = `(i32.sub ${size} (i32.const 1))`;
  if (index.width === "one") return one(`(call $clamp_index ${index.text} ${last})`);
  const zero = literal("int", 0, "four");
  return { text: `(i32x4.max_s (i32x4.min_s ${index.text} (i32x4.splat ${once(last)})) ${zero})`, width: "four" };
}

const IN_RANGE: readonly (readonly [ir.Axis, ir.Extent])[] = [
  ["batch", "batch"],
  ["head", "heads"],
  ["kv", "kvHeads"],
  ["key", "keys"],
];

function flatten(indices: readonly Printed[], extents: readonly string[]): string {
  return indices.reduce(
    (flat, { text }, axis) => (axis === 0 ? text : `(i32.add (i32.mul ${flat} ${extents[axis]}) ${text})`),
    "",
  );
}

function flattenLanes(indices: readonly Printed[], extents: readonly string[], once: Once): string {
  const first = indices.findIndex(({ width }) => width === "four");
  const spread = (text: string) => `(i32x4.splat ${once(text)})`;
  const lanes = ({ text, width }: Printed) => (width === "four" ? text : spread(text));
  let flat = first === 0 ? indices[0]!.text : lanes(one(flatten(indices.slice(0, first), extents)));
  for (let axis = Math.max(first, 1); axis < indices.length; axis++) {
    flat = `(i32x4.add (i32x4.mul ${flat} ${spread(extents[axis]!)}) ${lanes(indices[axis]!)})`;
  }
  return flat;
}
