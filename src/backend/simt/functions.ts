// A region of a plan as a pure function of what it reads: coordinates of the pair, values of its row and its head, and
// quantities. Parameters and arguments have the same names, so a call is right wherever such variables are at hand.

import type { ScalarType } from "../../ops/op.ts";
import type { Let, Region } from "../../schedule/loop.ts";
import type { Dialect } from "./dialect.ts";
import { printAll } from "./print.ts";
import { type Surroundings, scopeOf } from "./scope.ts";

export type PrintedFunction = {
  readonly name: string;
  /** In the order of the call, with types of the dialect. */
  readonly parameters: readonly { readonly name: string; readonly type: string }[];
  readonly type: string;
  readonly statements: readonly string[];
  readonly result: string;
  /** `name(batch, query, key)` */
  readonly call: string;
};

/** @param computed values that the function computes for itself, beside the region's own */
export function regionFunction(
  name: string,
  region: Region,
  around: Surroundings,
  computed: readonly Let[] = [],
): PrintedFunction {
  const lets = [...computed, ...region.lets];
  const { scope, reads } = scopeOf(around, new Map(lets.map((each) => [each.name, each.value])));
  const { statements, results } = printAll([region.value], scope, around.dialect);
  const parameters = [...reads].sort(byPlace).map(([parameter, type]) => parameterOf(parameter, type, around.dialect));
  return {
    name,
    parameters,
    type: around.dialect.types[region.value.type],
    statements,
    result: results[0]!,
    call: `${name}(${parameters.map((parameter) => parameter.name).join(", ")})`,
  };
}

const parameterOf = (name: string, type: ScalarType, dialect: Dialect) => ({ name, type: dialect.types[type] });

/** Coordinates come first, then lengths, quantities and the plan's values, from the outermost in. */
const ORDER = ["batch", "head", "kv", "keys", "query_start", "query", "key", "product", "score", "weight", "lse"];
const placeOf = (name: string) => (ORDER.includes(name) ? ORDER.indexOf(name) : ORDER.length);

const byPlace = ([left]: readonly [string, unknown], [right]: readonly [string, unknown]) =>
  placeOf(left) - placeOf(right) || (left < right ? -1 : 1);
