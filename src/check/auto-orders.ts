// `permute auto`: the orders that may bring together the tokens that see each other. Which of them does is decided when sizes are
// known; what they are is read off the attention.

import type { Span } from "../source/span.ts";
import type { Permutation } from "../spec/choice.ts";
import { nodesWithin } from "../spec/parts.ts";
import type * as spec from "../spec/spec.ts";
import { apply, axesOf, coordinate, type Graph, literal, position } from "./graph.ts";

/** Tokens of a tile along each axis of a grid, outermost first. About 64 tokens, the keys that kernels visit together. */
const TILES: readonly (readonly number[])[] = [
  [8, 8],
  [4, 16],
  [16, 4],
  [4, 4, 4],
  [2, 4, 8],
];

/** A mask that compares by more is not known to gain from any. */
const MOST_DIVISORS = 4;

/** Bits of a coordinate that Morton's curve mixes, by the number of axes: all that fit in an int. */
const MORTON_BITS: Readonly<Record<number, number>> = { 2: 15, 3: 10 };

/** Residues by the divisors that masks compare positions by; tiles, and Morton's curve, of a grid of two or three axes.
 *  @param at where the attention asks for an order */
export function possibleOrders(
  graph: Graph,
  masks: readonly spec.Clause[],
  grid: spec.Grid | undefined,
  at: Span,
): readonly Permutation[] {
  const of = { of: "token", per: "kv", span: at } as const;
  const ascending = (value: spec.Expr) => ({ value, descending: false });
  const order = (name: string, keys: readonly spec.Expr[]): Permutation => ({
    ...of,
    name: { text: name, span: at },
    order: keys.map(ascending),
  });
  const coordinates = grid?.axes.map(({ name }) => coordinate(graph, "key", name)) ?? [];
  const tiles = TILES.filter((sizes) => sizes.length === coordinates.length);
  return [
    ...divisorsOf(graph, masks).map((divisor) => order(`residues(${nameOf(divisor)})`, residues(graph, divisor))),
    ...tiles.map((sizes) => order(`tiles(${sizes.join(", ")})`, tileOrder(graph, coordinates, sizes))),
    ...(tiles.length > 0 ? [order("morton", [mixedBits(graph, coordinates)])] : []),
  ];
}

/** What the masks divide a position, or a distance, by. */
function divisorsOf(graph: Graph, masks: readonly spec.Clause[]): readonly spec.Expr[] {
  const divisors = new Set<spec.Expr>();
  for (const node of nodesWithin(...masks.map(({ value }) => value))) {
    if (node.kind !== "apply" || node.op !== "floorMod" || node.type !== "int") continue;
    const [dividend, divisor] = node.args as [spec.Expr, spec.Expr];
    if (axesOf(graph, divisor) === 0 && readsKey(dividend)) divisors.add(divisor);
  }
  return [...divisors].slice(0, MOST_DIVISORS);
}

const readsKey = (dividend: spec.Expr) =>
  nodesWithin(dividend).some((node) => node.kind === "position" && node.axis === "key");

const nameOf = (divisor: spec.Expr) =>
  divisor.kind === "literal" ? String(divisor.value) : divisor.kind === "param" ? divisor.name : "...";

function residues(graph: Graph, divisor: spec.Expr): readonly spec.Expr[] {
  const key = position(graph, "key");
  return [apply(graph, "floorMod", [key, divisor]), apply(graph, "floorDiv", [key, divisor])];
}

/** Tile after tile, and in each its tokens. */
function tileOrder(graph: Graph, coordinates: readonly spec.Expr[], sizes: readonly number[]): readonly spec.Expr[] {
  const parts = (op: "floorDiv" | "floorMod") =>
    coordinates.map((each, axis) => apply(graph, op, [each, literal(graph, "int", sizes[axis]!)]));
  return [...parts("floorDiv"), ...parts("floorMod")];
}

/** The bits of the coordinates in turn, that of the innermost lowest. */
function mixedBits(graph: Graph, coordinates: readonly spec.Expr[]): spec.Expr {
  const int = (value: number) => literal(graph, "int", value);
  const innermostFirst = coordinates.toReversed();
  const bits = Array.from({ length: MORTON_BITS[coordinates.length]! }, (_, bit) =>
    innermostFirst.map((each, axis) => {
      const own = apply(graph, "bitAnd", [each, int(2 ** bit)]);
      return apply(graph, "shiftLeft", [own, int(bit * (coordinates.length - 1) + axis)]);
    }),
  ).flat();
  return bits.reduce((mixed, bit) => apply(graph, "bitOr", [mixed, bit]));
}
