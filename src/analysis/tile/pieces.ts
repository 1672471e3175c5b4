// Tiles in pieces. The bounds of `q % n` on a tile that runs over a multiple of n are 0 ‥ n − 1, and those of `q // n` have
// lost which remainders go with which quotient. In front of the first such seam, between the first and the last, and
// behind the last, they have not: so the facts of a tile are put together from those of its pieces.
//
//   tile 20 ‥ 52, period 15    →    20 ‥ 29,  30 ‥ 44,  45 ‥ 52
//
// A piece is another pair of corners, and what bounds the mask on a tile bounds it on a piece, so nothing has to be
// proved again. Wherever the seams are thought to be, the pieces are the whole tile.

import type { Expr } from "../../ir/expr.ts";
import { bool, coord, int, op } from "../../ir/make.ts";
import { nodes, substitute } from "../../ir/walk.ts";
import { affineOf } from "../affine.ts";
import { rates } from "../depends.ts";
import { type BoolBounds, TILE } from "./bounds.ts";

type TileAxis = keyof typeof TILE;

/** Corners of a part of the tile along one axis. */
type Piece = { readonly low: Expr; readonly high: Expr };

/** Seams lie at the positions p where p + offset is a multiple of the period. */
type Seam = { readonly period: Expr; readonly offset: Expr };

/** The facts of the tile from those of its pieces; the same facts where nothing in the mask has a period. */
export function inPieces(mask: Expr, facts: BoolBounds): BoolBounds {
  const [rows, columns] = [piecesAlong("query", mask), piecesAlong("key", mask)];
  if (rows.length === 1 && columns.length === 1) return facts;
  const on = (query: Piece, key: Piece) => {
    const corners = new Map([
      [TILE.query.low, query.low],
      [TILE.query.high, query.high],
      [TILE.key.low, key.low],
      [TILE.key.high, key.high],
    ]);
    return (fact: Expr) => substitute(fact, (node) => corners.get(node));
  };
  const all = rows.flatMap((query) => columns.map((key) => on(query, key)));
  return {
    type: "bool",
    may: all.map((piece) => piece(facts.may)).reduce((some, each) => op("or", some, each), bool(false)),
    must: all.map((piece) => piece(facts.must)).reduce((every, each) => op("and", every, each), bool(true)),
  };
}

function piecesAlong(axis: TileAxis, mask: Expr): readonly Piece[] {
  const { low, high } = TILE[axis];
  const seam = seamAlong(axis, mask);
  if (!seam) return [{ low, high }];
  const { period, offset } = seam;
  const turn = (position: Expr) => op("floorDiv", op("add", position, offset), period);
  const startOf = (turns: Expr) => op("sub", op("mul", turns, period), offset);
  const within = (position: Expr, from: Expr) => op("min", op("max", position, from), high);
  const first = within(startOf(op("add", turn(low), int(1))), low);
  const last = within(startOf(turn(high)), first);
  const before = (position: Expr, from: Expr) => op("max", op("sub", position, int(1)), from);
  return [
    { low, high: before(first, low) },
    { low: first, high: before(last, first) },
    { low: last, high },
  ];
}

/** The seams of the innermost remainder along the axis: ends of the rows of a grid, rather than of its planes. Quotients
 *  have none, because they rise with their dividend. */
function seamAlong(axis: TileAxis, mask: Expr): Seam | undefined {
  const rateAt = rates([mask]);
  const isShared = (expr: Expr) => rateAt.get(expr) === "constant" || rateAt.get(expr) === "head";
  for (const expr of nodes(mask)) {
    const remainder = remainderOf(expr);
    const steps = remainder && isShared(remainder.by) ? stepsAlong(axis, remainder.of, isShared) : undefined;
    if (steps) return { period: op("mul", steps.step, remainder!.by), offset: steps.offset };
  }
  return undefined;
}

type Division = { readonly of: Expr; readonly by: Expr };

/** x % n, also where it is written with bits. */
function remainderOf(expr: Expr): Division | undefined {
  if (expr.kind !== "op") return undefined;
  const [of, by] = expr.args as [Expr, Expr];
  if (expr.op === "floorMod" && expr.type === "int") return { of, by };
  if (expr.op !== "bitAnd" || by.kind !== "const") return undefined;
  const mask = by.value as number;
  return mask > 0 && (mask & (mask + 1)) === 0 ? { of, by: int(mask + 1) } : undefined;
}

function quotientOf(expr: Expr): Division | undefined {
  if (expr.kind !== "op") return undefined;
  const [of, by] = expr.args as [Expr, Expr];
  if (expr.op === "floorDiv" && expr.type === "int") return { of, by };
  return expr.op === "shiftRight" && by.kind === "const"
    ? { of, by: int(2 ** ((by.value as number) & 31)) }
    : undefined;
}

/** Counts (position + offset) // step, if that is what the expression does. */
function stepsAlong(
  axis: TileAxis,
  expr: Expr,
  isShared: (expr: Expr) => boolean,
): { readonly step: Expr; readonly offset: Expr } | undefined {
  const quotient = quotientOf(expr);
  if (quotient && isShared(quotient.by)) {
    const steps = stepsAlong(axis, quotient.of, isShared);
    return steps && { step: op("mul", steps.step, quotient.by), offset: steps.offset };
  }
  const { constant, terms } = affineOf(expr);
  const others = [...terms].filter(([term]) => term !== coord(axis));
  if (terms.get(coord(axis)) !== 1 || !others.every(([term]) => isShared(term))) return undefined;
  const offset = others.reduce((sum, [term, factor]) => op("add", sum, op("mul", term, int(factor))), int(constant));
  return { step: int(1), offset };
}
