// What printed code sees: coordinates and values of the loops are variables of the same name, lengths and parameters are
// fields of `call`, and a tensor is read through the place that the backend gave it. Whoever prints a function asks which
// variables it read, because those become its parameters.

import type * as ir from "../../ir/expr.ts";
import { coord } from "../../ir/make.ts";
import type { ScalarType } from "../../ops/op.ts";
import type { Definitions } from "../uses.ts";
import { closed, type Dialect, open, operand, ownName, type Text } from "./dialect.ts";
import type { Keep, Scope } from "./print.ts";

/** Where a captured tensor, or its summary, lies. */
export type Place = {
  readonly tensor: ir.Tensor;
  /** Its axes count blocks of a length, and a walk asks for blocks that there are not, before it knows. */
  readonly clamps?: boolean;
  /** The element at an index, which is closed and may be repeated. */
  read(index: string): Text;
  /** How many of `count` words from `start` on lie below a value. */
  countBelow(start: string, count: string, value: string): Text;
};

export type Surroundings = {
  readonly dialect: Dialect;
  readonly places: ReadonlyMap<string, Place>;
  readonly dims: { readonly dim: number; readonly valueDim: number };
  /** The field of the KV heads of the call, where a step may find others stored. */
  readonly kvHeads?: string;
};

/** Where keys are stored once for each query head. */
export const CALLED_KV_HEADS = "called_kv_heads";

/** Variables that the code reads, with their types. */
export type Reads = ReadonlyMap<string, ScalarType>;

export const QUANTITY_VARIABLES: Readonly<Record<ir.Quantity, string>> = {
  dot: "product",
  dot2: "product2",
  dot3: "product3",
  dot4: "product4",
  score: "score",
  weight: "weight",
  lse: "lse",
  queryNorm2: "query_norm2",
  keyNorm2: "key_norm2",
  valueNorm2: "value_norm2",
};

/** Locals of the loops that a template owns; the plan's other names stay as they are. */
const LOOP_VARIABLES: Readonly<Record<string, string>> = {
  firstQuery: "first_query",
  lastQuery: "last_query",
  firstKey: "first_key",
  lastKey: "last_key",
  nextKey: "next_key",
};

/** A scope, and what was read through it so far. */
export function scopeOf(
  around: Surroundings,
  definitions: Definitions = new Map(),
): { readonly scope: Scope; readonly reads: Reads } {
  const reads = new Map<string, ScalarType>();
  const variable = (type: ScalarType, name: string): Text => {
    reads.set(name, type);
    return closed(name);
  };
  const leaf = (expr: ir.Expr): Text => {
    switch (expr.kind) {
      case "coord":
        return variable("int", expr.axis);
      case "extent":
        return lengthOf(expr.extent, around, variable);
      case "param": {
        const word = `call.${ownName(expr.name)}`;
        return expr.type === "bool" ? open(`${word} != ${operand(around.dialect.literal("int", 0))}`) : closed(word);
      }
      case "local":
        return variable(expr.type, LOOP_VARIABLES[expr.name] ?? expr.name);
      case "quantity":
        return variable("float", QUANTITY_VARIABLES[expr.name]);
      default:
        throw new Error(`a ${expr.kind} is no leaf`);
    }
  };
  const indexIn = (place: Place, at: readonly Indexed[], keep: Keep): Text => {
    const clamped = at.map((index, axis) => clamp(index, axis, place, leaf, around));
    return keep("int", flatten(clamped, place.tensor.extents, around));
  };
  const scope: Scope = {
    leaf,
    load: (expr, at, keep) => {
      const place = around.places.get(expr.tensor)!;
      const indices = expr.at.map((index, axis) => ({ expr: index, text: at[axis]! }));
      return place.read(indexIn(place, indices, keep).text);
    },
    search: (expr, parts, keep) => {
      const place = around.places.get(expr.tensor)!;
      const indices = expr.at.map((index, axis) => ({ expr: index, text: parts[axis]! }));
      const row = indexIn(place, [...indices, { text: around.dialect.literal("int", 0) }], keep);
      return place.countBelow(row.text, parts.at(-2)!.text, parts.at(-1)!.text);
    },
    definitions,
  };
  return { scope, reads };
}

