// Bounds for the outputs that an attention names: their expression at every place of their axes, with p and s of every pair as
// the bound of its row has them. What hangs on a row about which nothing can be promised is not judged.

import { placesOf } from "../reference/outputs.ts";
import type { Surroundings } from "../reference/point.ts";
import { type ErrorPoint, propagate } from "./propagate.ts";
import { type Accuracy, smallest } from "./rounding.ts";

/** What is known of the keys that a row sees. */
export type BoundedRow = {
  /** Where a key stands in the lists below. */
  readonly places: ReadonlyMap<number, number>;
  readonly s: readonly number[];
  readonly sError: readonly number[];
  readonly p: readonly number[];
  readonly pError: readonly number[];
  readonly lse: number;
  readonly lseError: number;
  readonly undecided: boolean;
};

/** Bounds of an output, element by element; infinite where an element is not judged. */
export type OutputBounds = Readonly<Record<string, Float64Array>>;

export function boundOutputs(
  plain: Surroundings,
  rowAt: (batch: number, head: number, row: number) => BoundedRow,
  isChoiceInDoubt: (batch: number, head: number, rowBlock: number) => boolean,
  accuracy: Accuracy,
): OutputBounds {
  const { call } = plain;
  const look = (at: object): boolean => {
    const point = at as ErrorPoint;
    const { places, s, sError, p, pError, lse, lseError, undecided } = rowAt(point.batch, point.head, point.row);
    const place = places.get(point.key) ?? -1;
    const unknown = undecided ? Number.POSITIVE_INFINITY : 0;
    const error: ErrorPoint["error"] = {
      s: unknown + (sError[place] ?? 0),
      p: unknown + (place < 0 ? 0 : pError[place]! + 2 * smallest),
      lse: unknown + lseError,
      scale: 0,
      visible: Number(undecided),
    };
    const visible = Number(s[place] !== undefined);
    Object.assign(point, { s: s[place] ?? Number.NEGATIVE_INFINITY, p: p[place] ?? 0, lse, visible, error });
    return visible === 1;
  };
  const around: Surroundings = { ...plain, look };
  const results = (call.attention.outputs.named ?? []).map(({ name, axes, value }) => {
    if (value.kind === "chosen") {
      const doubts = placesOf(call, axes, plain).map(({ batch, head, i }) => isChoiceInDoubt(batch, head, i));
      return [name, Float64Array.from(doubts, (doubt) => (doubt ? Number.POSITIVE_INFINITY : 0))] as const;
    }
    const bounded = propagate(value, around, "real", accuracy);
    const bounds = placesOf(call, axes, plain).map((place) => {
      const point: ErrorPoint = { ...place, error: { s: 0, p: 0, lse: 0, scale: 0 } };
      // A place of a call without rows has no pair to look at, and none is asked for.
      if (call.shape.queries > 0) look(point);
      const { error, doubtful } = bounded(point);
      return doubtful ? Number.POSITIVE_INFINITY : error;
    });
    return [name, Float64Array.from(bounds)] as const;
  });
  return Object.fromEntries(results);
}
