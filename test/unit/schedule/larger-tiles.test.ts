// A larger tile is taken where it stays within one block of a choice: across two of them nothing can be skipped.

import { describe, expect, test } from "vitest";
import { compileAttention } from "../../../src/compile.ts";
import { attendSteps } from "../../../src/schedule/steps.ts";
import { cudaMma } from "../../../targets/cuda-mma.ts";
import { cudaSimt } from "../../../targets/cuda-simt.ts";
import { attentionOf } from "../execute/calls.ts";

const tileOf = (target: typeof cudaSimt, blocks?: string) => {
  const sparsity = blocks ? `sparsity some { blocks ${blocks} keep where i == j }\n` : "";
  const text = `${sparsity}attention t { mask k <= q ${blocks ? "sparsity some" : ""} }`;
  const settings = { dims: { dim: 64, valueDim: 64 }, element: "f16", consts: {} } as const;
  return attendSteps(compileAttention(attentionOf(text), target, settings).value[0]!.program)[0]!.plan.tile;
};

describe("matrix units", () => {
  test.each([
    [undefined, { queries: 128, keys: 64 }],
    ["128 x 64", { queries: 128, keys: 32 }],
    ["256 x 96", { queries: 128, keys: 32 }],
    ["64 x 64", { queries: 64, keys: 32 }],
    ["192 x 64", { queries: 64, keys: 32 }],
    ["128 x 48", { queries: 64, keys: 32 }],
  ])("blocks of %s", (blocks, tile) => expect(tileOf(cudaMma, blocks)).toEqual(tile));
});

describe("number by number", () => {
  test.each([
    [undefined, { queries: 64, keys: 32 }],
    ["64 x 64", { queries: 64, keys: 32 }],
    ["32 x 32", { queries: 32, keys: 32 }],
    ["64 x 16", { queries: 32, keys: 32 }],
  ])("blocks of %s", (blocks, tile) => expect(tileOf(cudaSimt, blocks)).toEqual(tile));
});
