// What choosing blocks costs and gains: a quarter of the blocks chosen at run time, beside the same kernel over all of them.
// Goals: with the choice ≤ 0.45 of the time without, and the choice alone < 10 % of a whole attention. The choice alone
// is timed as an attention that keeps nothing, which runs every step and visits no block.
//
//     npm run bench -- sparsity

import { cpus, loadavg } from "node:os";
import { assemble } from "../../src/backend/wasm/assemble.ts";
import { interleave, median, spread } from "../../src/cli/bench/measure.ts";
import { compileAttention } from "../../src/compile.ts";
import { instantiate, type Kernel, type KernelInputs } from "../../src/runtime/wasm.ts";
import { makeTensor } from "../../src/tensors/elements.ts";
import { wasmRelaxed } from "../../targets/wasm-relaxed.ts";
import { attentionOf } from "../check.ts";

const ROUNDS = { warmUp: 2, rounds: 7 };
const dim = 64;
const heads = 2;

const MEANS = "dot(mean[query] Q, mean[key] K) * scale";
/** As Video-BLADE samples them: a quarter of the queries and of the keys of each block. */
const SAMPLED = "max[query: where q % 4 == 1] (max[key: where k % 4 == 3] s - max[row: where k % 4 == 3] s)";
/** As PBS-Attn stores them: keys by what the last rows see of them, within segments. */
const BY_IMPORTANCE = `permutation by_importance {
    of key per head within 256
    order by mean[query: last 128] softmax[key] s descending
  }`;

type Choice = {
  readonly rule: string;
  readonly mask: string;
  readonly block: number;
  readonly score?: string;
  readonly permutes?: boolean;
};

const choosing = ({ rule, mask, block, score = MEANS, permutes = false }: Choice) => `
  ${permutes ? BY_IMPORTANCE : ""}
  sparsity chosen_blocks(amount: float) {
    blocks ${block} x ${block}
    score  ${score}
    keep   ${rule}
  }
  attention sparse(amount: float) { ${mask} ${permutes ? "permute by_importance" : ""} sparsity chosen_blocks(amount) }`;

const QUARTER = { rule: "ratio amount", amount: 0.25 };
const CASES: readonly (Choice & { readonly name: string; readonly tokens: number; readonly amount: number })[] = [
  { name: "4096, blocks of 64, a quarter", tokens: 4096, block: 64, mask: "", ...QUARTER },
  { name: "8192, blocks of 128, a quarter", tokens: 8192, block: 128, mask: "", ...QUARTER },
  { name: "8192, 128, a quarter, keys by importance", tokens: 8192, block: 128, mask: "", permutes: true, ...QUARTER },
  { name: "8192, 128, a quarter by sampled pairs", tokens: 8192, block: 128, mask: "", score: SAMPLED, ...QUARTER },
  { name: "8192, blocks of 128, a quarter of causal", tokens: 8192, block: 128, mask: "mask q >= k", ...QUARTER },
  {
    name: "8192, blocks of 128, mass 0.9 of causal",
    tokens: 8192,
    block: 128,
    mask: "mask q >= k",
    rule: "mass amount of softmax",
    amount: 0.9,
  },
];

console.log(`${cpus()[0]?.model}, load ${loadavg()[0]!.toFixed(1)}, Node ${process.version}, relaxed SIMD, one thread`);
console.log(
  `${heads} heads, dim ${dim}; medians of ${ROUNDS.rounds} interleaved rounds, milliseconds [smallest .. largest]\n`,
);
console.log(row("case", "chosen", "all blocks", "chosen / all", "choice alone", "of all"));
for (const { name, tokens, amount, ...choice } of CASES) {
  const random = () =>
    makeTensor(
      "f32",
      [1, heads, tokens, dim],
      Float32Array.from({ length: heads * tokens * dim }, () => 2 * Math.random() - 1),
    );
  const tensors = { query: random(), key: random(), value: random() };
  const sparse = await load(choosing(choice));
  const plain = await load(`attention plain { ${choice.mask} }`);
  const inputs = (params: object) => ({ ...tensors, params }) as unknown as KernelInputs;
  const [chosen, all, none] = await interleave(
    [() => sparse.run(inputs({ amount })), () => plain.run(inputs({})), () => sparse.run(inputs({ amount: 0 }))],
    ROUNDS,
  );
  const ratio = (part: readonly number[]) => (median(part) / median(all!)).toFixed(3);
  console.log(row(name, spread(chosen!), spread(all!), ratio(chosen!), spread(none!), ratio(none!)));
  if (choice.permutes) await measureOrder(choice, inputs, median(all!));
}

/** What the order alone costs: a call that keeps nothing, beside the same one without an order. */
async function measureOrder(choice: Choice, inputs: (params: object) => KernelInputs, all: number): Promise<void> {
  const [ordered, plain] = await Promise.all(
    [choice, { ...choice, permutes: false }].map((each) => load(choosing(each))),
  );
  const [long, short] = await interleave(
    [ordered!, plain!].map((kernel) => () => kernel.run(inputs({ amount: 0 }))),
    { warmUp: 2, rounds: 21 },
  );
  const costs = long!.map((time, round) => time - short![round]!);
  console.log(`  the order alone     ${spread(costs)}     ${((100 * median(costs)) / all).toFixed(1)} % of all`);
}

async function load(text: string): Promise<Kernel> {
  const settings = { dims: { dim, valueDim: dim }, consts: {} };
  const { emission } = compileAttention(attentionOf(text), wasmRelaxed, settings).value[0]!;
  return instantiate(assemble(emission.files[0]!.text), emission.description);
}

function row(...cells: readonly string[]): string {
  const widths = [44, 26, 26, 14, 26, 8];
  return cells
    .map((cell, column) => cell.padEnd(widths[column]!))
    .join("")
    .trimEnd();
}
