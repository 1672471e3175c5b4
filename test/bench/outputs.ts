// What named outputs cost: the pass for statistics, in parts of the forward over the same rows. Goal: ≤ 0.6.
// Expected: of the two products of the forward only that of queries and keys is left, which is half of its work, and one
// exponential a pair as before; no maximum is searched, nothing is rescaled, and no values are packed. So a little over one half.
// The pass alone is timed as the difference to the same attention without outputs, but with the lse that the pass needs.
//
//     npm run bench -- outputs

import { cpus, loadavg } from "node:os";
import { assemble } from "../../src/backend/wasm/assemble.ts";
import { interleave, median, spread } from "../../src/cli/bench/measure.ts";
import { compileAttention } from "../../src/compile.ts";
import { instantiate, type Kernel } from "../../src/runtime/wasm.ts";
import { makeTensor } from "../../src/tensors/elements.ts";
import { wasmRelaxed } from "../../targets/wasm-relaxed.ts";
import { attentionOf } from "../check.ts";

const ROUNDS = { warmUp: 2, rounds: 9 };

const MASS = "output mass = sum[query] p";
const ENTROPY = "output entropy = -sum[key] (if p > 0.0 then p * log(p) else 0.0)";
const CAUSAL = "mask q >= k";
const CASES = [
  { name: "mass, full 2048", tokens: 2048, dim: 64, mask: "", outputs: MASS },
  { name: "mass, causal 2048", tokens: 2048, dim: 64, mask: CAUSAL, outputs: MASS },
  { name: "mass, causal 2048, dim 128", tokens: 2048, dim: 128, mask: CAUSAL, outputs: MASS },
  {
    name: "largest weight of rows, causal 2048",
    tokens: 2048,
    dim: 64,
    mask: CAUSAL,
    outputs: "output most = max[key] p",
  },
  { name: "row entropy, causal 2048", tokens: 2048, dim: 64, mask: CAUSAL, outputs: ENTROPY },
  { name: "mass and row entropy, causal 2048", tokens: 2048, dim: 64, mask: CAUSAL, outputs: `${MASS} ${ENTROPY}` },
  {
    name: "votes of the last 32 rows, causal 4096",
    tokens: 4096,
    dim: 64,
    mask: CAUSAL,
    outputs: "output votes = mean[group] avg_pool[key, 5] mean[query: last 32] p",
  },
] as const;

const heads = 4;
console.log(`${cpus()[0]?.model}, load ${loadavg()[0]!.toFixed(1)}, Node ${process.version}, relaxed SIMD, one thread`);
console.log(`${heads} heads; medians of ${ROUNDS.rounds} interleaved rounds, milliseconds [smallest .. largest]\n`);
console.log(row("case", "with outputs", "forward", "pass / forward"));
for (const { name, tokens, dim, mask, outputs } of CASES) {
  const random = () =>
    makeTensor(
      "f32",
      [1, heads, tokens, dim],
      Float32Array.from({ length: heads * tokens * dim }, () => 2 * Math.random() - 1),
    );
  const inputs = { query: random(), key: random(), value: random() } as never;
  const [plain, telling] = [
    await load(`attention t { ${mask} output lse }`, dim),
    await load(`attention t { ${mask} ${outputs} }`, dim),
  ];
  const [all, forward] = await interleave([() => telling.run(inputs), () => plain.run(inputs)], ROUNDS);
  const pass = (median(all!) - median(forward!)) / median(forward!);
  console.log(row(name, spread(all!), spread(forward!), pass.toFixed(3)));
}

async function load(text: string, dim: number): Promise<Kernel> {
  const settings = { dims: { dim, valueDim: dim }, consts: {} };
  const { emission } = compileAttention(attentionOf(text), wasmRelaxed, settings).value[0]!;
  return instantiate(assemble(emission.files[0]!.text), emission.description);
}

function row(...cells: readonly string[]): string {
  const widths = [44, 28, 28, 14];
  return cells
    .map((cell, column) => cell.padEnd(widths[column]!))
    .join("")
    .trimEnd();
}
