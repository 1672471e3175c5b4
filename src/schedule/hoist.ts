// Which value is computed how often. An expression that reads only the head is computed once per (batch, head), one that
// reads the query row once per row, one that reads only the key once per key of a tile, the rest once per pair; whatever
// is used twice in one place gets a name there.
//
//   mask: doc[b, k] // n == doc[b, q]  →   row:  row0 = doc[b, q]          key:  key0 = doc[b, k] // n
//   score: s + exp(-c[h]) * (k - q)        head: head0 = exp(-c[h])
//                                          mask: key0 == row0      score: s + head0 * (k - q)
//
// Equal expressions are identical objects, so sharing is a count of references.

import { type Rate, rates } from "../analysis/depends.ts";
import type * as ir from "../ir/expr.ts";
import { local } from "../ir/make.ts";
import { children, nodes, withChildren } from "../ir/walk.ts";
import type { Let, Region } from "./loop.ts";

export type Hoisted<Roots> = {
  readonly head: readonly Let[];
  readonly row: readonly Let[];
  readonly key: readonly Let[];
  readonly regions: { readonly [name in keyof Roots]: Region };
};

/** What the middle level is called, and how often locals change that the expressions read already. */
export type Levels = { readonly row: string; readonly rates: ReadonlyMap<string, Rate> };

/** Sorts the roots' sub-expressions by how often they are computed. Regions that can do without pair values end up as
 *  a single local. Names are deterministic and avoid `taken`. Linear in the number of nodes. */
export function hoist<Roots extends { readonly [name in keyof Roots]?: ir.Expr }>(
  roots: Roots,
  taken: ReadonlySet<string>,
  levels: Levels = { row: "row", rates: new Map() },
): Hoisted<Roots> {
  const given = Object.entries(roots) as [string, ir.Expr][];
  const rateAt = rates(
    given.map(([, root]) => root),
    levels.rates,
  );
  const head = makeUnit("head");
  const row = makeUnit(levels.row);
  const key = makeUnit("key");
  const homes: Readonly<Record<Rate, Unit | undefined>> = { constant: head, head, row, key, pair: undefined };
  const homeOf: HomeOf = (node, user) => homes[rateAt.get(node)!] ?? user;
  const regions = given.map(([name, root]) => {
    const unit = makeUnit(name);
    countUses(root, unit, homeOf);
    return { name, root, unit };
  });
  for (const unit of [head, row, key, ...regions.map((region) => region.unit)]) schedule(unit, homeOf, taken);
  const entries = regions.map(({ name, root, unit }) => [name, { lets: unit.lets, value: refer(root, unit, homeOf) }]);
  return { head: head.lets, row: row.lets, key: key.lets, regions: Object.fromEntries(entries) };
}

/** One stretch of straight-line code. */
type Unit = {
  readonly name: string;
  /** References to a node from inside; a reference from another unit counts as two, because it needs a name. */
  readonly uses: Map<ir.Expr, number>;
  /** The node as code of this unit: a local where it has a name. */
  readonly written: Map<ir.Expr, ir.Expr>;
  readonly lets: Let[];
};

/** Where a node is computed; what varies with the pair stays with the region that reads it. */
type HomeOf = (node: ir.Expr, user: Unit) => Unit;

const makeUnit = (name: string): Unit => ({ name, uses: new Map(), written: new Map(), lets: [] });

/** Leaves cost nothing to repeat. */
const isTrivial = (node: ir.Expr) => !["op", "load", "search"].includes(node.kind);

function countUses(root: ir.Expr, region: Unit, homeOf: HomeOf): void {
  const references: { node: ir.Expr; user: Unit }[] = [{ node: root, user: region }];
  for (let reference = references.pop(); reference; reference = references.pop()) {
    const { node, user } = reference;
    if (isTrivial(node)) continue;
    const home = homeOf(node, user);
    const before = home.uses.get(node) ?? 0;
    home.uses.set(node, before + (home === user ? 1 : 2));
    if (before === 0) for (const child of children(node)) references.push({ node: child, user: home });
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
    if (uses === 1) {
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
