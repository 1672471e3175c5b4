// A kernel on several threads: real workers give what one thread gives, bit for bit; what fails is said and passes; nothing
// keeps the process.

import { Worker as NodeWorker } from "node:worker_threads";
import { afterEach, describe, expect, test, vi } from "vitest";
import { inputsOf } from "../../../src/execute/kernel-call.ts";
import type { KernelInputs, KernelOutputs } from "../../../src/runtime/wasm.ts";
import { poison, randomInputs } from "../backend/kernel.ts";
import { attentionOf, type CallOptions, callOf } from "../execute/calls.ts";
import { features } from "../execute/features.ts";
import { buildsOf, watchedWorkers } from "./threads.ts";

const dims = { dim: 5, valueDim: 3 };
const bits = ({ out, lse, named = {} }: KernelOutputs) =>
  [out, lse, ...Object.values(named)].map(
    (tensor) => tensor && { shape: tensor.shape, words: new Uint32Array(tensor.data.buffer) },
  );

describe("bit for bit what one thread gives", () => {
  const programs = {
    ...Object.fromEntries(
      ["no mask", "causal", "documents per batch", "parameters per head", "table per KV head", "sink"].map((name) => [
        name,
        features[name]!,
      ]),
    ),
    ...Object.fromEntries(
      [
        "square of p with a sink",
        "weight of lse without normalising",
        "relu of sums",
        "distances with rows and keys",
      ].map((name) => [name, features[name]!]),
    ),
    "rows that see nothing, averaged": features["rows that see nothing, averaged"]!,
    "a list of blocks, summaries, two passes":
      "attention t(doc: i32[batch, token]) { mask q >= k mask doc[q] == doc[k] weight p * p output lse }",
    "chosen blocks in another order": `
      sparsity best { blocks 64 x 64 score dot(mean[query] Q, mean[key] K) share max group keep top 1 always i == j }
      permutation residues { of token order by k % 3, k }
      attention t { mask q >= k permute residues sparsity best output lse }`,
    "statistics of the map":
      "attention t { mask q >= k output mass = sum[query] p output most = max[query] p output votes = mean[group] sum[query: last 8] p output square = sum[key] (p * p) }",
  };
  const calls: readonly CallOptions[] = [
    { shape: { queries: 200, keys: 200 } },
    { shape: { queries: 17, keys: 1000, heads: 3, kvHeads: 1, batch: 1 } },
    { shape: { queries: 1, keys: 150 } },
    { shape: { batch: 3, queries: 130, keys: 170 }, keyLengths: [170, 6, 0], queryStart: [-2, 0, 12] },
    { shape: { queries: 0, keys: 4 } },
    { shape: { queries: 70, keys: 0 } },
    { shape: { batch: 0, queries: 70, keys: 70 } },
  ];

  test.each(Object.entries(programs))("%s", async (_, text) => {
    const watched = watchedWorkers();
    const attention = attentionOf(text);
    const builds = buildsOf(text, dims);
    const [one, three] = [await builds.one(), await builds.onThreads(3, watched)];
    for (const options of calls) {
      const call = callOf(attention, { ...options, shape: { ...options.shape, ...dims } });
      const wanted = one.run(inputsOf(call));
      poison(three);
      expect(bits(await three.run(inputsOf(call)))).toEqual(bits(wanted));
    }
    // Three workers took part in every call that has anything to compute.
    const busy = calls.filter(({ shape }) => shape?.queries !== 0 && shape?.batch !== 0).length;
    expect(watched.tasks()).toBeGreaterThanOrEqual(3 * busy);
    three.dispose();
  });

  test("in the relaxed build, where memory grows from call to call", async () => {
    const watched = watchedWorkers();
    const builds = buildsOf("attention t { mask q >= k output lse }", { dim: 8, valueDim: 8 }, "relaxed");
    const [one, two] = [await builds.one(), await builds.onThreads(2, watched)];
    const before = two.memory.buffer.byteLength;
    for (const tokens of [100, 700, 300, 2000]) {
      const shape = { batch: 1, heads: 4, kvHeads: 2, queries: tokens, keys: tokens, dim: 8, valueDim: 8 };
      const inputs = randomInputs(shape, tokens);
      expect(bits(await two.run(inputs))).toEqual(bits(one.run(inputs)));
    }
    expect(two.memory.buffer.byteLength).toBeGreaterThan(before);
    expect(watched.tasks()).toBe(8);
    two.dispose();
  });
});

