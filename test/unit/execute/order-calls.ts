// Calls of attentions with an order: ragged ones, few rows of many keys, rows beyond the keys, batches of their own lengths,
// positions that wrap around, and more tokens than are sorted at once.

import type { Case } from "../../../src/spec/case.ts";
import type { Attention } from "../../../src/spec/spec.ts";
import { type CallOptions, callOf } from "./calls.ts";

const CALLS: readonly (CallOptions & { readonly tokens: readonly [queries: number, keys: number] })[] = [
  { tokens: [1, 1] },
  { tokens: [40, 40] },
  { tokens: [5, 63] },
  { tokens: [33, 7] },
  { tokens: [0, 4] },
  { tokens: [4, 0] },
  { tokens: [34, 65], keyLengths: [65, 6], queryStart: [-2, 12], shape: { heads: 4, kvHeads: 2 } },
  { tokens: [30, 40], keyLengths: [40, 0], queryStart: [2 ** 31 - 7, -(2 ** 31)] },
  { tokens: [290, 290], keyLengths: [290, 258] },
];

export const orderCalls = (attention: Attention): readonly Case[] =>
  CALLS.map(({ tokens: [queries, keys], ...options }) => {
    const axes = attention.grid ? { y: Math.ceil(keys / 9) } : {};
    return callOf(attention, { ...options, shape: { heads: 2, kvHeads: 1, ...options.shape, queries, keys, axes } });
  });
