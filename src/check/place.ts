// What is visible where: one row per part of a declaration. The elaborator asks the row; it never asks which part it is
// in. A `fn` sees nothing of its surroundings; where it is called from only tells whether its comparisons decide.

import type { PlaceName } from "../diagnostics/name-problem.ts";
import type * as spec from "../spec/spec.ts";

export type Place = {
  readonly name: PlaceName;
  readonly positions: readonly spec.PositionAxis[];
  /** Positions that captured tensors may be bound to; a `fn` has those of its caller. */
  readonly implicit: readonly spec.PositionAxis[];
  readonly quantities: readonly ("s" | "p" | "lse" | "scale")[];
  /** Row vectors: visible, known but not compiled yet, or deciding and therefore not compiled yet. */
  readonly vectors: "visible" | "unsupported" | "deciding" | "hidden";
  /** `len(axis)` of the built-in axes and of the grid. */
  readonly lengths: boolean;
  /** Mask names stand for bools. */
  readonly masks: boolean;
  /** `i` and `j`, the numbers of a block. */
  readonly blocks: boolean;
  /** Reductions over axes of the map. */
  readonly reductions: boolean;
  /** `visible`, whether the query sees the key. */
  readonly sight: boolean;
  /** Comparisons here choose what is visible, so they are made in f32 and must agree on every target. */
  readonly decides: boolean;
};

const everywhere = ["batch", "head", "kv", "query", "key"] as const;

const place = (name: PlaceName, fields: Partial<Omit<Place, "name">>): Place => ({
  name,
  positions: [],
  implicit: fields.positions ?? [],
  quantities: [],
  vectors: "hidden",
  lengths: true,
  masks: false,
  blocks: false,
  reductions: false,
  sight: false,
  decides: false,
  ...fields,
});

export const MASK = place("mask", { positions: everywhere, vectors: "deciding", masks: true, decides: true });
export const SCORE = place("score", { positions: everywhere, quantities: ["s", "scale"], vectors: "visible" });
export const WEIGHT = place("weight", {
  positions: everywhere,
  quantities: ["s", "p", "lse", "scale"],
  vectors: "visible",
});
export const SCALE = place("scale", { positions: everywhere, vectors: "unsupported" });
/** A sink is one more term of a row's sum, so it cannot depend on a key. */
export const SINK = place("sink", { positions: ["batch", "head", "kv", "query"], vectors: "unsupported" });
export const ALIGN = place("align", { positions: ["batch"] });
export const GRID_ORIGIN = place("grid origin", { positions: ["batch"] });
export const GRID_EXTENT = place("grid extent", { lengths: false });
export const TENSOR_AXIS = place("tensor axis", { lengths: false });
export const DEFAULT = place("default", { lengths: false });
const reductions = { positions: everywhere, reductions: true } as const;
/** What a block is worth; axes that no reduction removes are left over. */
export const BLOCK_SCORE = place("sparsity", {
  ...{ ...reductions, quantities: ["s", "scale"], vectors: "visible", blocks: true },
});
/** Which blocks may or must be chosen, and how many. */
export const BLOCK_CHOICE = place("sparsity", { ...reductions, blocks: true, decides: true });
export const BLOCK_SIZE = place("block size", { lengths: false });
export const SORT_KEY = place("permutation", { ...reductions, quantities: ["s", "scale"], vectors: "visible" });
export const OUTPUT = place("output", {
  ...{ ...reductions, quantities: ["s", "p", "lse", "scale"], sight: true, vectors: "visible" },
});
/** What a sparsity or a permutation is called with. */
export const CHOICE_ARGUMENT = place("argument", { positions: ["batch", "head", "kv"] });
/** A `fn` that is looked at without a call. */
export const FUNCTION = place("fn", { lengths: false, implicit: everywhere });

/** The body of a `fn` that is called from `caller`. */
export const functionPlace = ({ decides, implicit }: Place): Place => ({ ...FUNCTION, decides, implicit });

/** Positions by the name that the user types. */
export const POSITIONS: Readonly<Record<string, spec.PositionAxis>> = {
  b: "batch",
  h: "head",
  kv: "kv",
  q: "query",
  k: "key",
};
/** Numbers of a block by the name that the user types. */
export const BLOCKS: Readonly<Record<string, "query" | "key">> = { i: "query", j: "key" };
export const QUANTITIES = ["s", "p", "lse", "scale"] as const;
export const VECTORS = ["Q", "K", "V", "O"] as const;

/** The names that a place shows beside its parameters, for messages. */
export function visibleNames(place: Place): string[] {
  return [
    ...Object.keys(POSITIONS).filter((name) => place.positions.includes(POSITIONS[name]!)),
    ...(place.blocks ? Object.keys(BLOCKS) : []),
    ...place.quantities,
    ...(place.sight ? ["visible"] : []),
    ...(place.vectors === "visible" ? ["Q", "K", "V"] : []),
  ];
}
