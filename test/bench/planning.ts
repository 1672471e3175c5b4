// What a walk costs before the first key tile is looked at: time and memory to plan a kernel and to set up the walk of a
// call of 1 048 576 × 1 048 576 tokens, and how many tiles one query tile then visits. There is no table, so neither may
// grow with the call. Goal: 10 ms and 1 MB.
//
//     npm run bench -- planning

import { cpus, loadavg } from "node:os";
import { median, spread } from "../../src/cli/bench/measure.ts";
import { walkers } from "../../src/execute/walk.ts";
import { lowerAttention } from "../../src/ir/lower.ts";
import { optimize } from "../../src/passes/index.ts";
import { planProgram } from "../../src/schedule/choose.ts";
import { visits } from "../../src/schedule/traversal.ts";
import type { Case } from "../../src/spec/case.ts";
import { makeTensor } from "../../src/tensors/elements.ts";
import { wasmSimd128 } from "../../targets/wasm-simd128.ts";
import { attentionOf } from "../check.ts";

const TOKENS = 2 ** 20;
const ROUNDS = { warmUp: 5, rounds: 21 };

const PATTERNS = [
  {
    name: "causal and (window 4096 or sinks 4)",
    text: 'import { causal, sinks, sliding_window } from "std"\nattention a(w: int) { mask causal and (sinks(4) or sliding_window(w)) }',
    params: { w: 4096 },
  },
  {
    name: "prefix-LM, prefix 1000",
    text: "attention a(prefix: int) { mask q >= k or k < prefix }",
    params: { prefix: 1000 },
  },
  {
    name: "packed documents of 3000, sorted",
    text: "attention a(doc: i32[batch, token] sorted) { mask q >= k and doc[q] == doc[k] }",
    params: {},
  },
];

const nothing = makeTensor("f32", [0], []);
const doc = makeTensor(
  "i32",
  [1, TOKENS],
  Int32Array.from({ length: TOKENS }, (_, token) => Math.floor(token / 3000)),
);

console.log(
  `${cpus()[0]?.model.trim().split(" ").slice(0, 2).join(" ")}, load ${loadavg()[0]!.toFixed(1)}, Node ${process.version}`,
);
console.log(`${TOKENS} × ${TOKENS} tokens; medians of ${ROUNDS.rounds}, milliseconds [smallest .. largest]\n`);
console.log("| mask | plan and set up | bytes kept | tiles of the middle query tile |");
console.log("|---|---|---|---|");
for (const { name, text, params } of PATTERNS) {
  const attention = attentionOf(text);
  const call: Case = {
    attention,
    shape: { batch: 1, heads: 1, kvHeads: 1, queries: TOKENS, keys: TOKENS, dim: 64, valueDim: 64, axes: {} },
    params,
    tensors: attention.tensors.length > 0 ? { doc } : {},
    ...{ query: nothing, key: nothing, value: nothing },
  };
  const setUp = () => {
    const program = planProgram(optimize(lowerAttention(attention, { consts: params })), wasmSimd128, {
      dim: 64,
      valueDim: 64,
    }).value;
    // The first walker holds all that the others hold: the values of a query tile are found as it is taken.
    const first = walkers(program, call).next().value!;
    return { program, first };
  };
  const times: number[] = [];
  for (let round = -ROUNDS.warmUp; round < ROUNDS.rounds; round++) {
    const start = performance.now();
    setUp();
    if (round >= 0) times.push(performance.now() - start);
  }
  const bytes = kept(setUp);
  const { program } = setUp();
  let index = 0;
  let tiles = 0;
  for (const { alive, values } of walkers(program, call)) {
    if (index++ < TOKENS / wasmSimd128.tile.queries / 2) continue;
    for (const _ of visits(true, { first: 0, end: alive }, wasmSimd128.tile, values)) tiles += 1;
    break;
  }
  console.log(`| ${name} | ${spread(times)} | ${(bytes / 1024).toFixed(0)} KiB | ${tiles} |`);
  if (median(times) > 10) console.log("  beyond the goal of 10 ms");
}

/** What the heap holds more while the results are held, on average. */
function kept(make: () => unknown): number {
  const { gc } = globalThis as { gc?: () => void };
  if (!gc) throw new Error("run it by `npm run bench -- planning`, which lets it collect garbage");
  const results: unknown[] = [];
  gc();
  const before = process.memoryUsage();
  for (let index = 0; index < 16; index++) results.push(make());
  gc();
  const after = process.memoryUsage();
  const grown = after.heapUsed + after.arrayBuffers - before.heapUsed - before.arrayBuffers;
  return grown / results.length;
}
