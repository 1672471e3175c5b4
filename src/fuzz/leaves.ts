// The names that random programs may read, as a fixed set: what a program declares is what its masks have picked from it.
// Captured tensors stand for the ways in which masks use them: ids along the tokens, sorted and not, flags, numbers of a
// head or a batch, tables, and whole maps.

import type { ScalarType } from "../ops/op.ts";
import type { ElementType } from "../spec/spec.ts";
import type { Numbers } from "../verify/numbers.ts";
import { leaf, param, type Term } from "./term.ts";

export const PARAMS: Readonly<Record<string, ScalarType>> = {
  w: "int",
  n: "int",
  m: "int",
  u: "float",
  v: "float",
  on: "bool",
};

export type TensorShape = {
  readonly element: ElementType;
  /** As they are declared; `batch` and `head` are never written in an index. */
  readonly axes: readonly string[];
  readonly sorted?: true;
};

/** Extents of integer axes that are fixed in the text. */
export const TREE = 8;

export const TENSORS: Readonly<Record<string, TensorShape>> = {
  doc: { element: "i32", axes: ["batch", "token"], sorted: true },
  ids: { element: "i32", axes: ["token"] },
  flag: { element: "bool", axes: ["batch", "token"] },
  gain: { element: "f32", axes: ["token"] },
  rows: { element: "i32", axes: ["query"] },
  rate: { element: "f32", axes: ["head"] },
  offset: { element: "i32", axes: ["batch"] },
  table: { element: "i32", axes: ["head", "z"] },
  pair: { element: "bool", axes: ["batch", "query", "key"] },
  tree: { element: "bool", axes: [String(TREE), String(TREE)] },
};

const TYPE_OF: Partial<Record<ElementType, ScalarType>> = { i32: "int", f32: "float", bool: "bool" };

export const typeOfTensor = (name: string): ScalarType => TYPE_OF[TENSORS[name]!.element]!;

/** Axes that an index is written for. */
export const writtenAxes = (name: string): readonly string[] =>
  TENSORS[name]!.axes.filter((axis) => axis !== "batch" && axis !== "head");

/** An element; as many indices as the tensor has written axes. */
export function element(name: string, ...at: readonly Term[]): Term {
  const write = (...parts: readonly string[]) => (parts.length === 0 ? name : `${name}[${parts.join(", ")}]`);
  return { type: typeOfTensor(name), name: "tensor", parts: at, write, needs: [{ kind: "tensor", name }] };
}

export const q = leaf("int", "q");
export const k = leaf("int", "k");
export const length = (axis: "key" | "query" | "head"): Term => leaf("int", `len(${axis})`, "len");
/** Extent of a table's fresh axis. */
export const tableLength: Term = leaf("int", "z", "len", { kind: "tensor", name: "table" });

/** `q.y`; the program lays out a grid then. */
export const coordinate = (of: "q" | "k", axis: string): Term =>
  leaf("int", `${of}.${axis}`, "grid", { kind: "grid", name: axis });
export const gridLength = (axis: string): Term => leaf("int", `len(${axis})`, "grid", { kind: "grid", name: axis });

/** The axes of a grid, outermost first. */
export const GRID_AXES = ["t", "y", "x"] as const;

/** A position or something near it. */
export function anyPosition(numbers: Numbers): Term {
  return numbers.pick([q, k, q, k, leaf("int", "h")]);
}

export function anyParam(numbers: Numbers, type: ScalarType): Term {
  return param(type, numbers.pick(Object.keys(PARAMS).filter((name) => PARAMS[name] === type)));
}
