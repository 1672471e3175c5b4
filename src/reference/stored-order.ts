// The order in which a permutation stores tokens, by its definition: a stable sort of each segment by the listed keys.

import type { Case } from "../spec/case.ts";
import { compile } from "./evaluate.ts";
import { InputError } from "./input-error.ts";
import { kvHead } from "./leaf.ts";
import { type Point, startPoint } from "./point.ts";
import { scorerOf } from "./score.ts";
import { surroundingsOf } from "./surroundings.ts";

/** For each stored place the row or key that lies there. Keys that are not alive stay behind those that are. */
export type StoredOrder = { readonly query: readonly number[]; readonly key: readonly number[] };

/** The order of one head of a call. Throws InputError where a sort key is NaN. */
export function storedOrderOf(call: Case): (batch: number, head: number) => StoredOrder {
  const { attention, shape } = call;
  const { permutation } = attention;
  const unmoved = { query: upTo(shape.queries), key: upTo(shape.keys) };
  if (!permutation) return () => unmoved;
  const { of, per, within, order } = permutation;
  const plain = surroundingsOf(call);
  const scorer = scorerOf(plain);
  // Of keys that are alive, whatever the mask.
  const look = (point: Point) => scorer.score(point) === point.s;
  const around = { ...plain, look };
  const sortKeys = order.map(({ value, descending }) => {
    const compute = compile(value, around, "real");
    return (point: Point) => (descending ? -compute(point) : compute(point));
  });
  const size = within && compile(within.size, around, "decide")(startPoint());

  function sorted(batch: number, head: number, side: "query" | "key"): number[] {
    const alive = side === "query" ? shape.queries : Math.min(shape.keys, plain.length("key", batch));
    const start = plain.queryStart(batch);
    const keysOf = (place: number) => {
      const at = { ...startPoint(), batch, head, key: place, row: place, query: (start + place) | 0 };
      at.scale = scorer.scale(at);
      return sortKeys.map((key) => key(at));
    };
    const places = upTo(alive);
    const values = places.map(keysOf);
    if (values.flat().some(Number.isNaN)) throw new InputError(`a sort key of ${permutation!.name.text} is NaN`);
    const compare = (a: number, b: number) => {
      const place = values[a]!.findIndex((value, index) => value !== values[b]![index]);
      return place < 0 ? a - b : values[a]![place]! < values[b]![place]! ? -1 : 1;
    };
    const segment = size ?? Math.max(1, alive);
    const stored: number[] = [];
    for (let first = 0; first < alive; first += segment) {
      const inside = places.slice(first, first + segment);
      const moves = !within?.complete || inside.length === segment;
      stored.push(...(moves ? inside.toSorted(compare) : inside));
    }
    const total = side === "query" ? shape.queries : shape.keys;
    return [...stored, ...upTo(total).slice(alive)];
  }

  /** Rows in the order of the keys at their positions; rows at the position of no key that is alive come last. */
  function rowsOf(batch: number, stored: readonly number[]): number[] {
    const alive = stored.slice(0, plain.length("key", batch));
    const places = new Map(alive.map((token, place) => [token, place]));
    const start = plain.queryStart(batch);
    const placeOf = (row: number) => places.get((start + row) | 0) ?? stored.length;
    return unmoved.query.toSorted((a, b) => placeOf(a) - placeOf(b) || a - b);
  }

  const known = new Map<string, StoredOrder>();
  return (batch, head) => {
    const group = shape.heads / shape.kvHeads;
    const first = per === "batch" ? 0 : per === "kv" ? kvHead(head, shape) * group : head;
    const name = `${batch} ${first}`;
    const find = (): StoredOrder => {
      const key = of === "query" ? unmoved.key : sorted(batch, first, "key");
      if (of === "key") return { query: unmoved.query, key };
      return { query: of === "query" ? sorted(batch, first, "query") : rowsOf(batch, key), key };
    };
    const found = known.get(name) ?? find();
    known.set(name, found);
    return found;
  };
}

const upTo = (count: number) => Array.from({ length: count }, (_, place) => place);
