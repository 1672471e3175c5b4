// Calls of attentions that use the standard library, with nothing in them but what masks and scores can see.

import { compile } from "../../../src/reference/evaluate.ts";
import { maskOf } from "../../../src/reference/mask.ts";
import { startPoint } from "../../../src/reference/point.ts";
import { surroundingsOf } from "../../../src/reference/surroundings.ts";
import type { Case, Shape } from "../../../src/spec/case.ts";
import { makeTensor } from "../../../src/tensors/elements.ts";
import type { Tensor } from "../../../src/tensors/tensor.ts";
import { attentionOf } from "../../check.ts";

export type Given = {
  readonly shape?: Partial<Shape>;
  readonly params?: Readonly<Record<string, number>>;
  readonly tensors?: Readonly<Record<string, Tensor>>;
};

/** A call of the only attention of a text; queries, keys and values are empty rows. */
export function callOf(text: string, { shape: changes = {}, params = {}, tensors = {} }: Given): Case {
  const keys = changes.keys ?? 12;
  const heads = changes.heads ?? 1;
  const shape: Shape = {
    batch: 1,
    heads,
    kvHeads: heads,
    queries: keys,
    keys,
    dim: 1,
    valueDim: 1,
    axes: {},
    ...changes,
  };
  const row = (count: number, length: number) =>
    makeTensor("f32", [shape.batch, heads, length, 1], new Array(shape.batch * count * length).fill(0));
  return {
    attention: attentionOf(text),
    shape,
    params,
    tensors,
    query: row(heads, shape.queries),
    key: row(shape.kvHeads, shape.keys),
    value: row(shape.kvHeads, shape.keys),
  };
}

/** Rows of 0 and 1, one string a query row. */
export function maskRows(text: string, given: Given = {}, batch = 0, head = 0): string[] {
  const call = callOf(text, given);
  const mask = maskOf(call);
  const { queries, keys } = call.shape;
  return Array.from({ length: queries }, (_, row) =>
    Array.from({ length: keys }, (_, key) => (mask.visible(batch, head, row, key) ? "1" : "0")).join(""),
  );
}

/** The same rows from a predicate over positions. */
export function predicateRows(queries: number, keys: number, visible: (q: number, k: number) => boolean): string[] {
  return Array.from({ length: queries }, (_, row) =>
    Array.from({ length: keys }, (_, k) => (visible(keys - queries + row, k) ? "1" : "0")).join(""),
  );
}

/** The last score of the only attention of a text, as a function of a place and the score before it. */
export function scoreOf(
  text: string,
  given: Given = {},
): (place: { h?: number; q: number; k: number; s: number }) => number {
  const call = callOf(text, given);
  const value = compile(call.attention.scores.at(-1)!.value, surroundingsOf(call), "real");
  return ({ h = 0, q, k, s }) => value({ ...startPoint(), head: h, query: q, row: q, key: k, s });
}
