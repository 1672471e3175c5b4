// Our kernels for WebGPU against those of onnxruntime-web, on one device in one process and in turns: a GPU where there is
// one, else software, which says how much work each does but not how fast a GPU does it. Tensors are copied in and results
// out on both sides. Every kernel's answer is laid beside sums in f64 before it is timed. Cold is from the shader's text to
// the first answer, with the driver's own cache switched off.
//
//     npm run bench -- webgpu, or node test/bench/webgpu.ts with a part of a case's name

import { cpus, loadavg } from "node:os";
import { interleave, median, type Run, spread, threeDigits } from "../../src/cli/bench/measure.ts";
import { type Adapter, openAdapter } from "../../src/cli/webgpu/adapter.ts";
import { compileAttention } from "../../src/compile.ts";
import { createKernel } from "../../src/runtime/webgpu.ts";
import { webgpu } from "../../targets/webgpu.ts";
import { attentionOf } from "../check.ts";
import { causal, full, inputsOf, type MaskedCall, randomCall, square, visiblePairs, window } from "./calls.ts";
import { worstRow } from "./expected.ts";
import { makePeer, type Operator, type PlainCall } from "./onnxruntime.ts";
import { loadOrtOnWebgpu, takesSubgroups } from "./onnxruntime-webgpu.ts";

const ROUNDS = 5;
const WARM_UP = 1;
/** Attentions are compiled so often for the time that a text takes. */
const TEXTS = 20;
/** Products of values below 1 in f32, in any order of summation. */
const MOST_WRONG = 1e-4;

type Case = MaskedCall & {
  readonly name: string;
  readonly peers: readonly Operator[];
  /** Times the peer's speed. */
  readonly floor?: number;
};

type Line = { readonly name: string; readonly call: Run; readonly cold: number; release(): Promise<void> };

process.env.MESA_SHADER_CACHE_DISABLE = "true";
process.env.__GL_SHADER_DISK_CACHE = "0";
const adapter = await openForBoth();
const ort = await loadOrtOnWebgpu(adapter);
console.log(`${adapter.name}; ${cpus()[0]?.model}, load ${loadavg()[0]!.toFixed(1)}, Node ${process.version}`);
console.log(`onnxruntime-web ${ort.version}, ${[...adapter.device.features].sort().join(" ")}`);
console.log(`milliseconds: median [smallest .. largest] of ${ROUNDS} interleaved rounds\n`);
console.log(row("", "call", "GFLOP/s", "cold", "ours is", "floor"));
const asked = process.argv[2] ?? "";
for (const each of casesFor(adapter).filter(({ name }) => name.includes(asked))) await compare(each);
adapter.close();

/** Subgroups as far as the peer is right with them; ours need none. */
async function openForBoth(): Promise<Adapter> {
  for (const features of [["subgroups", "shader-f16"], ["shader-f16"]] as const) {
    const adapter = await openAdapter({ features, clearsWorkgroups: true });
    if (typeof adapter === "string") throw new Error(adapter);
    if (!adapter.device.features.has("subgroups") || takesSubgroups(adapter.device)) return adapter;
    adapter.close();
  }
  throw new Error("a device was made with a feature that was not asked for");
}

