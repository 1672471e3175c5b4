// Names that mean something by themselves, and who may not take them (language, "Exact rules" 4). Plain lists: the
// resolver asks them about declarations, the parameters about parameters and axes.

import { builtinOf } from "./builtins.ts";

/** `b h kv q k`, `s p lse scale`, and the vectors: visible by place. A `fn` may use them for its own parameters. */
const CONTEXT_NAMES = ["b", "h", "kv", "q", "k", "s", "p", "Q", "K", "V", "O", "lse", "scale"];
const KEYWORDS = ["len", "if", "then", "else", "and", "or", "not", "true", "false"];
export const REDUCTIONS = ["sum", "mean", "max", "min", "count", "any", "all", "rank", "softmax"];
/** Reductions that keep their axis. */
export const POOLINGS = ["avg_pool", "max_pool"];

/** Axes that every attention has. */
export const AXES = ["batch", "head", "kv", "group", "query", "key", "token", "dim", "value_dim", "layer"];
/** Names under which a call passes extents and lengths. */
const SHAPES = ["heads", "kv_heads", "queries", "keys", "query_start", "key_lengths"];
/** Tensors that every attention takes or gives. */
const TENSORS = ["query", "key", "value", "out", "lse", "query_start", "key_lengths"];

export type ReservedMeaning = "reserved" | "built-in function" | "axis" | "shape";

/** What keeps a declaration from being called `name`; undefined when nothing does. */
export function reservedForDeclaration(name: string): ReservedMeaning | undefined {
  return reservedForParameter(name, false) ?? (builtinOf(name) ? "built-in function" : undefined);
}

/** What keeps a parameter from being called `name`. Inside a `fn` the context names are free. */
export function reservedForParameter(name: string, inFunction: boolean): ReservedMeaning | undefined {
  if (KEYWORDS.includes(name) || REDUCTIONS.includes(name)) return "reserved";
  return !inFunction && CONTEXT_NAMES.includes(name) ? "reserved" : undefined;
}

/** What keeps an axis of a grid, or a fresh axis of a tensor, from being called `name`. */
export function reservedForAxis(name: string): ReservedMeaning | undefined {
  if (AXES.includes(name)) return "axis";
  return SHAPES.includes(name) ? "shape" : reservedForParameter(name, false);
}

/** True for names under which an attention already takes or gives a tensor. */
export const isInputName = (name: string) => TENSORS.includes(name);
