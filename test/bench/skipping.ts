// Does skipping pay? For each pattern the time of its kernel against the time of the same kernel without a mask, which
// visits every block and masks none. With f the share of 64 × 64 blocks that hold a visible pair, counted by brute force
// from the dense mask, the goal is t ≤ 1.15 · f · t₀ + 0.03 · t₀. Rounds are interleaved in one process.
//
//     npm run bench -- skipping

import { cpus, loadavg } from "node:os";
import { assemble } from "../../src/backend/wasm/assemble.ts";
import { interleave, median, spread } from "../../src/cli/bench/measure.ts";
import { compileAttention } from "../../src/compile.ts";
import { maskOf } from "../../src/reference/mask.ts";
import { instantiate, type Kernel, type KernelInputs } from "../../src/runtime/wasm.ts";
import type { Case } from "../../src/spec/case.ts";
import { makeTensor } from "../../src/tensors/elements.ts";
import type { Tensor } from "../../src/tensors/tensor.ts";
import { wasmRelaxed } from "../../targets/wasm-relaxed.ts";
import { attentionOf } from "../check.ts";

const ROUNDS = { warmUp: 3, rounds: 9 };
const TILE = 64;
const dim = 64;
const heads = 2;

type Pattern = {
  readonly name: string;
  readonly text: string;
  readonly tokens: number;
  readonly params?: Readonly<Record<string, number>>;
  readonly axes?: Readonly<Record<string, number>>;
  readonly tensors?: Readonly<Record<string, Tensor>>;
};

const ids = (tokens: number, of: (token: number) => number) =>
  makeTensor(
    "i32",
    [1, tokens],
    Int32Array.from({ length: tokens }, (_, token) => of(token)),
  );

const PATTERNS: readonly Pattern[] = [
  { name: "causal, 2048", tokens: 2048, text: 'import { causal } from "std" attention a { mask causal }' },
  {
    name: "window 256 of 4096",
    tokens: 4096,
    text: 'import { sliding_window } from "std" attention a(w: int in 1..) { mask sliding_window(w) }',
    params: { w: 256 },
  },
  {
    name: "documents of 300, 4096",
    tokens: 4096,
    text: "attention a(doc: i32[batch, token] sorted) { mask q >= k and doc[q] == doc[k] }",
    tensors: { doc: ids(4096, (token) => Math.floor(token / 300)) },
  },
  {
    name: "documents, not sorted, 4096",
    tokens: 4096,
    text: "attention a(doc: i32[batch, token]) { mask q >= k and doc[q] == doc[k] }",
    tensors: { doc: ids(4096, (token) => (Math.floor(token / 300) * 7) % 14) },
  },
  {
    name: "global 64 + window 128 of 4096",
    tokens: 4096,
    text: "attention a(w: int in 0.., g: int in 0..) { mask abs(q - k) <= w or k < g or q < g }",
    params: { w: 128, g: 64 },
  },
  {
    name: "NATTEN 9 × 9 of 64 × 64",
    tokens: 4096,
    text: `import { neighborhood } from "std"
      attention a(w: int in 1..) {
        grid (y, x)
        mask neighborhood(q.y, k.y, len(y), w, 1)
        mask neighborhood(q.x, k.x, len(x), w, 1)
      }`,
    params: { w: 9 },
    axes: { y: 64, x: 64 },
  },
];

console.log(`${cpus()[0]?.model}, load ${loadavg()[0]!.toFixed(1)}, Node ${process.version}, relaxed SIMD, one thread`);
console.log(
  `${heads} heads, dim ${dim}; medians of ${ROUNDS.rounds} interleaved rounds, milliseconds [smallest .. largest]\n`,
);
console.log(row("pattern", "f", "t", "t0 (no mask)", "t / t0", "allowed"));
for (const pattern of PATTERNS) {
  const call = callOf(pattern);
  const [masked, plain] = [await load(pattern.text), await load("attention a {}")];
  const { params: _, tensors: __, axes: ___, ...bare } = inputsOf(call, pattern);
  const [times, all] = await interleave(
    [() => masked.run(inputsOf(call, pattern)), () => plain.run(bare as KernelInputs)],
    ROUNDS,
  );
  const f = share(call);
  const ratio = median(times!) / median(all!);
  console.log(
    row(pattern.name, f.toFixed(4), spread(times!), spread(all!), ratio.toFixed(4), (1.15 * f + 0.03).toFixed(4)),
  );
}

function callOf({ text, tokens, params = {}, axes = {}, tensors = {} }: Pattern): Case {
  const attention = attentionOf(text);
  const random = () =>
    makeTensor(
      "f32",
      [1, heads, tokens, dim],
      Float32Array.from({ length: heads * tokens * dim }, () => 2 * Math.random() - 1),
    );
  const shape = { batch: 1, heads, kvHeads: heads, queries: tokens, keys: tokens, dim, valueDim: dim, axes };
  return { attention, shape, params, tensors, query: random(), key: random(), value: random() };
}

function inputsOf({ query, key, value }: Case, { params = {}, axes = {}, tensors = {} }: Pattern): KernelInputs {
  return { query, key, value, params, axes, tensors } as unknown as KernelInputs;
}

async function load(text: string): Promise<Kernel> {
  const settings = { dims: { dim, valueDim: dim }, consts: {} };
  const { program: _, emission } = compileAttention(attentionOf(text), wasmRelaxed, settings).value[0]!;
  return instantiate(assemble(emission.files[0]!.text), emission.description);
}

/** The share of blocks that hold a visible pair. */
function share(call: Case): number {
  const { queries, keys } = call.shape;
  const matrix = maskOf(call).matrix(0, 0);
  const blocks = new Set<number>();
  const across = Math.ceil(keys / TILE);
  for (let q = 0; q < queries; q++) {
    for (let k = 0; k < keys; k++) {
      if (matrix[q * keys + k]) blocks.add(Math.floor(q / TILE) * across + Math.floor(k / TILE));
    }
  }
  return blocks.size / (across * Math.ceil(queries / TILE));
}

function row(...cells: readonly string[]): string {
  const widths = [32, 8, 26, 26, 9, 9];
  return cells.map((cell, column) => cell.padEnd(widths[column]!)).join("");
}
