// Where an honest target may store tokens in another order than the reference: two of them are sorted by values that lie within
// their errors of each other. Without a sparsity that changes no result beyond rounding. Beneath one it does where the two
// lie in different blocks: if any block holds other tokens, two such tokens have changed places.

import { compile } from "../reference/evaluate.ts";
import { kvHead } from "../reference/leaf.ts";
import type { Surroundings } from "../reference/point.ts";
import { startPoint } from "../reference/point.ts";
import type { Chosen, Selection } from "../reference/selection.ts";
import { storedOrderOf } from "../reference/stored-order.ts";
import type { Case } from "../spec/case.ts";
import type { Permutation } from "../spec/choice.ts";
import { nodesWithin } from "../spec/parts.ts";
import type { Expr } from "../spec/spec.ts";
import { floats } from "../tensors/elements.ts";
import { type Bounded, type ErrorPoint, propagate } from "./propagate.ts";
import type { Accuracy } from "./rounding.ts";
import type { Scorer } from "./score-bound.ts";

/** Whether the blocks of a head may hold other tokens. */
export type OrderDoubt = (batch: number, head: number) => boolean;

export function orderDoubt(
  around: Surroundings,
  selections: readonly Selection[],
  scorer: Scorer,
  accuracy: Accuracy,
): OrderDoubt {
  const { call } = around;
  const { permutation, sparsities = [] } = call.attention;
  if (!permutation || selections.length === 0) return () => false;
  const { of, order, within } = permutation;
  const pairs: Surroundings = {
    ...around,
    look: (point) => {
      scorer.pair(point as ErrorPoint);
      return true;
    },
  };
  const areTwins = of === "query" ? () => false : twins(call, order);
  const valuesAt = order.map(({ value }) => propagate(value, pairs, "real", accuracy));
  const orderOf = storedOrderOf(call);
  const side = of === "query" ? "query" : "key";

  function isDoubtful(batch: number, head: number): boolean {
    const stored = orderOf(batch, head)[side];
    const start = around.queryStart(batch);
    const alive = side === "query" ? call.shape.queries : Math.min(call.shape.keys, around.length("key", batch));
    const size = within ? compile(within.size, around, "decide")({ ...startPoint(), batch }) : Math.max(1, alive);
    const valuesOf = (token: number): readonly Bounded[] => {
      const error = { s: 0, p: 0, lse: 0, scale: 0 };
      const at = { ...startPoint(), batch, head, key: token, row: token, query: (start + token) | 0, error };
      scorer.scale(at);
      return valuesAt.map((value) => value(at));
    };
    const values = new Map(stored.slice(0, alive).map((token) => [token, valuesOf(token)]));
    // Of two twins one may lie outside of a range.
    const areEqual = (one: number, other: number) =>
      areTwins(batch, head, one, other) &&
      values.get(one)!.every(({ value }, index) => value === values.get(other)![index]!.value);
    const apart = selections.map((selection) =>
      separated(selection(batch, head), side, of === "token" ? start : undefined),
    );
    for (let first = 0; first < alive; first += size) {
      const segment = stored.slice(first, Math.min(first + size, alive));
      for (const [index, one] of segment.entries()) {
        for (const other of segment.slice(index + 1)) {
          if (!mayChangePlaces(values.get(one)!, values.get(other)!) || areEqual(one, other)) continue;
          if (apart.some((areApart) => areApart(one, other))) return true;
        }
      }
    }
    return false;
  }

  const known = new Map<string, boolean>();
  const doubtOf = (batch: number, head: number): boolean => {
    const name = `${batch} ${head}`;
    const found = known.get(name) ?? isDoubtful(batch, head);
    known.set(name, found);
    return found;
  };
  const shares = sparsities.some(({ share }) => share !== undefined);
  const heads = Array.from({ length: call.shape.heads }, (_, head) => head);
  // What one head scores or chooses, all that share with it go by.
  return (batch, head) => (shares ? heads : [head]).some((each) => doubtOf(batch, each));
}

/** Whether two keys must be worth the same: their rows are, and nothing else of them is asked for. Every target computes all
 *  keys by the same steps, so that its ties keep the older token first. Ranges of keys are told apart by their values. */
function twins({ key, shape }: Case, order: Permutation["order"]) {
  const isOfToken = (node: Expr) =>
    (node.kind === "position" && node.axis === "key") ||
    (node.kind === "coordinate" && node.of === "key") ||
    node.kind === "element";
  if (nodesWithin(...order.map(({ value }) => value)).some(isOfToken)) return () => false;
  const [rows, width] = [floats(key), shape.dim];
  return (batch: number, head: number, one: number, other: number): boolean => {
    const first = (batch * shape.kvHeads + kvHead(head, shape)) * shape.keys;
    const elementOf = (token: number, d: number) => rows[(first + token) * width + d];
    return Array.from({ length: width }, (_, d) => d).every((d) => elementOf(one, d) === elementOf(other, d));
  };
}

/** What is certainly equal leaves the decision to the next value, and at last to the older token. */
function mayChangePlaces(one: readonly Bounded[], other: readonly Bounded[]): boolean {
  for (const [index, left] of one.entries()) {
    const right = other[index]!;
    if (left.doubtful || right.doubtful) return true;
    const error = left.error + right.error;
    if (Math.abs(left.value - right.value) > error) return false;
    if (error > 0) return true;
  }
  return false;
}

/** Whether two tokens lie in different blocks of a side, or of rows that follow keys.
 *  @param start position of row 0, where rows follow */
function separated({ rows, keys }: Chosen, side: "query" | "key", start: number | undefined) {
  const places = (blocks: readonly (readonly number[])[], first: number) =>
    new Map(blocks.flatMap((block, index) => block.map((token) => [(first + token) | 0, index] as const)));
  const tables = [places(side === "query" ? rows : keys, 0), ...(start === undefined ? [] : [places(rows, start)])];
  return (one: number, other: number) => tables.some((blocks) => blocks.get(one) !== blocks.get(other));
}
