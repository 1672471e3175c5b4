// The shapes that an attention is verified over. `quick` covers every pair of values of the factors below, `full` every
// combination of lengths, dims and heads; both say what they leave out.

import type { Value } from "../ops/op.ts";
import { surroundingsOf } from "../reference/surroundings.ts";
import type { Shape } from "../spec/case.ts";
import type { Attention } from "../spec/spec.ts";
import { zeros } from "../tensors/elements.ts";
import { coverPairs, type Factors, product, type Row } from "./cover.ts";

/** What the numbers of Q and K look like. `large` gives scores of about ±10 000 at the default scale. */
export type Profile = "normal" | "large" | "zeros" | "tiny" | "constant";

/** One case of a sweep before its numbers are drawn. */
export type Setting = {
  readonly shape: Shape;
  readonly profile: Profile;
  /** What rows are made of, f32 if absent. The numbers are rounded to it before anything computes with them. */
  readonly stored?: "f32" | "f16";
  /** Whether the call gives `key_lengths`, and `query_start`; a number says which start. */
  readonly keyLengths: boolean;
  readonly queryStart: boolean | number;
  readonly seed: number;
};

export type Sweep = {
  readonly settings: readonly Setting[];
  /** What a reader might expect in it and will not find, a sentence each. */
  readonly leftOut: readonly string[];
};

/** Extents that every case has, by the names that people give them: those of `--shape`, grid axes among them. */
export type GivenExtents = Readonly<Record<string, number>>;

const usual: Factors = {
  keys: [0, 1, 17, 63, 64, 65, 130],
  dim: [1, 16, 40, 64, 72, 96, 128, 256],
  /** Query heads and KV heads. */
  heads: ["1/1", "2/2", "4/2", "6/2", "8/1"],
  valueDim: ["dim", "1", "24", "80"],
  batch: [1, 2],
  /** Query rows: as many as keys, a decoding step, a chunk of a prompt, more than there are keys. */
  rows: ["all", "one", "third", "more"],
  keyLengths: ["no", "yes"],
  queryStart: ["no", "yes"],
  profile: ["normal", "large", "zeros", "tiny", "constant"],
  stored: ["f32", "f16"],
};

const longest = 1000;
/** Factors that the full sweep combines without exception; the others take turns. */
const crossed = ["keys", "dim", "heads"] as const;

/** The settings for one attention. `params` holds every parameter: extents of a grid may hang on them. What is given
 *  keeps its value, what rows are made of too, and the rest is swept. */
export function sweepOf(
  attention: Attention,
  kind: "quick" | "full",
  seed: number,
  params: Readonly<Record<string, Value>>,
  given: GivenExtents = {},
  stored?: "f32" | "f16",
): Sweep {
  const factors = { ...factorsOf(kind, given), ...(stored && { stored: [stored] }) };
  const rows = kind === "quick" ? coverPairs(factors) : fullRows(factors);
  const settings = rows.map((row, index) => settingOf(attention, row, seed + index, params, given));
  return { settings, leftOut: kind === "quick" ? quickLeavesOut(factors, rows.length) : fullLeavesOut(factors) };
}

function factorsOf(kind: "quick" | "full", given: GivenExtents): Factors {
  const { keys, queries, dim, value_dim: valueDim, batch, heads = 1, kv_heads: kvHeads = heads } = given;
  const fixesHeads = given.heads !== undefined || given.kv_heads !== undefined;
  return {
    ...usual,
    ...(kind === "full" && { keys: [...usual.keys!, longest] }),
    ...(keys !== undefined && { keys: [keys] }),
    ...(queries !== undefined && { rows: [queries] }),
    ...(dim !== undefined && { dim: [dim] }),
    ...(valueDim !== undefined && { valueDim: [valueDim] }),
    ...(batch !== undefined && { batch: [batch] }),
    ...(fixesHeads && { heads: [`${heads}/${kvHeads}`] }),
    ...(given.query_start !== undefined && { queryStart: ["yes"] }),
  };
}

