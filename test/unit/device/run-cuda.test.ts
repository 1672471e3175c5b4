// The kernel of every feature against the reference, emulated unless there is a device, on shapes that leave ragged tiles
// everywhere: within the bound of every element, with rows apart, results poisoned and guards around them.

import { describe, expect } from "vitest";
import { cudaRunner } from "../../../src/cli/cuda/run-cuda.ts";
import { floats, makeTensor } from "../../../src/tensors/elements.ts";
import type { Tensor } from "../../../src/tensors/tensor.ts";
import { runLevels } from "../../../src/verify/levels.ts";
import { cudaMma } from "../../../targets/cuda-mma.ts";
import { cudaSimt } from "../../../targets/cuda-simt.ts";
import { regressions } from "../../corpus/regressions.ts";
import { available, devices } from "../../device.ts";
import { attentionOf, callOf } from "../execute/calls.ts";
import { features } from "../execute/features.ts";

const running = devices({ CUDA: available(cudaRunner) });

const shapes = [
  { queries: 1, keys: 1 },
  { queries: 17, keys: 17 },
  { queries: 5, keys: 70 },
  { queries: 70, keys: 5 },
  { queries: 3, keys: 0 },
  { queries: 0, keys: 4 },
];

describe.each(Object.entries(features))("%s", (_, text) => {
  const attention = attentionOf(text);
  const lengths = { keyLengths: [17, 6, 0], queryStart: [-2, 0, 12] };

  running("agrees on every shape", async () => {
    const calls = [
      ...shapes.map((shape) => callOf(attention, { shape })),
      callOf(attention, { shape: { batch: 3, queries: 18, keys: 17 }, ...lengths }),
    ];
    for (const call of calls) {
      const { levels } = await runLevels(call, [cudaRunner], cudaSimt.errorUlps);
      expect(levels, JSON.stringify(levels)).toMatchObject([{ kind: "compared", verdict: { agrees: true } }]);
    }
  });
});

describe("what some level once got wrong", () => {
  for (const { name, call } of regressions) {
    running(name, async () => {
      const { levels } = await runLevels(call, [cudaRunner], cudaSimt.errorUlps);
      expect(levels).toMatchObject([{ kind: "compared", verdict: { agrees: true, undecided: [] } }]);
    });
  }
});

/** Rows of 16 bits, in all of query, key, value and out: matrix units multiply them. */
const HALVES = [
  ...["no mask", "run-time window", "documents per batch", "bias of rows and keys", "sink", "dropout", "none"],
  ...["square of p with a sink", "weight of lse", "rows that see nothing, averaged", "scale of the pair", "cosine"],
];
describe.each(["f16", "bf16"] as const)("rows of %s", (element) => {
  const as = (tensor: Tensor) => makeTensor(element, tensor.shape, floats(tensor));
  for (const name of HALVES) {
    running(`${name} agrees, and rounds its results`, async () => {
      // Dims that are multiples of 8 are copied asynchronously, others are not.
      const dims = name.length % 2 === 0 ? { dim: 9, valueDim: 5 } : { dim: 24, valueDim: 40 };
      const call = callOf(attentionOf(features[name]!), { shape: { queries: 17, keys: 70, ...dims } });
      const halves = { ...call, query: as(call.query), key: as(call.key), value: as(call.value) };
      const { levels } = await runLevels(halves, [cudaRunner], cudaMma.errorUlps);
      expect(levels, JSON.stringify(levels)).toMatchObject([{ kind: "compared", verdict: { agrees: true } }]);
      const { out, rounded } = await cudaRunner.run(halves);
      expect(rounded).toBe(element);
      const { data } = as({ dtype: "f32", shape: [out.length], data: out });
      expect(floats({ dtype: element, shape: [out.length], data })).toEqual(Float32Array.from(out));
    });
  }
});

/** More tiles than the ring of shared memory has slots for, whole ones among them; then rows that take two blocks. */
describe.each([
  { name: "run-time window", dims: { dim: 64, valueDim: 128 }, shape: { queries: 130, keys: 330 } },
  { name: "square of p with a sink", dims: { dim: 72, valueDim: 40 }, shape: { queries: 5, keys: 300 } },
  { name: "documents per batch", dims: { dim: 136, valueDim: 144 }, shape: { queries: 17, keys: 200 } },
])("rows of bf16, $dims, $shape", ({ name, dims, shape }) => {
  const as = (tensor: Tensor) => makeTensor("bf16", tensor.shape, floats(tensor));
  running(`${name} agrees over many tiles`, async () => {
    const call = callOf(attentionOf(features[name]!), { shape: { batch: 1, ...shape, ...dims } });
    const halves = { ...call, query: as(call.query), key: as(call.key), value: as(call.value) };
    const { levels } = await runLevels(halves, [cudaRunner], cudaMma.errorUlps);
    expect(levels, JSON.stringify(levels)).toMatchObject([{ kind: "compared", verdict: { agrees: true } }]);
  });
});

/** Halves that are read by scores and masks, one by one and as summaries, beside rows of floats and of halves. */
describe.each(["f16", "bf16"] as const)("captured tensors of %s", (element) => {
  const as = (tensor: Tensor) => makeTensor(element, tensor.shape, floats(tensor));
  for (const [name, text] of Object.entries({
    "a bias of every pair": `attention a(bias: ${element}[head, query, key]) { score s + bias[q, k] }`,
    "a table read from anywhere": `attention a(t: ${element}[n]) { score s + t[(q * 3 + k * k) % len(n)] output lse }`,
    "a mask of stretches": `attention a(gate: ${element}[batch, token] in 0.0..1.0) { mask gate[k] < 0.3 }`,
  })) {
    running(name, async () => {
      for (const shape of [
        { queries: 17, keys: 70 },
        { queries: 1, keys: 1 },
      ]) {
        const call = callOf(attentionOf(text), { shape });
        const halves = { ...call, query: as(call.query), key: as(call.key), value: as(call.value) };
        for (const [each, { errorUlps }] of [[call, cudaSimt] as const, [halves, cudaMma] as const]) {
          const { levels } = await runLevels(each, [cudaRunner], errorUlps);
          expect(levels, JSON.stringify(levels)).toMatchObject([{ kind: "compared", verdict: { agrees: true } }]);
        }
      }
    });
  }
});

running("a row that sees nothing is an error where the attention says so", async () => {
  const call = callOf(attentionOf("attention t { empty error mask q > k }"));
  await expect(cudaRunner.run(call)).rejects.toThrow("E0710");
});
