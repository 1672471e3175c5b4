// Which keys each query may see, as a dense matrix of booleans, element by element. Decided in f32: that is what a mask
// means, not an approximation of it.

import type { Case } from "../spec/case.ts";
import { compile } from "./evaluate.ts";
import { startPoint } from "./point.ts";
import { surroundingsOf } from "./surroundings.ts";

export type Mask = {
  /** One byte per pair of a head, [queries][keys], 1 where the key is alive and every mask holds. */
  matrix(batch: number, head: number): Uint8Array;
  /** `row` counts query rows of this call. */
  visible(batch: number, head: number, row: number, key: number): boolean;
};

/** The mask of a call. Matrices are computed when they are asked for and kept.
 *  Scores of −inf hide keys too; they are no part of the mask. */
export function maskOf(call: Case): Mask {
  const { attention, shape } = call;
  const around = surroundingsOf(call);
  const holds = attention.masks.map(({ value }) => compile(value, around, "decide"));
  const scale = attention.scale && compile(attention.scale.value, around, "decide");
  const matrices = new Map<number, Uint8Array>();

  function fill(batch: number, head: number): Uint8Array {
    const matrix = new Uint8Array(shape.queries * shape.keys);
    const point = { ...startPoint(), batch, head, scale: defaultScale(shape.dim) };
    const alive = Math.min(around.length("key", batch), shape.keys);
    for (let row = 0; row < shape.queries; row++) {
      point.row = row;
      point.query = (around.queryStart(batch) + row) | 0;
      for (let key = 0; key < alive; key++) {
        point.key = key;
        if (scale) point.scale = scale(point);
        matrix[row * shape.keys + key] = Number(holds.every((mask) => mask(point) === 1));
      }
    }
    return matrix;
  }

  function matrix(batch: number, head: number): Uint8Array {
    const place = batch * shape.heads + head;
    const known = matrices.get(place) ?? fill(batch, head);
    matrices.set(place, known);
    return known;
  }

  return {
    matrix,
    visible: (batch, head, row, key) => matrix(batch, head)[row * shape.keys + key] === 1,
  };
}

/** What `scale` is when no clause says otherwise. */
export const defaultScale = (dim: number): number => 1 / Math.sqrt(dim);
