// Our Wasm kernels on two threads against one, interleaved. The machine must have two cores to spare: with other work on
// them, a ratio says what was left over. onnxruntime-web is not beside them: its threads spin while they wait for work.
//
//     npm run bench -- threads

import { cpus, loadavg } from "node:os";
import { assemble } from "../../src/backend/wasm/assemble.ts";
import { compileAttention } from "../../src/compile.ts";
import { instantiate, instantiateThreads } from "../../src/runtime/wasm.ts";
import { wasmRelaxed } from "../../targets/wasm-relaxed.ts";
import { attentionOf } from "../check.ts";
import { interleave, median, spread, threeDigits } from "./measure.ts";
import type { PlainCall } from "./onnxruntime.ts";

const THREADS = 2;
const ROUNDS = { warmUp: 3, rounds: 9 };
const CAUSAL = 'import { causal } from "std" attention causal_attention { mask causal }';

type Case = { readonly name: string; readonly text: string; readonly sizes: Sizes };
type Sizes = Pick<PlainCall, "heads" | "kvHeads" | "queries" | "keys" | "dim">;
const square = (tokens: number, heads = 8, kvHeads = heads): Sizes => ({
  ...{ heads, kvHeads, queries: tokens, keys: tokens, dim: 64 },
});

const CASES: readonly Case[] = [
  { name: "full, 1024 × 8", text: "attention full {}", sizes: square(1024) },
  { name: "causal, 2048 × 8", text: CAUSAL, sizes: square(2048) },
  { name: "causal, 2048 × 8/2", text: CAUSAL, sizes: square(2048, 8, 2) },
  { name: "causal, 4096 × 1", text: CAUSAL, sizes: square(4096, 1) },
];

console.log(`${cpus()[0]?.model}, load ${loadavg()[0]!.toFixed(1)}, Node ${process.version}, relaxed SIMD, dim 64`);
console.log(`milliseconds a call: median [smallest .. largest] of ${ROUNDS.rounds} interleaved rounds\n`);
console.log(row("", "one thread", `${THREADS} threads`, "medians", "smallest"));
for (const each of CASES) console.log(row(each.name, ...(await compare(each))));

async function compare({ text, sizes }: Case): Promise<string[]> {
  const { heads, kvHeads, queries, keys, dim } = sizes;
  const random = (rows: number) => Float32Array.from({ length: rows * dim }, () => 2 * Math.random() - 1);
  const tensors = { query: random(heads * queries), key: random(kvHeads * keys), value: random(kvHeads * keys) };
  const inputs = {
    query: { data: tensors.query, shape: [1, heads, queries, dim] },
    key: { data: tensors.key, shape: [1, kvHeads, keys, dim] },
    value: { data: tensors.value, shape: [1, kvHeads, keys, dim] },
  };
  const settings = { dims: { dim, valueDim: dim }, consts: {} };
  const { files, description } = compileAttention(attentionOf(text), wasmRelaxed, settings).value[0]!.emission;
  const [alone, shared] = files.map((file) => assemble(file.text)) as [
    Uint8Array<ArrayBuffer>,
    Uint8Array<ArrayBuffer>,
  ];
  const one = await instantiate(alone, description);
  const worker = new URL("../../src/runtime/worker.ts", import.meta.url);
  const two = await instantiateThreads(
    shared,
    description,
    THREADS,
    (Worker) => new Worker(worker, { type: "module" }),
  );
  const times = await interleave([() => one.run(inputs), () => two.run(inputs)], ROUNDS);
  two.dispose();
  const ratio = (of: (times: readonly number[]) => number) => `${threeDigits(of(times[0]!) / of(times[1]!))}×`;
  return [spread(times[0]!), spread(times[1]!), ratio(median), ratio((all) => Math.min(...all))];
}

function row(...cells: readonly string[]): string {
  const widths = [22, 26, 26, 10, 10];
  return cells
    .map((cell, column) => cell.padEnd(widths[column]!))
    .join("")
    .trimEnd();
}
