// Calls of few query rows on CUDA: rows of all query heads of a KV head in one tile, stretches of the keys in blocks of their
// own, and a merge. Lengths around tiles and stretches, groups of every size, and rows that see nothing.

import { describe, expect } from "vitest";
import { cudaTargetOf } from "../../../src/backend/cuda/choose-target.ts";
import { cudaRunner } from "../../../src/cli/cuda/run-cuda.ts";
import { compileAttention } from "../../../src/compile.ts";
import { stepsFor } from "../../../src/schedule/few.ts";
import type { Case } from "../../../src/spec/case.ts";
import { floats, makeTensor } from "../../../src/tensors/elements.ts";
import { runLevels } from "../../../src/verify/levels.ts";
import type { RowElement } from "../../../targets/target.ts";
import { available, devices } from "../../device.ts";
import { attentionOf, callOf } from "../execute/calls.ts";

const running = devices({ CUDA: available(cudaRunner) });

const TEXTS = {
  "a causal mask": "attention t { mask k <= q output lse }",
  "a window": "attention t(window: int = 9) { mask k <= q mask q - k < window }",
  "slopes and sinks of heads":
    "attention t(slope: f32[head], sink: f32[head]) { score s + slope * (k - q) normalize softmax(sink = sink) output lse }",
  "a mask of the head": "attention t { mask q - k < (h + 1) * 100 output lse }",
  "rows that see nothing": "attention t { empty uniform mask k < q - 40 }",
};

const SHAPES = [
  ...[1, 2, 3, 4, 5, 6, 7, 8].map((group) => ({ heads: 2 * group, kvHeads: 2, queries: 1, keys: 300 })),
  { heads: 3, kvHeads: 1, queries: 7, keys: 17 },
  { heads: 3, kvHeads: 1, queries: 1, keys: 1 },
  { heads: 8, kvHeads: 1, queries: 4, keys: 1000 },
  { heads: 6, kvHeads: 2, queries: 16, keys: 64 },
];

function asRows(call: Case, element: RowElement): Case {
  const as = (tensor: Case["query"]) => makeTensor(element, tensor.shape, floats(tensor));
  return { ...call, query: as(call.query), key: as(call.key), value: as(call.value) };
}

describe.each(["f32", "bf16"] as const)("few rows of %s", (element) => {
  for (const [name, text] of Object.entries(TEXTS)) {
    running(`${name} agrees`, async () => {
      const attention = attentionOf(text);
      const target = cudaTargetOf(attention, element);
      const dims = element === "f32" ? { dim: 24, valueDim: 40 } : { dim: 72, valueDim: 64 };
      const calls = [
        ...SHAPES.map((shape) => callOf(attention, { shape: { batch: 1, ...shape, ...dims } })),
        callOf(attention, {
          shape: { batch: 3, heads: 6, kvHeads: 2, queries: 2, keys: 290, ...dims },
          keyLengths: [17, 290, 0],
          queryStart: [5, 300, 0],
        }),
      ];
      const { program } = compileAttention(attention, target, { dims, element, consts: {} }).value[0]!;
      for (const call of calls) {
        expect(stepsFor(program, call.shape).map((step) => step.name)).toEqual(["split", "merge"]);
        const { levels } = await runLevels(asRows(call, element), [cudaRunner], target.errorUlps);
        expect(levels, JSON.stringify({ shape: call.shape, levels })).toMatchObject([
          { kind: "compared", verdict: { agrees: true } },
        ]);
      }
    });
  }
});
