// What is known about an attention before it is called: the ranges that parameters and tensors promise, and that lengths
// are not negative. The guards of rewrite rules reason from this, and classification where no call is at hand.

import type { AttentionIr, Axis } from "../ir/expr.ts";
import { SCALAR_OF } from "../ir/scalar.ts";
import { readableTensors } from "../ir/selection.ts";
import type { ScalarType } from "../ops/op.ts";
import type { Range as Promised } from "../spec/spec.ts";
import type { Environment } from "./interval.ts";
import {
  ANY_BOOL,
  ANY_INT,
  anyOf,
  floatRange,
  INT_MAX,
  INT_MIN,
  type IntRange,
  intRange,
  type Range,
} from "./range.ts";

/** Lengths stay below this: a row of keys and one of values take at least 8 bytes, and no memory holds more than 2³². */
const LONGEST = 2 ** 29;
const NATURAL: IntRange = intRange(0, LONGEST);

/** Query positions may be negative: the caller may place the first row anywhere. */
const coords: Readonly<Record<Axis, IntRange>> = {
  batch: NATURAL,
  head: NATURAL,
  kv: NATURAL,
  key: NATURAL,
  query: ANY_INT,
};

/** The ranges that hold in every call of the attention that is let through. */
export function promisesOf(attention: AttentionIr): Environment {
  const params = new Map(attention.params.map(({ name, type, range }) => [name, promisedRange(type, range, false)]));
  const tensors = new Map(
    readableTensors(attention).map(({ name, element, range }) => [
      name,
      promisedRange(SCALAR_OF[element], range, true),
    ]),
  );
  return {
    coord: (axis) => coords[axis],
    extent: (name) => (name === "queryStart" ? ANY_INT : NATURAL),
    param: (name) => params.get(name)!,
    load: (name) => tensors.get(name)!,
  };
}

/** Values are checked against the promise before they are rounded, so float bounds are rounded alike. A tensor that
 *  is empty reads as zeros. */
function promisedRange(type: ScalarType, { low, high }: Promised, mayBeEmpty: boolean): Range {
  if (type === "bool") return ANY_BOOL;
  if (low === undefined && high === undefined) return anyOf(type);
  const [from, to] = [low ?? -Infinity, high ?? Infinity];
  const [least, most] = mayBeEmpty ? [Math.min(from, 0), Math.max(to, 0)] : [from, to];
  if (type === "float") return floatRange(least, most);
  return intRange(Math.max(Math.ceil(least), INT_MIN), Math.min(Math.floor(most), INT_MAX));
}
