// The choice of blocks on CUDA, rule by rule: against the reference on whole numbers, whose sums are exact, so that ties are
// ties; on ragged lengths with poison behind them; and with values that no kernel may read unless a block is chosen.

import { describe, expect } from "vitest";
import { cudaRunner } from "../../../src/cli/cuda/run-cuda.ts";
import { missingNvcc } from "../../../src/cli/cuda/toolchain.ts";
import { attend } from "../../../src/reference/attention.ts";
import type { Case } from "../../../src/spec/case.ts";
import { floats, makeTensor } from "../../../src/tensors/elements.ts";
import type { Tensor } from "../../../src/tensors/tensor.ts";
import { boundOf } from "../../../src/verify/bound.ts";
import { compare } from "../../../src/verify/compare.ts";
import { cudaSimt } from "../../../targets/cuda-simt.ts";
import { available, devices } from "../../device.ts";
import { kernelUsage } from "../../registers.ts";
import { attentionOf, callOf } from "../execute/calls.ts";

const running = devices({ CUDA: available(cudaRunner) });

const PRODUCT = "score dot(sum[query] Q, sum[key] K)";
const MEANS = "score dot(mean[query] Q, mean[key] K) * scale";

/** The rules of a sparsity, and the clauses of the attention beside it. */
const RULES: Readonly<Record<string, readonly [rules: string, clauses?: string]>> = {
  "the best of equals": [`blocks 4 x 4 ${PRODUCT} keep top 2`],
  "uneven blocks under a window": [`blocks 3 x 5 ${MEANS} keep top 2 always contains 7`, "mask k <= q mask q - k < 11"],
  "the lower half": [`blocks 4 x 4 ${PRODUCT} keep ratio 0.5`, "mask k <= q"],
  "three tenths and what is begun": [`blocks 4 x 4 ${PRODUCT} keep ratio 0.3 ceil`, "mask k <= q"],
  "a third, rounded": [`blocks 4 x 4 ${PRODUCT} keep ratio 0.333333 round`, "mask k <= q"],
  "all of the mass": [`blocks 4 x 4 ${MEANS} keep mass 1.0 of softmax else none`],
  "more than all of the mass": [`blocks 4 x 4 ${MEANS} keep mass 1.5 of softmax`],
  "none of the mass beyond all": [`blocks 4 x 4 ${MEANS} keep mass 1.5 of softmax else none always diagonal`],
  "mass of few": [`blocks 4 x 4 ${MEANS} keep mass 0.6 of softmax at least 1 at most 2 always within last 1`],
  "what is above": [`blocks 4 x 4 ${PRODUCT} among j <= i keep above 3.0 always within first 1`, "mask k <= q"],
  "every other block": ["blocks 4 x 4 keep where (i + j) % 2 == 0 always first 1", "mask k <= q"],
  "every other block, and the best": [
    `blocks 4 x 4 ${PRODUCT} keep where (i + j) % 2 == 0 at least 3 always within diagonal`,
    "mask k <= q",
  ],
  "the highest score of a group": [`blocks 4 x 4 ${PRODUCT} share max group keep top 1`],
  "the mean of all heads": [`blocks 4 x 4 ${MEANS} share heads keep top 2`],
  "blocks of which nothing is proved": [`blocks 4 x 4 ${PRODUCT} keep top 1`, "mask (q * 7 + k * 3) % 11 < 2"],
  "largest and least elements": [
    `blocks 4 x 4 score max(dot(max[query] Q, max[key] K), dot(max[query] Q, min[key] K)) keep top 2`,
  ],
  "some rows of uneven blocks": [
    `blocks 3 x 5 score dot(sum[query: last 2] Q, sum[key: first 3] K) + dot(min[query] Q, max[key: last 2] K) keep top 2`,
    "mask k <= q",
  ],
  "blocks of single tokens": [`blocks 1 x 1 ${MEANS} keep top 3`, "mask k <= q"],
};

const SHAPES = [
  { queries: 17, keys: 17 },
  { queries: 6, keys: 30 },
  { queries: 30, keys: 6 },
  { queries: 1, keys: 9 },
  { queries: 3, keys: 0 },
  { queries: 0, keys: 4 },
];

/** The call with rows of whole numbers; poison stays. */
function withWholeRows(call: Case): Case {
  const whole = (tensor: Tensor) => makeTensor("f32", tensor.shape, Array.from(floats(tensor), Math.round));
  return { ...call, query: whole(call.query), key: whole(call.key) };
}

/** Sums of whole numbers are exact, so that no row is left out: equal scores are really equal, and decided by their blocks. */
async function expectAgreement(call: Case): Promise<void> {
  const bound = { ...boundOf(call, cudaSimt.errorUlps), undecided: [] };
  const verdict = compare(await cudaRunner.run(call), attend(call), bound, call.shape);
  expect(verdict, JSON.stringify({ shape: call.shape, verdict })).toMatchObject({ agrees: true });
}

