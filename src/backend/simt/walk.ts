// The walk of a query tile over the key tiles, as statements for the loop that a template owns. They stand in the body of
// the kernel and not in functions: whoever checks that a barrier is met by all threads follows plain values best.

import { local } from "../../ir/make.ts";
import type { Let, Region } from "../../schedule/loop.ts";
import type { Walking } from "../../schedule/plan.ts";
import { type Code, printAll } from "./print.ts";
import { type Surroundings, scopeOf } from "./scope.ts";

/** Statements, and the value that they lead to. */
export type Step = { readonly statements: readonly string[]; readonly value: string };

export type Walk = {
  readonly head: readonly string[];
  /** Reads `first_query` and `last_query`. */
  readonly queryTile: readonly string[];
  /** From `next_key` to the first key of the next tile. */
  readonly next: Step;
  /** Whether any pair, and whether every pair between `first_key` and `last_key` is visible. */
  readonly may: Step;
  readonly must: Step;
};

/** @param hasMask false where every pair is visible */
export function walkOf({ head, queryTile, traversal }: Walking, hasMask: boolean, around: Surroundings): Walk {
  const { dialect } = around;
  const always = (value: boolean): Step => ({ statements: [], value: dialect.literal("bool", value).text });
  return {
    head: letStatements(head, around, "h"),
    queryTile: letStatements(queryTile, around, "w"),
    next: traversal.next ? regionStep(traversal.next, around, "n") : { statements: [], value: "next_key" },
    may: traversal.may ? regionStep(traversal.may, around, "a") : always(true),
    must: traversal.must ? regionStep(traversal.must, around, "m") : always(!hasMask),
  };
}

/** Statements that name the values as the plan does.
 *  @param prefix begins the names of what they compute on the way */
export function letStatements(lets: readonly Let[], around: Surroundings, prefix: string): readonly string[] {
  const definitions = new Map(lets.map(({ name, value }) => [name, value]));
  const roots = lets.map(({ name, value }) => local(value.type, name));
  const { statements, results } = printAll(roots, scopeOf(around, definitions).scope, around.dialect, prefix);
  // A let of a leaf, or one that equals another, was printed under a name that is not its own.
  const missing = lets.flatMap(({ name, value }, index) =>
    results[index] === name ? [] : [around.dialect.declare(value.type, name, results[index]!)],
  );
  return [...statements, ...missing];
}

function regionStep({ lets, value }: Region, around: Surroundings, prefix: string): Step {
  const { scope } = scopeOf(around, new Map(lets.map((each) => [each.name, each.value])));
  const { statements, results }: Code = printAll([value], scope, around.dialect, prefix);
  return { statements, value: results[0]! };
}