/** An index without an expression is the start of a row. */
type Indexed = { readonly expr?: ir.Expr; readonly text: Text };

/** `keys` and `queryStart` are those of the batch, and variables. */
function lengthOf(
  extent: ir.Extent,
  { dialect, dims, kvHeads }: Surroundings,
  variable: (type: ScalarType, name: string) => Text,
): Text {
  if (extent === "keys") return variable("int", "keys");
  if (extent === "queryStart") return variable("int", "query_start");
  if (extent === "dim" || extent === "valueDim") return dialect.literal("int", dims[extent]);
  return closed(`call.${lengthField(extent, kvHeads)}`);
}

/** The field of `call` that holds a length; `keys` is the longest batch's there. */
export function lengthField(extent: ir.Extent, kvHeads = "kv_heads"): string {
  if (extent === "kvHeads") return kvHeads;
  return extent.startsWith("axis:") ? `axis_${ownName(extent.slice(5))}` : extent;
}

/** How an axis of a tensor lies in memory. Summaries have the extent of their tensor in stretches, rounded up. */
export function storedExtent(extent: ir.Expr, dialect: Dialect, kvHeads?: string): Text {
  switch (extent.kind) {
    case "const":
      return dialect.literal("int", extent.value);
    case "extent":
      return closed(`call.${lengthField(extent.extent, kvHeads)}`);
    case "op": {
      const sign = { add: "+", floorDiv: "/" }[extent.op as string];
      const [left, right] = extent.args.map((part) => storedExtent(part, dialect, kvHeads));
      if (sign) return open(`${operand(left!)} ${sign} ${operand(right!)}`);
    }
  }
  throw new Error(`the extent of an axis is a ${extent.kind}: a bug in lowering`);
}

const IN_RANGE: readonly (readonly [ir.Axis, ir.Extent])[] = [
  ["batch", "batch"],
  ["head", "heads"],
  ["kv", "kvHeads"],
  ["key", "keys"],
];

/** The index within its axis, of which only the keys of the batch count where it is an axis of keys. Coordinates of the
 *  axis itself are in range already, and the stretch of an element that exists exists. */
function clamp(
  index: Indexed,
  axis: number,
  { tensor, clamps }: Place,
  leaf: (expr: ir.Expr) => Text,
  { dialect, kvHeads }: Surroundings,
): Text {
  const extent = tensor.extents[axis]!;
  const isLength = (name: ir.Extent) => extent.kind === "extent" && extent.extent === name;
  if (!index.expr) return index.text;
  if (extent.kind === "op") return clamps ? clampIndex(index.text, storedExtent(extent, dialect, kvHeads)) : index.text;
  if (IN_RANGE.some(([own, name]) => index.expr === coord(own) && isLength(name))) return index.text;
  return clampIndex(index.text, extent.kind === "const" ? dialect.literal("int", extent.value) : leaf(extent));
}

const clampIndex = (index: Text, size: Text) => closed(`clamp_index(${index.text}, ${size.text})`);

/** Row-major: index = (… (i₀ · n₁ + i₁) · n₂ + …). */
function flatten(indices: readonly Text[], extents: readonly ir.Expr[], { dialect, kvHeads }: Surroundings): Text {
  const [first, ...rest] = indices;
  if (!first) return dialect.literal("int", 0);
  return rest.reduce((flat, index, axis) => {
    const size = operand(storedExtent(extents[axis + 1]!, dialect, kvHeads));
    return open(`${operand(flat)} * ${size} + ${operand(index)}`);
  }, first);
}