const text = "attention t { mask q >= k output lse empty error }";
const inputs = (queries: number, seed = queries): KernelInputs =>
  randomInputs({ batch: 1, heads: 2, kvHeads: 2, queries, keys: queries, ...dims }, seed);

describe("calls", () => {
  test("run one after the other, also where one is refused", async () => {
    const builds = buildsOf(text, dims);
    const [one, two] = [await builds.one(), await builds.onThreads(2, watchedWorkers())];
    const refused = { ...inputs(100), key: inputs(90).key };
    const empty = { ...inputs(100), keyLengths: [90] };
    const [first, second, third, fourth] = await Promise.allSettled([
      two.run(inputs(150)),
      two.run(refused),
      two.run({ ...empty, queryStart: -95 }),
      two.run(inputs(140)),
    ]);
    expect(second).toMatchObject({ status: "rejected", reason: { code: "E0704", argument: "value" } });
    // 95 rows of each of two heads, counted by two threads.
    expect(third).toMatchObject({ status: "rejected", reason: { code: "E0710", message: /\b190 query rows/ } });
    expect([first, fourth].map((each) => each.status === "fulfilled" && bits(each.value))).toEqual(
      [150, 140].map((queries) => bits(one.run(inputs(queries)))),
    );
    two.dispose();
  });

  test("may allocate while one runs, and keep a cache", async () => {
    const builds = buildsOf(text, dims);
    const [one, two] = [await builds.one(), await builds.onThreads(2, watchedWorkers())];
    const call = inputs(300);
    const cache = two.allocate(call.key.shape);
    cache.data.set(call.key.data);
    const running = two.run({ ...call, key: cache });
    // The call is placed in the next turn.
    await Promise.resolve();
    two.allocate([1, 1, 4000, 5]).data.fill(Number.NaN);
    expect(bits(await running)).toEqual(bits(one.run(call)));
    expect(bits(await two.run({ ...call, key: cache }))).toEqual(bits(one.run(call)));
    two.dispose();
  });

  test("that are small, or one piece, stay on the thread of the caller", async () => {
    const watched = watchedWorkers();
    const kernel = await buildsOf(text, dims, "plain", 2 * 100 * 100 * 8 + 1).onThreads(2, watched);
    await kernel.run(inputs(100));
    expect(watched.tasks()).toBe(0);
    await kernel.run(inputs(101));
    expect(watched.tasks()).toBe(2);
    kernel.dispose();
    const few = await buildsOf(text, dims).onThreads(2, watched);
    const before = watched.tasks();
    await few.run(randomInputs({ batch: 1, heads: 4, kvHeads: 1, queries: 1, keys: 900, ...dims }, 1));
    expect(watched.tasks()).toBe(before);
    few.dispose();
  });
});

