// Which value is computed how often. An expression that reads only the head is computed once per (batch, head), one that
// reads the query row once per row, one that reads only the key once per key of a tile, one that reads only their distance
// once per distance of a tile where that pays, the rest once per pair; whatever is used twice in one place gets a name there.
//
//   mask: doc[b, k] // n == doc[b, q]  →   row:  row0 = doc[b, q]          key:  key0 = doc[b, k] // n
//   score: s + exp(-c[h]) * (k - q)        head: head0 = exp(-c[h])
//                                          mask: key0 == row0      score: s + head0 * (k - q)
//
// Equal expressions are identical objects, so sharing is a count of references.

import { type AxisRates, ONE_HEAD, type Rate, rates } from "../analysis/depends.ts";
import type * as ir from "../ir/expr.ts";
import { local } from "../ir/make.ts";
import { children, nodes, withChildren } from "../ir/walk.ts";
import type { Let, Region } from "./loop.ts";

export type Hoisted<Roots> = {
  readonly head: readonly Let[];
  readonly row: readonly Let[];
  readonly key: readonly Let[];
  readonly diagonal: readonly Let[];
  readonly regions: { readonly [name in keyof Roots]: Region };
};

export type Levels = {
  /** What the middle level is called. */
  readonly row: string;
  /** How often locals change that the expressions read already. */
  readonly rates: ReadonlyMap<string, Rate>;
  /** How often coordinates change. */
  readonly axes: AxisRates;
  /** Values of the distance that are computed once per distance. */
  readonly diagonal: ReadonlySet<ir.Expr>;
};

const LEVELS: Levels = { row: "row", rates: new Map(), axes: ONE_HEAD, diagonal: new Set() };

/** Sorts the roots' sub-expressions by how often they are computed. Regions that can do without pair values end up as
 *  a single local. Names are deterministic and avoid `taken`. Linear in the number of nodes. */
export function hoist<Roots extends { readonly [name in keyof Roots]?: ir.Expr }>(
  roots: Roots,
  taken: ReadonlySet<string>,
  changes: Partial<Levels> = {},
): Hoisted<Roots> {
  const levels = { ...LEVELS, ...changes };
  const given = Object.entries(roots) as [string, ir.Expr][];
  const rateAt = rates(
    given.map(([, root]) => root),
    levels.rates,
    levels.axes,
  );
  const head = makeUnit("head");
  const row = makeUnit(levels.row);
  const key = makeUnit("key");
  const diagonal = makeUnit("diagonal", 0);
  const homes: Readonly<Record<Rate, Unit | undefined>> = { constant: head, head, row, key, pair: undefined };
  const homeOf: HomeOf = (node, user) => {
    const home = homes[rateAt.get(node)!];
    // A part of a distance, such as q + 1 of (q + 1) - k, is the distance's own: no row and no key is at hand there.
    if (user === diagonal && home !== head) return diagonal;
    return home ?? (levels.diagonal.has(node) ? diagonal : user);
  };
  const regions = given.map(([name, root]) => {
    const unit = makeUnit(name);
    countUses(root, unit, homeOf);
    return { name, root, unit };
  });
  const units = [head, row, key, diagonal, ...regions.map((region) => region.unit)];
  for (const unit of units) schedule(unit, homeOf, taken);
  const entries = regions.map(({ name, root, unit }) => [name, { lets: unit.lets, value: refer(root, unit, homeOf) }]);
  const levelsOf = { head: head.lets, row: row.lets, key: key.lets, diagonal: diagonal.lets };
  return { ...levelsOf, regions: Object.fromEntries(entries) };
}

/** One stretch of straight-line code. */
type Unit = {
  readonly name: string;
  /** What a reference from inside counts: nothing where a name is a table, which only other units are worth. */
  readonly inside: 0 | 1;
  /** References to a node from inside; a reference from another unit counts as two, because it needs a name. */
  readonly uses: Map<ir.Expr, number>;
  /** The node as code of this unit: a local where it has a name. */
  readonly written: Map<ir.Expr, ir.Expr>;
  readonly lets: Let[];
};

/** Where a node is computed; what varies with the pair stays with the region that reads it, unless its distance decides. */
type HomeOf = (node: ir.Expr, user: Unit) => Unit;

const makeUnit = (name: string, inside: Unit["inside"] = 1): Unit => ({
  name,
  inside,
  uses: new Map(),
  written: new Map(),
  lets: [],
});

/** Leaves cost nothing to repeat. */
const isTrivial = (node: ir.Expr) => !["op", "load", "search"].includes(node.kind);

function countUses(root: ir.Expr, region: Unit, homeOf: HomeOf): void {
  const references: { node: ir.Expr; user: Unit }[] = [{ node: root, user: region }];
  for (let reference = references.pop(); reference; reference = references.pop()) {
    const { node, user } = reference;
    if (isTrivial(node)) continue;
    const home = homeOf(node, user);
    const before = home.uses.get(node);
    home.uses.set(node, (before ?? 0) + (home === user ? home.inside : 2));
    if (before === undefined) for (const child of children(node)) references.push({ node: child, user: home });
  }
}

/** Writes the unit's nodes in topological order and names those that are used more than once. */
function schedule(unit: Unit, homeOf: HomeOf, taken: ReadonlySet<string>): void {
  let count = 0;
  for (const node of nodes(...unit.uses.keys())) {
    const uses = unit.uses.get(node);
    if (uses === undefined) continue;
    const value = withChildren(
      node,
      children(node).map((child) => refer(child, unit, homeOf)),
    );
    if (uses <= 1) {
      unit.written.set(node, value);
      continue;
    }
    while (taken.has(`${unit.name}${count}`)) count += 1;
    const name = `${unit.name}${count++}`;
    unit.lets.push({ name, value });
    unit.written.set(node, local(node.type, name));
  }
}

const refer = (node: ir.Expr, user: Unit, homeOf: HomeOf): ir.Expr =>
  isTrivial(node) ? node : homeOf(node, user).written.get(node)!;
