// What another order of storage gains: neighborhood attention on a picture, stored row by row, in tiles and along Morton's
// curve. The goal is 2 times the speed of rows for tiles at window 13 of 64 × 64; there a row of the picture is a tile of the kernel, so
// rows visit 13 tiles where tiles visit 9, and no more than 1.44 times can be gained. A wider picture shows what is.
//
//     npm run bench -- orders

import { cpus, loadavg } from "node:os";
import { assemble } from "../../src/backend/wasm/assemble.ts";
import { interleave, median, spread } from "../../src/cli/bench/measure.ts";
import { compileAttention } from "../../src/compile.ts";
import { instantiate, type Kernel, type KernelInputs } from "../../src/runtime/wasm.ts";
import { makeTensor } from "../../src/tensors/elements.ts";
import { wasmRelaxed } from "../../targets/wasm-relaxed.ts";
import { attentionOf } from "../check.ts";

const ROUNDS = { warmUp: 2, rounds: 9 };
const dim = 64;
const heads = 2;

const picture = (side: number, window: number, permute: string) => `
  import { morton, neighborhood, tiles } from "std"
  attention near {
    grid (y: ${side}, x: ${side})
    mask neighborhood(q.y, k.y, len(y), ${window}, 1) and neighborhood(q.x, k.x, len(x), ${window}, 1)
    ${permute}
  }`;

const PICTURES = [
  { side: 64, window: 13 },
  { side: 64, window: 7 },
  { side: 128, window: 13 },
] as const;
const ORDERS = [
  { order: "rows", permute: "" },
  { order: "tiles of 8 × 8", permute: "permute tiles(8, 8)" },
  { order: "Morton's curve", permute: "permute morton" },
] as const;

console.log(`${cpus()[0]?.model}, load ${loadavg()[0]!.toFixed(1)}, Node ${process.version}, relaxed SIMD, one thread`);
console.log(
  `${heads} heads, dim ${dim}; medians of ${ROUNDS.rounds} interleaved rounds, milliseconds [smallest .. largest]`,
);
for (const { side, window } of PICTURES) {
  const tokens = side * side;
  const random = () =>
    makeTensor(
      "f32",
      [1, heads, tokens, dim],
      Float32Array.from({ length: heads * tokens * dim }, () => 2 * Math.random() - 1),
    );
  const inputs = { query: random(), key: random(), value: random() } as unknown as KernelInputs;
  const kernels = await Promise.all(ORDERS.map(({ permute }) => load(picture(side, window, permute))));
  const times = await interleave(
    kernels.map((kernel) => () => kernel.run(inputs)),
    ROUNDS,
  );
  console.log(`\n${side} × ${side} tokens, window ${window} × ${window}`);
  for (const [index, { order }] of ORDERS.entries()) {
    const ratio = (median(times[0]!) / median(times[index]!)).toFixed(2);
    console.log(`  ${order.padEnd(20)}${spread(times[index]!).padEnd(28)}${ratio}×`);
  }
}

async function load(text: string): Promise<Kernel> {
  const settings = { dims: { dim, valueDim: dim }, consts: {} };
  const { emission } = compileAttention(attentionOf(text, "near"), wasmRelaxed, settings).value[0]!;
  return instantiate(assemble(emission.files[0]!.text), emission.description);
}
