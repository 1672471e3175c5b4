// The `grid` clause: names of axes, their extents, and where the grid begins.

import type { Name } from "../source/span.ts";
import type * as spec from "../spec/spec.ts";
import type * as ast from "../syntax/ast.ts";
import { elaborateAs } from "./elaborate.ts";
import { type Environment, report } from "./environment.ts";
import { factsOf, literal } from "./graph.ts";
import { GRID_EXTENT, GRID_ORIGIN, type Place } from "./place.ts";
import { reservedForAxis } from "./reserved.ts";

/** Problems: E0203, E0204, E0301, E0309, E0419. */
export function elaborateGrid(
  within: (place: Place) => Environment,
  { axes, origin }: Extract<ast.Clause, { kind: "grid" }>,
): spec.Grid {
  const env = within(GRID_EXTENT);
  const { graph } = env.workspace;
  const first = new Map<string, Name>();
  const elaborated = axes.map(({ name, extent }): spec.GridAxis => {
    const earlier = first.get(name.text);
    const meaning = reservedForAxis(name.text);
    if (earlier) report(env)({ code: "E0203", kind: "duplicate-name", name, first: earlier.span });
    else if (meaning) report(env)({ code: "E0204", kind: "reserved-name", name, as: "axis", meaning });
    first.set(name.text, earlier ?? name);
    const node = extent && elaborateAs(env, extent, "int", { of: "grid" });
    if (extent && node && factsOf(graph, node).high < 1) {
      report(env)({ code: "E0419", kind: "extent-not-positive", at: extent.span, of: "grid" });
    }
    return { name: name.text, ...(node && { extent: node }) };
  });
  const start = origin && elaborateAs(within(GRID_ORIGIN), origin, "int", { of: "grid" });
  return { axes: elaborated, origin: start ?? literal(graph, "int", 0) };
}
