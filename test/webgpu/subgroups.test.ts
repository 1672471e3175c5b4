// Kernels for subgroups: on a device that has them, and their exchange step by step for every size that there is and for
// threads that do not stand in order, of which no device here is.

import { afterAll, describe, expect, test } from "vitest";
import { openAdapter } from "../../src/cli/webgpu/adapter.ts";
import { compileAttention } from "../../src/compile.ts";
import { wgslRunner } from "../../src/execute/run-wgsl.ts";
import { attend } from "../../src/reference/attention.ts";
import { boundOf } from "../../src/verify/bound.ts";
import { compare } from "../../src/verify/compare.ts";
import { webgpuSubgroups } from "../../targets/webgpu-subgroups.ts";
import { attentionOf, callOf } from "../unit/execute/calls.ts";

const opened = await openAdapter({ features: ["subgroups"] });
const adapter = typeof opened === "string" || !opened.device.features.has("subgroups") ? undefined : opened;
if (!adapter) console.warn("subgroups are not tested here: no adapter offers them");
else {
  const { subgroupMinSize, subgroupMaxSize } = adapter.device.adapterInfo;
  console.info(`subgroups of ${subgroupMinSize} to ${subgroupMaxSize} threads are tested on ${adapter.name}`);
}

afterAll(() => (typeof opened === "string" ? undefined : opened.close()));

const TEXTS = {
  causal: "attention t { mask q >= k output lse }",
  "a sink and a score": "attention t { score s - abs(q - k) normalize softmax(sink = 0.5) output lse }",
  "two passes": "attention t { mask q - k < 9 weight p * p output lse }",
  "linear weights": "attention t { mask q >= k normalize sum score s * s + 1.0 output lse }",
};

describe.each(Object.entries(TEXTS))("%s", (_, text) => {
  test.skipIf(!adapter)("agrees, with many rows and with few", async () => {
    const attention = attentionOf(text);
    for (const queries of [1, 34]) {
      const shape = { batch: 3, queries, keys: 130 };
      const call = callOf(attention, { shape, keyLengths: [130, 6, 0], queryStart: [96, 0, 12] });
      const result = await wgslRunner(adapter!.device, adapter!.name, webgpuSubgroups).run(call);
      const { agrees, worst } = compare(result, attend(call), boundOf(call, webgpuSubgroups.errorUlps), call.shape);
      expect(agrees, JSON.stringify(worst)).toBe(true);
    }
  });
});

test("the kernel of a softmax exchanges by subgroups, and says what it needs", () => {
  const settings = { dims: { dim: 64, valueDim: 64 }, consts: {} };
  const { files, description } = compileAttention(attentionOf(TEXTS.causal), webgpuSubgroups, settings).value[0]!
    .emission;
  expect(files[0]!.text).toMatch(/^enable subgroups;$/m);
  expect(files[0]!.text).toContain("max(near, subgroupShuffleXor(near, step))");
  expect(description.features).toEqual(["subgroups"]);
});

/** Where threads stand: the subgroup and the lane of each. Nothing in the language says that they stand in order. */
const ORDERS: Readonly<Record<string, (thread: number) => number>> = {
  "in order": (thread) => thread,
  backwards: (thread) => 63 - thread,
  "every eighth": (thread) => (thread % 8) * 8 + Math.floor(thread / 8),
  "two by two swapped": (thread) => thread ^ 2,
  "the first half in order": (thread) => (thread < 32 ? thread : 95 - thread),
};
const SIZES = [1, 2, 4, 8, 16, 32, 64, 128];

describe.each(Object.entries(ORDERS))("threads %s", (_, placeOf) => {
  test.each(SIZES)("in subgroups of %i: the highest score of a row is that of all strips", (size) => {
    for (const strips of [2, 4, 8, 16]) {
      const scores = Float64Array.from({ length: 64 }, (_, thread) => Math.sin(thread * 7.3 + size) * 100);
      const found = highestOfBands(scores, strips, size, placeOf);
      const wanted = scores.map((_, thread) => {
        const first = thread - (thread % strips);
        return Math.max(...scores.subarray(first, first + strips));
      });
      expect(found).toEqual(wanted);
    }
  });
});

test("where threads stand in order, whole subgroups take part", () => {
  const inOrder = (thread: number) => thread;
  expect(SIZES.map((size) => reachOf(16, size, inOrder))).toEqual([1, 2, 4, 8, 16, 16, 16, 16]);
  expect(reachOf(16, 32, (thread) => (thread % 8) * 8 + Math.floor(thread / 8))).toBe(1);
});

/** templates/wgsl/parts/tile-highest-subgroups.hbs, all 64 threads in step. */
function highestOfBands(scores: Float64Array, strips: number, size: number, placeOf: (thread: number) => number) {
  const reach = reachOf(strips, size, placeOf);
  let near = scores;
  for (let step = 1; step < reach; step *= 2) {
    const exchanged = shuffleXor(near, step, size, placeOf);
    near = near.map((own, thread) => Math.max(own, exchanged[thread]!));
  }
  return scores.map((_, thread) => {
    const first = thread - (thread % strips);
    let highest = Number.NEGATIVE_INFINITY;
    for (let other = 0; other < strips; other += reach) highest = Math.max(highest, near[first + other]!);
    return highest;
  });
}

/** templates/wgsl/parts/find-reach.hbs */
function reachOf(strips: number, size: number, placeOf: (thread: number) => number): number {
  const index = Float64Array.from({ length: 64 }, (_, thread) => thread);
  const reached = index.map(() => 1);
  for (let step = 1; step < strips; step *= 2) {
    const answers = shuffleXor(index, step & (size - 1), size, placeOf);
    for (const [thread, answer] of answers.entries()) {
      if (reached[thread] === step && answer === (thread ^ step)) reached[thread] = 2 * step;
    }
  }
  return Math.min(...reached);
}

/** What the lane of the subgroup that differs by `mask` holds; 0 where nobody stands there. */
function shuffleXor(values: Float64Array, mask: number, size: number, placeOf: (thread: number) => number) {
  const threadAt = new Map(Array.from(values, (_, thread) => [placeOf(thread), thread]));
  return values.map((_, thread) => {
    const place = placeOf(thread);
    const other = place - (place % size) + ((place % size) ^ mask);
    return values[threadAt.get(other) ?? -1] ?? 0;
  });
}
