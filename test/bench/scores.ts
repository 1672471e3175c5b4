// What do scores of the distance cost? For each score the time of its kernel against the dense kernel without one, and
// against the same kernel in which every pair computes its score for itself instead of reading it from a table of the
// tile's distances. Rounds are interleaved in one process.
//
//     npm run bench -- scores

import { cpus, loadavg } from "node:os";
import { emitProgram } from "../../src/backend/index.ts";
import { assemble } from "../../src/backend/wasm/assemble.ts";
import { interleave, median, spread, worked } from "../../src/cli/bench/measure.ts";
import { compileAttention } from "../../src/compile.ts";
import { instantiate, type Kernel, type KernelInputs } from "../../src/runtime/wasm.ts";
import type { Program } from "../../src/schedule/plan.ts";
import { attendSteps } from "../../src/schedule/steps.ts";
import { makeTensor } from "../../src/tensors/elements.ts";
import type { Tensor } from "../../src/tensors/tensor.ts";
import { wasmRelaxed } from "../../targets/wasm-relaxed.ts";
import { attentionOf } from "../check.ts";
import { inlineDiagonals } from "../inline-diagonals.ts";

/** Differences of a few percent are looked for, on machines that may be busy. */
const ROUNDS = { warmUp: 1, rounds: 11, each: 5, now: worked };
const [tokens, heads, dim] = [2048, 2, 64];

type Score = {
  readonly name: string;
  readonly text: string;
  readonly params?: Readonly<Record<string, number>>;
  readonly tensors?: Readonly<Record<string, Tensor>>;
};

const random = (...shape: readonly number[]) =>
  makeTensor(
    "f32",
    shape,
    Float32Array.from({ length: shape.reduce((all, each) => all * each, 1) }, () => 2 * Math.random() - 1),
  );

const SCORES: readonly Score[] = [
  {
    name: "softcap 50",
    text: 'import { softcap } from "std" attention a { score softcap(50.0) }',
  },
  {
    name: "ALiBi",
    text: 'import { alibi_slope } from "std" attention a { score s + alibi_slope(h, len(head)) * (k - q) }',
  },
  {
    name: "relative bias of 257",
    text: 'import { relative_bias } from "std" attention a(table: f32[head, n]) { score relative_bias(table) }',
    tensors: { table: random(heads, 257) },
  },
  {
    name: "T5 buckets, 32 of 128",
    text: `
      // Arxiv 1910.10683: half of the buckets for either direction, half of those for exact distances.
      fn bucket(d: int) = if d < 8 then d else min(15, 8 + floor(log(d / 8.0) / log(128.0 / 8.0) * 8.0))
      attention a(table: f32[head, n]) {
        score s + table[bucket(abs(q - k)) + (if k > q then 16 else 0)]
      }`,
    tensors: { table: random(heads, 32) },
  },
  {
    name: "decay, exp(-|q - k| / tau)",
    text: "attention a(tau: float) { score s * exp(-abs(q - k) / tau) }",
    params: { tau: 100 },
  },
];

console.log(`${cpus()[0]?.model}, load ${loadavg()[0]!.toFixed(1)}, Node ${process.version}, relaxed SIMD, one thread`);
console.log(
  `${tokens} tokens, ${heads} heads, dim ${dim}; medians of ${ROUNDS.rounds} interleaved rounds of ${ROUNDS.each} runs,\nmilliseconds that the thread worked [smallest .. largest]\n`,
);
console.log(row("score", "tables", "t", "t pair by pair", "t0 (no score)", "t / t0", "pair by pair / t0"));
const shape = [1, heads, tokens, dim];
const bare = { query: random(...shape), key: random(...shape), value: random(...shape) } as unknown as KernelInputs;
const dense = await load(programOf("attention a {}"));
for (const { name, text, params = {}, tensors = {} } of SCORES) {
  const program = programOf(text);
  const [stored, inlined] = [await load(program), await load(inlineDiagonals(program))];
  const inputs = { ...bare, params, tensors } as unknown as KernelInputs;
  const runs = [() => stored.run(inputs), () => inlined.run(inputs), () => dense.run(bare)];
  const [own, others, without] = (await interleave(runs, ROUNDS)) as [number[], number[], number[]];
  const tables = attendSteps(program)[0]!.plan.diagonal.length;
  const ratio = (times: number[]) => (median(times) / median(without)).toFixed(3);
  console.log(row(name, String(tables), spread(own), spread(others), spread(without), ratio(own), ratio(others)));
}

function programOf(text: string): Program {
  const settings = { dims: { dim, valueDim: dim }, consts: {} };
  return compileAttention(attentionOf(text), wasmRelaxed, settings).value[0]!.program;
}

async function load(program: Program): Promise<Kernel> {
  const { files, description } = emitProgram(program, wasmRelaxed);
  return instantiate(assemble(files[0]!.text), description);
}

function row(...cells: readonly string[]): string {
  const widths = [28, 8, 24, 24, 24, 9, 9];
  return cells.map((cell, column) => cell.padEnd(widths[column]!)).join("");
}
