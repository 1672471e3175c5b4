// Orders of storage as kernels for CUDA, on a device or emulated, each told from others by blocks of stored places; and that
// tiles are skipped.

import { describe, expect } from "vitest";
import { cudaRunner } from "../../src/cli/cuda/run-cuda.ts";
import type { Case } from "../../src/spec/case.ts";
import { floats, makeTensor } from "../../src/tensors/elements.ts";
import { runLevels } from "../../src/verify/levels.ts";
import { cudaSimt } from "../../targets/cuda-simt.ts";
import type { RowElement } from "../../targets/target.ts";
import { available, devices } from "../device.ts";
import { attentionOf } from "../unit/execute/calls.ts";
import { orderCalls } from "../unit/execute/order-calls.ts";
import { changedElements, movedElements } from "../unit/execute/order-laws.ts";
import { orders } from "../unit/execute/orders.ts";
import { tilesAreSkipped } from "../unit/execute/skipping.ts";

const running = devices({ CUDA: available(cudaRunner) });

const withRows = (call: Case, element: RowElement): Case => {
  const as = (tensor: Case["query"]) => makeTensor(element, tensor.shape, floats(tensor));
  return { ...call, query: as(call.query), key: as(call.key), value: as(call.value) };
};

/** Those that are run as halves too: all tensors moved, and rows alone. */
const AS_HALVES = ["ties keep their order", "a picture in tiles", "rows alone"];

describe.each(Object.entries(orders))("%s", (name, text) => {
  for (const element of ["f32", ...(AS_HALVES.includes(name) ? (["bf16"] as const) : [])] as const) {
    running(`rows of ${element}`, async () => {
      for (const call of orderCalls(attentionOf(text))) {
        const { levels } = await runLevels(withRows(call, element), [cudaRunner], cudaSimt.errorUlps);
        expect(levels, JSON.stringify(levels)).toMatchObject([{ verdict: { agrees: true, undecided: [] } }]);
      }
    });
  }
});

running("tiles are skipped in the order, and only there", async () => {
  const { ordered, asTheyAre, worst } = await tilesAreSkipped((call) => cudaRunner.run(call));
  expect({ ordered, asTheyAre }).toEqual({ ordered: true, asTheyAre: false });
  expect(worst).toBeLessThan(5e-5);
});

running("what is moved comes back to where it was, and an order of ties changes no bit", async () => {
  expect(await movedElements((call) => cudaRunner.run(call))).toBe(0);
  expect(await changedElements((call) => cudaRunner.run(call))).toBe(0);
});
