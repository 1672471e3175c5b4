// What a program binds: the tensors that the caller passes, the results, and the scratch between steps, in the order in
// which every backend binds them. Extents are expressions, so that one program serves all lengths.

import type * as ir from "../ir/expr.ts";
import { extent, int, op } from "../ir/make.ts";
import { keepsLse } from "../ir/statistics.ts";
import type { BlockListPlan, Buffer, Dims, Rows, Split, StepOf, SummaryPlan } from "./plan.ts";

/** Names of the tensors that every attention takes and gives; captured tensors must not use them. */
export const RESERVED_BUFFERS = ["query", "key", "value", "key_lengths", "query_start", "out", "lse"] as const;

/** Inputs first, then outputs; lse is scratch where only steps ask for it. `key_lengths` and `query_start` may be left out by the caller. */
export function callBuffers(attention: ir.AttentionIr, dims: Dims, { query, stored: cached }: Rows): Buffer[] {
  const rows = [extent("batch"), extent("heads"), extent("queries")];
  const stored = [extent("batch"), extent("kvHeads"), extent("keys")];
  const buffers: Buffer[] = [
    { name: "query", role: "input", element: query, extents: [...rows, int(dims.dim)] },
    { name: "key", role: "input", element: cached, extents: [...stored, int(dims.dim)] },
    { name: "value", role: "input", element: cached, extents: [...stored, int(dims.valueDim)] },
    ...attention.tensors.map(({ name, element, extents }) => ({ name, role: "input" as const, element, extents })),
    { name: "key_lengths", role: "input", element: "i32", extents: [extent("batch")] },
    { name: "query_start", role: "input", element: "i32", extents: [extent("batch")] },
    { name: "out", role: "output", element: query, extents: [...rows, int(dims.valueDim)] },
  ];
  const lse = attention.outputs.lse ? "output" : "scratch";
  if (keepsLse(attention)) buffers.push({ name: "lse", role: lse, element: "f32", extents: rows });
  return buffers;
}

/** Row statistics that the first of two passes leaves to the second. */
export function statisticsBuffer(name: string): Buffer {
  const extents = [extent("batch"), extent("heads"), extent("queries"), int(2)];
  return { name, role: "scratch", element: "f32", extents };
}

/** What the stretches of a split leave to the merge; see Split. */
export function partsBuffer({ parts, keys }: Split, { valueDim }: Dims, mostBytes: number): Buffer {
  const rows = [extent("batch"), extent("heads"), extent("queries")];
  const extents = [...rows, tilesOf(extent("keys"), keys), int(valueDim + PART_WORDS)];
  return { name: parts, role: "scratch", element: "f32", extents, mostBytes };
}

/** What a part says of its row beside the sums: the highest score, the sum of exponentials, and whether a key was seen. */
export const PART_WORDS = 3;

/** How many tiles of this size cover a length; the only expression of lengths that an extent may be. */
export const tilesOf = (length: ir.Expr, size: number): ir.Expr =>
  op("floorDiv", op("add", length, int(size - 1)), int(size));

/** What a summary of a captured tensor leaves to the passes over the keys. */
export function summaryBuffers({ plan: { least, most } }: StepOf<SummaryPlan>): Buffer[] {
  return [least, most].map(({ name, element, extents }) => ({ name, role: "scratch", element, extents }));
}

/** Bytes of a list: 64 MiB hold that of 262 144 tokens on both sides, in tiles of 64. */
const MOST_LISTED = 2 ** 26;

/** The list of blocks: one word a block, so that every list fits and keeps its place whatever the others hold. */
export function blockListBuffers({ plan: { list, tile } }: StepOf<BlockListPlan>): Buffer[] {
  const rows = [extent("batch"), tilesOf(extent("queries"), tile.queries)];
  return [
    { name: list.counts, role: "scratch", element: "i32", extents: rows },
    {
      ...{ name: list.tiles, role: "scratch", element: "i32" },
      extents: [...rows, tilesOf(extent("keys"), tile.keys)],
      mostBytes: MOST_LISTED,
    },
  ];
}
