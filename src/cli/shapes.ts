// `--shape K=V,...`: the extents of one call, checked against the attention and completed with the defaults.

import type { Value } from "../ops/op.ts";
import { surroundingsOf } from "../reference/surroundings.ts";
import type { Case, Shape } from "../spec/case.ts";
import type { Attention } from "../spec/spec.ts";
import { zeros } from "../tensors/elements.ts";
import { type Assignment, suggestion } from "./assignments.ts";
import { wrongUsage } from "./command-error.ts";

/** Extents as they are written on the command line, by the names of the command line. */
export type GivenShape = Readonly<Record<string, number>>;

/** Names and the least value that makes sense. */
const LEAST: Readonly<Record<string, number>> = {
  batch: 0,
  heads: 1,
  kv_heads: 1,
  queries: 0,
  keys: 0,
  dim: 1,
  value_dim: 1,
  query_start: -(2 ** 31),
};

const MOST = 2 ** 31 - 1;
const DEFAULT_DIM = 64;

/** Reads the extents; a grid axis of the attention is one more name. An axis that only another attention of the same
 *  command has is meant for that one. */
export function readShape(
  attention: Attention,
  given: readonly Assignment[],
  others: readonly Attention[] = [],
): GivenShape {
  const gridAxes = attention.grid?.axes ?? [];
  const known = [...Object.keys(LEAST), ...gridAxes.filter(({ extent }) => !extent).map(({ name }) => name)];
  const shape: Record<string, number> = {};
  for (const { name, text } of given) {
    if (!known.includes(name)) {
      if (others.some(({ grid }) => grid?.axes.some((axis) => axis.name === name && !axis.extent))) continue;
      const fixed = gridAxes.some((axis) => axis.name === name);
      if (fixed) throw wrongUsage(`the extent of \`${name}\` is fixed in \`${attention.name.text}\``);
      throw wrongUsage(`\`${name}\` is no extent of \`${attention.name.text}\``, suggestion(name, known));
    }
    const value = /^[+-]?\d+$/.test(text) ? Number(text) : Number.NaN;
    const least = LEAST[name] ?? 0;
    if (!(value >= least && value <= MOST)) {
      throw wrongUsage(`\`${name}\` must be an integer of at least ${least}, but it is \`${text}\``);
    }
    shape[name] = value;
  }
  return shape;
}

/** The full shape. `queries` comes from the keys, from the grid, or from `fallback`, in this order. */
export function completeShape(
  attention: Attention,
  params: Readonly<Record<string, Value>>,
  given: GivenShape,
  fallback?: number,
): Shape {
  const axes = gridExtents(attention, given);
  const places = attention.grid && gridPlaces(attention, params, axes);
  const queries = given.queries ?? given.keys ?? places ?? fallback;
  if (queries === undefined) {
    throw wrongUsage(`how many queries has \`${attention.name.text}\`?`, "say it with `--shape queries=24`");
  }
  const { heads, kvHeads } = headsOf(given);
  const dim = given.dim ?? DEFAULT_DIM;
  return {
    batch: given.batch ?? 1,
    heads,
    kvHeads,
    queries,
    keys: given.keys ?? queries,
    dim,
    valueDim: given.value_dim ?? dim,
    axes,
  };
}

/** Query heads and KV heads. */
export function headsOf({ heads = 1, kv_heads: kvHeads = heads }: GivenShape) {
  if (heads % kvHeads === 0) return { heads, kvHeads };
  throw wrongUsage(`kv_heads must divide heads, but ${kvHeads} does not divide ${heads}`);
}

/** Run-time grid axes, every one of which must be given. */
export function gridExtents(attention: Attention, given: GivenShape): Readonly<Record<string, number>> {
  const names = (attention.grid?.axes ?? []).filter(({ extent }) => !extent).map(({ name }) => name);
  const missing = names.filter((name) => given[name] === undefined);
  if (missing.length > 0) {
    const example = names.map((name) => `${name}=${given[name] ?? 8}`).join(",");
    const list = missing.map((name) => `\`${name}\``).join(" and ");
    throw wrongUsage(
      `the grid of \`${attention.name.text}\` needs the extent of ${list}`,
      `say it with \`--shape ${example}\``,
    );
  }
  return Object.fromEntries(names.map((name) => [name, given[name]!]));
}

/** Tokens of the grid: the product of its extents. */
function gridPlaces(
  attention: Attention,
  params: Readonly<Record<string, Value>>,
  axes: Readonly<Record<string, number>>,
): number {
  const around = surroundingsOf(emptyCase(attention, params, { ...EMPTY_SHAPE, axes }));
  return attention.grid!.axes.reduce((places, { name }) => places * around.length(name, 0), 1);
}

const EMPTY_SHAPE: Shape = {
  batch: 1,
  heads: 1,
  kvHeads: 1,
  queries: 0,
  keys: 0,
  dim: DEFAULT_DIM,
  valueDim: DEFAULT_DIM,
  axes: {},
};

/** A call without rows of numbers, for questions about positions alone. */
export function emptyCase(attention: Attention, params: Readonly<Record<string, Value>>, shape: Shape): Case {
  const nothing = zeros("f32", [0]);
  return { attention, shape, params, tensors: {}, query: nothing, key: nothing, value: nothing };
}