describe.each(Object.entries(RULES))("%s", (_, [rules, clauses = ""]) => {
  const attention = attentionOf(`sparsity chosen { ${rules} }\nattention t { ${clauses} sparsity chosen }`);

  running("agrees on every shape", async () => {
    for (const shape of SHAPES) await expectAgreement(withWholeRows(callOf(attention, { shape })));
  });

  running("agrees where batches end early", async () => {
    const shape = { batch: 3, queries: 18, keys: 21 };
    await expectAgreement(withWholeRows(callOf(attention, { shape, keyLengths: [21, 6, 0], queryStart: [-2, 0, 12] })));
  });
});

running("more key blocks than a block has threads", async () => {
  const text = `sparsity best(n: int) { blocks 2 x 2 ${MEANS} share max group keep top n always within last 2 }
attention t(n: int = 40) { mask k <= q or k % 7 == 0 sparsity best(n) output lse }`;
  const shape = { batch: 1, heads: 2, kvHeads: 1, queries: 5, keys: 600 };
  await expectAgreement(withWholeRows(callOf(attentionOf(text), { shape })));
});

running("two choices, of which a pair needs both", async () => {
  const text = `sparsity best { blocks 4 x 4 ${PRODUCT} keep top 2 }
sparsity near { blocks 2 x 3 ${MEANS} keep above 0.01 always diagonal }
attention t(gate: f32[batch, token]) { mask gate[k] < 1.0 sparsity best sparsity near }`;
  await expectAgreement(withWholeRows(callOf(attentionOf(text), { shape: { queries: 21, keys: 21 } })));
});

running("positions that wrap around", async () => {
  const text = `sparsity best { blocks 4 x 4 ${PRODUCT} keep top 2 }\nattention t { sparsity best }`;
  for (const start of [2 ** 31 - 9, -(2 ** 31), 2 ** 30]) {
    const call = callOf(attentionOf(text), { shape: { batch: 1, queries: 18, keys: 17 }, queryStart: [start] });
    await expectAgreement(withWholeRows(call));
  }
});

/** A product with a hidden value that is NaN would be NaN too, so where none comes out the tile was skipped. */
describe.each([
  { element: "f32", queries: 130, dim: 40 },
  { element: "f16", queries: 130, dim: 40 },
  { element: "bf16", queries: 130, dim: 64 },
  { element: "f16", queries: 4, dim: 40 },
] as const)("$queries rows of $element", ({ element, queries, dim }) => {
  running("the values of blocks that are not chosen are never read", async () => {
    const text = `sparsity some { blocks 64 x 64 keep where (i + j) % 3 == 0 }\nattention t { sparsity some }`;
    const shape = { batch: 1, heads: 2, kvHeads: 1, queries, keys: 300, dim, valueDim: 24 };
    const call = callOf(attentionOf(text), { shape });
    const as = (tensor: Tensor, data: ArrayLike<number> = floats(tensor)) =>
      makeTensor(element, tensor.shape, Array.from(data));
    const halves = { ...call, query: as(call.query), key: as(call.key), value: as(call.value) };
    const whole = await cudaRunner.run(halves);
    expect(whole.out.every(Number.isFinite)).toBe(true);
    for (let rows = 0; rows < Math.ceil(queries / 64); rows++) {
      // Of this row of blocks, what is not chosen is spoilt; of the others nothing is said.
      const isChosen = (key: number) => (rows + Math.floor(key / 64)) % 3 === 0;
      const spoilt = Array.from(floats(halves.value), (value, at) =>
        isChosen(Math.floor(at / shape.valueDim) % shape.keys) ? value : Number.NaN,
      );
      const own = (_: number, at: number) => Math.floor((Math.floor(at / shape.valueDim) % queries) / 64) === rows;
      const { out } = await cudaRunner.run({ ...halves, value: as(call.value, spoilt) });
      expect(out.filter(own)).toEqual(whole.out.filter(own));
    }
  });
});

const compiling = devices({ nvcc: missingNvcc() });

describe.each([
  ["f32", "mass of few"],
  ["bf16", "the highest score of a group"],
] as const)("rows of %s", (element, name) => {
  compiling(`${name} compiles for devices and spills nothing`, async () => {
    const [rules, clauses = ""] = RULES[name]!;
    const text = `sparsity chosen { ${rules.replace("4 x 4", "128 x 64")} }\nattention t { ${clauses} sparsity chosen }`;
    const usage = await kernelUsage(attentionOf(text), 128, element);
    const steps = ["pool_chosen_query", "pool_chosen_key", "score_chosen", "choose_chosen", "attend", "split", "merge"];
    expect(new Set(usage.map(({ kernel }) => kernel))).toEqual(new Set(steps.map((step) => `t_${step}`)));
    expect(usage.filter(({ spilledBytes }) => spilledBytes > 0)).toEqual([]);
  });
});
