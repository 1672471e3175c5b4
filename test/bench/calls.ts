// Calls of plain attention with the masks that both sides of a benchmark know.

import type { PlainCall } from "./onnxruntime.ts";

export type MaskedCall = {
  readonly sizes: Pick<PlainCall, "heads" | "kvHeads" | "queries" | "keys" | "dim">;
  readonly text: string;
  readonly params?: Readonly<Record<string, number>>;
  /** Does query position q see key k? */
  readonly sees: (q: number, k: number) => boolean;
  /** Whether onnxruntime's flag says all of the mask, or with a window most of it. */
  readonly causal: boolean;
};

type Mask = Omit<MaskedCall, "sizes">;
export const full: Mask = { text: "attention full {}", sees: () => true, causal: false };
export const causal: Mask = {
  text: 'import { causal } from "std" attention causal_attention { mask causal }',
  sees: (q, k) => q >= k,
  causal: true,
};
export const window = (width: number): Mask => ({
  text: 'import { sliding_window } from "std" attention window(w: int in 1..) { mask sliding_window(w) }',
  params: { w: width },
  sees: (q, k) => q >= k && q - k < width,
  causal: false,
});

export const square = (tokens: number, dim: number, heads = 8, kvHeads = heads): MaskedCall["sizes"] => ({
  ...{ heads, kvHeads, queries: tokens, keys: tokens, dim },
});

export function randomCall({ sizes, params, sees, causal }: MaskedCall): PlainCall {
  const { heads, kvHeads, queries, keys, dim } = sizes;
  const random = (rows: number) => Float32Array.from({ length: rows * dim }, () => 2 * Math.random() - 1);
  const bias = (_: unknown, at: number) => (sees(Math.floor(at / keys), at % keys) ? 0 : Number.NEGATIVE_INFINITY);
  return {
    ...sizes,
    query: random(heads * queries),
    key: random(kvHeads * keys),
    value: random(kvHeads * keys),
    causal,
    ...(params?.w ? { window: params.w, bias: Float32Array.from({ length: queries * keys }, bias) } : {}),
  };
}

export function visiblePairs({ sizes: { queries, keys }, sees }: MaskedCall): number {
  let count = 0;
  for (let q = keys - queries; q < keys; q++) for (let k = 0; k < keys; k++) count += sees(q, k) ? 1 : 0;
  return count;
}

/** The call as our kernels take it. */
export function inputsOf({ params = {} }: MaskedCall, call: PlainCall) {
  const { heads, kvHeads, queries, keys, dim, query, key, value } = call;
  return {
    query: { data: query, shape: [1, heads, queries, dim] },
    key: { data: key, shape: [1, kvHeads, keys, dim] },
    value: { data: value, shape: [1, kvHeads, keys, dim] },
    params,
  };
}