function fullRows(factors: Factors): Row[] {
  const turns = turnsOf(factors);
  const combined = product(Object.fromEntries(crossed.map((name) => [name, factors[name]!])));
  return combined.map((row, index) => {
    // Steps of different length, so that the values of two factors do not always meet.
    const taken = turns.map((name, place) => {
      const values = factors[name]!;
      return [name, values[(index * (place + 1) + place) % values.length]!];
    });
    return { ...row, ...Object.fromEntries(taken) };
  });
}

/** Factors that the full sweep does not combine. */
const turnsOf = (factors: Factors) => Object.keys(factors).filter((name) => !crossed.some((each) => each === name));

function quickLeavesOut(factors: Factors, rows: number): string[] {
  const combinations = Object.values(factors).reduce((count, values) => count * values.length, 1);
  const left = combinations - rows;
  return [
    ...(left > 0
      ? [`${left} of ${combinations} combinations: each two values of two factors occur together, not each three`]
      : []),
    ...(factors.keys!.length > 1 ? [`${longest} keys: the full sweep has them`] : []),
  ];
}

const fullLeavesOut = (factors: Factors) => [
  `combinations of ${turnsOf(factors).join(", ")}: each value occurs, with some of the lengths, dims and heads`,
];

function settingOf(
  attention: Attention,
  row: Row,
  seed: number,
  params: Readonly<Record<string, Value>>,
  given: GivenExtents,
): Setting {
  const [heads, kvHeads] = String(row.heads).split("/").map(Number) as [number, number];
  const dim = Number(row.dim);
  const grid = gridFor(attention, Number(row.keys), params, given);
  const keys = given.keys ?? grid.keys;
  const counts: Readonly<Record<string, number>> = { all: keys, one: 1, third: Math.ceil(keys / 3), more: keys + 3 };
  return {
    shape: {
      batch: Number(row.batch),
      heads,
      kvHeads,
      queries: counts[row.rows!] ?? Number(row.rows),
      keys,
      dim,
      valueDim: row.valueDim === "dim" ? dim : Number(row.valueDim),
      axes: grid.axes,
    },
    profile: row.profile as Profile,
    stored: row.stored as "f32" | "f16",
    keyLengths: row.keyLengths === "yes",
    queryStart: given.query_start ?? row.queryStart === "yes",
    seed,
  };
}

/** Extents of the grid's free axes that hold about as many tokens as wanted. A grid without free axes is filled in part. */
function gridFor(
  attention: Attention,
  wanted: number,
  params: Readonly<Record<string, Value>>,
  given: GivenExtents,
): { readonly keys: number; readonly axes: Readonly<Record<string, number>> } {
  const unknown = (attention.grid?.axes ?? []).filter(({ extent }) => !extent).map(({ name }) => name);
  if (unknown.length === 0) return { keys: wanted, axes: {} };
  const free = unknown.filter((name) => given[name] === undefined);
  const fixed = attention.grid!.axes.filter(({ name }) => !free.includes(name));
  const perStep = fixed.reduce((tokens, { name }) => tokens * (given[name] ?? fixedLength(attention, name, params)), 1);
  // Near-equal extents, a longer one last: 130 tokens on three free axes are 5 × 5 × 5.
  let left = Math.ceil(wanted / Math.max(perStep, 1));
  const axes = Object.fromEntries(unknown.map((name) => [name, given[name] ?? 0]));
  free.forEach((name, place) => {
    const axesLeft = free.length - place;
    axes[name] = axesLeft === 1 ? left : Math.max(Math.min(left, 1), Math.floor(left ** (1 / axesLeft)));
    left = Math.floor(left / Math.max(axes[name]!, 1));
  });
  return { keys: free.reduce((tokens, name) => tokens * axes[name]!, perStep), axes };
}

function fixedLength(attention: Attention, axis: string, params: Readonly<Record<string, Value>>): number {
  const nothing = zeros("f32", [0]);
  const shape = { batch: 1, heads: 1, kvHeads: 1, queries: 0, keys: 0, dim: 1, valueDim: 1, axes: {} };
  return surroundingsOf({ attention, shape, params, tensors: {}, query: nothing, key: nothing, value: nothing }).length(
    axis,
    0,
  );
}
