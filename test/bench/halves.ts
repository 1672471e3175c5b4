// What does it cost, or save, to keep keys and values as halves? For each call the time with f16 against that with f32, of
// the call as a whole and of the kernel without copies, on the same numbers. Rounds are interleaved in one process.
//
//     npm run bench -- halves

import { cpus, loadavg } from "node:os";
import { assemble } from "../../src/backend/wasm/assemble.ts";
import { interleave, median, type Run, spread, worked } from "../../src/cli/bench/measure.ts";
import { compileAttention } from "../../src/compile.ts";
import { instantiate, type KernelInputs } from "../../src/runtime/wasm.ts";
import { toHalf } from "../../src/tensors/half.ts";
import type { RowElement } from "../../targets/target.ts";
import { wasmRelaxed } from "../../targets/wasm-relaxed.ts";
import { attentionOf } from "../check.ts";
import { withoutCopies } from "./without-copies.ts";

/** A round is long enough for the clock of the thread's own work, which moves in steps. */
const ROUNDS = { warmUp: 2, rounds: 11, now: worked };
const RUNS = { few: 40, many: 3 };

type Sizes = Readonly<Record<"heads" | "kvHeads" | "queries" | "keys" | "dim", number>>;

const CALLS: Readonly<Record<string, Sizes>> = {
  "decode, 1 of 4096 × 8/8": { heads: 8, kvHeads: 8, queries: 1, keys: 4096, dim: 64 },
  "decode, 1 of 4096 × 8/2": { heads: 8, kvHeads: 2, queries: 1, keys: 4096, dim: 64 },
  "decode, 1 of 4096 × 8/2, dim 128": { heads: 8, kvHeads: 2, queries: 1, keys: 4096, dim: 128 },
  "decode, 8 of 4096 × 8/2": { heads: 8, kvHeads: 2, queries: 8, keys: 4096, dim: 64 },
  "prefill, 1024 × 8/8": { heads: 8, kvHeads: 8, queries: 1024, keys: 1024, dim: 64 },
  "prefill, 1024 × 8/2": { heads: 8, kvHeads: 2, queries: 1024, keys: 1024, dim: 64 },
};

console.log(`${cpus()[0]?.model}, load ${loadavg()[0]!.toFixed(1)}, Node ${process.version}, one thread, relaxed SIMD`);
console.log(`milliseconds of work: median [smallest .. largest] of ${ROUNDS.rounds} interleaved rounds\n`);
console.log(row("dim 64", "call, f32", "call, f16", "", "kernel, f32", "kernel, f16", ""));
for (const [name, sizes] of Object.entries(CALLS)) await compare(name, sizes);

async function compare(name: string, sizes: Sizes): Promise<void> {
  const inputs = randomCall(sizes);
  const [floats, halves] = [await runsOf(sizes, inputs, "f32"), await runsOf(sizes, halved(inputs), "f16")];
  const each = sizes.queries > 100 ? RUNS.many : RUNS.few;
  const times = await interleave([floats.call, halves.call, floats.kernel, halves.kernel], { ...ROUNDS, each });
  const ratio = (slow: number, fast: number) => `${(median(times[slow]!) / median(times[fast]!)).toFixed(2)}×`;
  const [callFloats, callHalves, kernelFloats, kernelHalves] = times.map(spread);
  console.log(row(name, callFloats!, callHalves!, ratio(0, 1), kernelFloats!, kernelHalves!, ratio(2, 3)));
}

function randomCall({ heads, kvHeads, queries, keys, dim }: Sizes): KernelInputs {
  const random = (...shape: readonly number[]) => ({
    data: Float32Array.from({ length: shape.reduce((all, each) => all * each, 1) }, () => 2 * Math.random() - 1),
    shape,
  });
  return {
    query: random(1, heads, queries, dim),
    key: random(1, kvHeads, keys, dim),
    value: random(1, kvHeads, keys, dim),
  };
}

function halved({ query, key, value }: KernelInputs): KernelInputs {
  const half = ({ data, shape }: KernelInputs["key"]) => ({
    data: Uint16Array.from(data as Float32Array, toHalf),
    shape,
  });
  return { query, key: half(key), value: half(value) };
}

async function runsOf(
  { dim }: Sizes,
  inputs: KernelInputs,
  element: RowElement,
): Promise<Record<"call" | "kernel", Run>> {
  const settings = { dims: { dim, valueDim: dim }, element, consts: {} };
  const { emission } = compileAttention(attentionOf("attention full {}"), wasmRelaxed, settings).value[0]!;
  const bytes = assemble(emission.files[0]!.text);
  const kernel = await instantiate(bytes, emission.description);
  const call = () => kernel.run(inputs);
  call();
  return { call, kernel: withoutCopies(bytes, kernel) };
}

function row(...cells: readonly string[]): string {
  const widths = [36, 24, 24, 9, 24, 24, 9];
  return cells
    .map((cell, column) => cell.padEnd(widths[column]!))
    .join("")
    .trimEnd();
}
