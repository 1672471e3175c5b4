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
  /** Whether the call gives `key_lengths`, and `query_start`. */
  readonly keyLengths: boolean;
  readonly queryStart: boolean;
  readonly seed: number;
};

export type Sweep = {
  readonly settings: readonly Setting[];
  /** What a reader might expect in it and will not find, a sentence each. */
  readonly leftOut: readonly string[];
};

const factors = {
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
} as const satisfies Factors;

const longest = 1000;
/** Factors that the full sweep combines without exception; the others take turns. */
const crossed = ["keys", "dim", "heads"] as const;

/** The settings for one attention. `params` holds every parameter: extents of a grid may hang on them. */
export function sweepOf(
  attention: Attention,
  kind: "quick" | "full",
  seed: number,
  params: Readonly<Record<string, Value>>,
): Sweep {
  const rows = kind === "quick" ? coverPairs(factors) : fullRows();
  const settings = rows.map((row, index) => settingOf(attention, row, seed + index, params));
  return { settings, leftOut: kind === "quick" ? quickLeavesOut(rows.length) : fullLeavesOut() };
}

function fullRows(): Row[] {
  const { keys, ...others } = factors;
  const all: Factors = { keys: [...keys, longest], ...others };
  const turns = Object.keys(factors).filter((name) => !crossed.some((each) => each === name));
  const combined = product(Object.fromEntries(crossed.map((name) => [name, all[name]!])));
  return combined.map((row, index) => {
    // Steps of different length, so that the values of two factors do not always meet.
    const taken = turns.map((name, place) => [name, all[name]![(index * (place + 1) + place) % all[name]!.length]!]);
    return { ...row, ...Object.fromEntries(taken) };
  });
}

const combinations = Object.values(factors).reduce((count, values) => count * values.length, 1);

const quickLeavesOut = (rows: number) => [
  `${combinations - rows} of ${combinations} combinations: each two values of two factors occur together, not each three`,
  `${longest} keys: the full sweep has them`,
];

const fullLeavesOut = () => {
  const turns = Object.keys(factors).filter((name) => !crossed.some((each) => each === name));
  return [`combinations of ${turns.join(", ")}: each value occurs, with some of the lengths, dims and heads`];
};

function settingOf(attention: Attention, row: Row, seed: number, params: Readonly<Record<string, Value>>): Setting {
  const [heads, kvHeads] = String(row.heads).split("/").map(Number) as [number, number];
  const dim = Number(row.dim);
  const grid = gridFor(attention, Number(row.keys), params);
  const { keys } = grid;
  const queries = { all: keys, one: 1, third: Math.ceil(keys / 3), more: keys + 3 }[String(row.rows)]!;
  return {
    shape: {
      batch: Number(row.batch),
      heads,
      kvHeads,
      queries,
      keys,
      dim,
      valueDim: row.valueDim === "dim" ? dim : Number(row.valueDim),
      axes: grid.axes,
    },
    profile: row.profile as Profile,
    keyLengths: row.keyLengths === "yes",
    queryStart: row.queryStart === "yes",
    seed,
  };
}

/** Extents of the grid's free axes that hold about as many tokens as wanted. A grid without free axes is filled in part. */
function gridFor(attention: Attention, wanted: number, params: Readonly<Record<string, Value>>) {
  const free = (attention.grid?.axes ?? []).filter(({ extent }) => !extent).map(({ name }) => name);
  if (free.length === 0) return { keys: wanted, axes: {} };
  const fixed = attention.grid!.axes.filter(({ extent }) => extent).map(({ name }) => name);
  const perStep = fixed.reduce((tokens, name) => tokens * fixedLength(attention, name, params), 1);
  // Near-equal extents, a longer one last: 130 tokens on three free axes are 5 × 5 × 5.
  let left = Math.ceil(wanted / Math.max(perStep, 1));
  const axes: Record<string, number> = {};
  free.forEach((name, place) => {
    const axesLeft = free.length - place;
    axes[name] = axesLeft === 1 ? left : Math.max(Math.min(left, 1), Math.floor(left ** (1 / axesLeft)));
    left = Math.floor(left / Math.max(axes[name], 1));
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