/** Sizes that take a software adapter less than a second a call. */
function casesFor({ isSoftware }: Adapter): readonly Case[] {
  const [tokens, heads, long, kept] = isSoftware ? [512, 2, 1, 2048] : [4096, 16, 16, 8192];
  const decode = (kvHeads: number) => ({ heads: 8, kvHeads, queries: 1, keys: kept, dim: 64 });
  return [
    {
      name: `full, ${tokens} × ${heads}`,
      sizes: square(tokens, 64, heads),
      ...full,
      peers: ["MultiHeadAttention"],
      floor: 1,
    },
    {
      ...{ name: `causal, ${tokens} × ${heads}`, sizes: square(tokens, 64, heads), ...causal },
      ...{ peers: ["MultiHeadAttention", "GroupQueryAttention"], floor: 1.5 },
    },
    {
      ...{ name: `window 256 of 2048 × ${long}`, sizes: square(2048, 64, long), ...window(256) },
      ...{ peers: ["MultiHeadAttention", "GroupQueryAttention"], floor: 4 },
    },
    {
      ...{ name: `causal, ${tokens} × ${2 * heads}/${heads / 2}`, sizes: square(tokens, 64, 2 * heads, heads / 2) },
      ...{ ...causal, peers: ["GroupQueryAttention"], floor: 1.5 },
    },
    {
      name: `decode, 1 of ${kept} × 8/8`,
      sizes: decode(8),
      ...full,
      peers: ["MultiHeadAttention", "GroupQueryAttention"],
    },
    { name: `decode, 1 of ${kept} × 8/2`, sizes: decode(2), ...full, peers: ["GroupQueryAttention"] },
  ];
}

async function compare(each: Case): Promise<void> {
  const call = randomCall(each);
  const lines = [await ours(each, call)];
  for (const operator of each.peers) lines.push(await peerLine(each, operator, call));
  const times = await interleave(
    lines.map(({ call }) => call),
    { rounds: ROUNDS, warmUp: WARM_UP },
  );
  const flops = 4 * each.sizes.dim * each.sizes.heads * visiblePairs(each);
  console.log(`${each.name}, dim ${each.sizes.dim}: text in ${threeDigits(median(textTimes(each)))} ms`);
  for (const [index, { name, cold, release }] of lines.entries()) {
    const taken = times[index]!;
    const isPeer = index > 0;
    const ratio = isPeer ? `${threeDigits(median(taken) / median(times[0]!))}×` : "";
    const floor = isPeer && each.floor ? `${each.floor}×` : "";
    console.log(
      row(`  ${name}`, spread(taken), threeDigits(flops / median(taken) / 1e6), threeDigits(cold), ratio, floor),
    );
    await release();
  }
}

async function ours(each: Case, call: PlainCall): Promise<Line> {
  const { files, description } = compile(each);
  const shaders = Object.fromEntries(files.map(({ name, text }) => [name, text]));
  const inputs = inputsOf(each, call);
  const start = performance.now();
  const kernel = await createKernel(adapter.device, description, shaders);
  const { out } = await kernel.run(inputs);
  const cold = performance.now() - start;
  demandRight("attnc", out.data as Float32Array, each, call);
  return { name: "attnc", call: () => kernel.run(inputs), cold, release: async () => {} };
}

async function peerLine(each: Case, operator: Operator, call: PlainCall): Promise<Line> {
  const start = performance.now();
  const peer = await makePeer(ort, operator, call);
  const out = await peer.output();
  const cold = performance.now() - start;
  demandRight(operator, out, each, call);
  return { name: operator, call: () => peer.run(), cold, release: peer.release };
}

/** Throws where one computes something else: then the two do not compare. */
function demandRight(who: string, out: Float32Array, each: Case, call: PlainCall): void {
  const { row, difference } = worstRow(out, call, each.sees);
  if (difference < MOST_WRONG) return;
  throw new Error(`${each.name}: ${who} is ${difference} off in row ${row}: it computes something else`);
}

function compile({ text, sizes: { dim } }: MaskedCall) {
  const settings = { dims: { dim, valueDim: dim }, consts: {} };
  return compileAttention(attentionOf(text), webgpu, settings).value[0]!.emission;
}

function textTimes(each: MaskedCall): number[] {
  return Array.from({ length: TEXTS }, () => {
    const start = performance.now();
    compile(each);
    return performance.now() - start;
  });
}

function row(...cells: readonly string[]): string {
  const widths = [36, 26, 10, 10, 10, 6];
  return cells
    .map((cell, column) => cell.padEnd(widths[column]!))
    .join("")
    .trimEnd();
}