describe("a worker that fails", () => {
  /** A kernel that traps on calls of 130 rows, in the second tile of its rows. */
  const trap = (wat: string) =>
    wat.replace(
      /(\(func \$attend\.piece [^\n]*\n)/,
      "$1(if (i32.and (i32.eq (local.get $row) (i32.const 64)) (i32.eq (i32.const 130) (i32.load offset=12 (global.get $params)))) (then (unreachable)))\n",
    );

  test("by a trap rejects the call, and the next call runs on the same workers", async () => {
    const watched = watchedWorkers();
    const builds = buildsOf(text, dims);
    const [one, two] = [await builds.one(), await builds.onThreads(2, watched, trap)];
    await expect(two.run(inputs(130))).rejects.toThrow(/E0715: a worker failed: RuntimeError: unreachable/);
    expect(bits(await two.run(inputs(131)))).toEqual(bits(one.run(inputs(131))));
    expect(watched.workers.length).toBe(2);
    two.dispose();
  });

  test("by its death rejects the call, and the next call runs on a new one", async () => {
    const watched = watchedWorkers();
    const builds = buildsOf(text, dims);
    const [one, two] = [await builds.one(), await builds.onThreads(2, watched)];
    const running = two.run(inputs(3000));
    watched.workers[1]!.terminate();
    await expect(running).rejects.toThrow("E0715: a worker failed: it ended with code 1");
    expect(bits(await two.run(inputs(200)))).toEqual(bits(one.run(inputs(200))));
    expect(watched.workers.length).toBe(3);
    two.dispose();
  });

  test("between two calls is replaced", async () => {
    const watched = watchedWorkers();
    const builds = buildsOf(text, dims);
    const [one, two] = [await builds.one(), await builds.onThreads(2, watched)];
    await Promise.all(watched.workers.map((worker) => worker.terminate()));
    expect(bits(await two.run(inputs(200)))).toEqual(bits(one.run(inputs(200))));
    expect(watched.workers.length).toBe(4);
    two.dispose();
  });

  test.each([
    ["whose file is missing", "./nowhere.ts", /E0715: a worker failed: .*nowhere/],
    ["whose file throws", `data:text/javascript,throw new Error("mine")`, /E0715: a worker failed: mine/],
  ])("to start, %s, rejects the load and leaves none behind", async (_, file, message) => {
    const watched = watchedWorkers();
    let count = 0;
    const start: typeof watched.start = (Worker) => {
      count++;
      return count === 2 ? new Worker(new URL(file, import.meta.url), { type: "module" }) : watched.start(Worker);
    };
    await expect(buildsOf(text, dims).onThreads(2, { start })).rejects.toThrow(message);
    await expect.poll(() => watched.workers.map(({ threadId }) => threadId)).toEqual([-1]);
  });
});

test("dispose ends the workers: the call that runs and those to come are rejected", async () => {
  const watched = watchedWorkers();
  const kernel = await buildsOf(text, dims).onThreads(2, watched);
  const calls = [kernel.run(inputs(3000)), kernel.run(inputs(100))];
  await Promise.resolve();
  kernel.dispose();
  kernel.dispose();
  for (const call of [...calls, kernel.run(inputs(100))]) await expect(call).rejects.toThrow("E0711");
  expect(() => kernel.allocate([1])).toThrow("E0711");
  await expect.poll(() => watched.workers.map(({ threadId }) => threadId)).toEqual([-1, -1]);
});

test("where a library has made the workers of Node a global", async () => {
  vi.stubGlobal("Worker", NodeWorker);
  const watched = watchedWorkers();
  const builds = buildsOf(text, dims);
  const [one, two] = [await builds.one(), await builds.onThreads(2, watched)];
  expect(bits(await two.run(inputs(200)))).toEqual(bits(one.run(inputs(200))));
  two.dispose();
  vi.unstubAllGlobals();
});

describe("are refused by name", () => {
  afterEach(() => vi.unstubAllGlobals());

  test.each([0, 1.5, -1, Number.NaN])("%d threads", async (count) => {
    await expect(buildsOf(text, dims).onThreads(count, watchedWorkers())).rejects.toMatchObject({
      ...{ code: "E0705", argument: "threads" },
    });
  });

  test.each([
    ["is not isolated", "crossOriginIsolated", false],
    ["has no shared memory", "SharedArrayBuffer", undefined],
  ])("threads on a page that %s", async (_, name, value) => {
    vi.stubGlobal(name, value);
    const watched = watchedWorkers();
    await expect(buildsOf(text, dims).onThreads(2, watched)).rejects.toThrow(/E0714: .*Cross-Origin-Opener-Policy/);
    expect(watched.workers.length).toBe(0);
  });
});
