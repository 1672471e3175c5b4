// Our Wasm kernels against onnxruntime on one thread, interleaved in one process, with the ceilings of the core in the
// same rounds. A call is what a user waits for: tensors in, the kernel, results out. `kernel` leaves the copies out and
// says how near the code comes to the ceiling. Work that a mask removes is not credited: GFLOP/s count visible pairs.
//
//     npm run bench -- wasm, or node test/bench/wasm.ts with a part of a case's name, and a file for the chart

import { writeFileSync } from "node:fs";
import { cpus, loadavg } from "node:os";
import { emitProgram } from "../../src/backend/index.ts";
import { assemble } from "../../src/backend/wasm/assemble.ts";
import { makeCeiling } from "../../src/cli/bench/ceiling.ts";
import { interleave, median, type Run, spread, threeDigits } from "../../src/cli/bench/measure.ts";
import { compileAttention } from "../../src/compile.ts";
import { instantiate } from "../../src/runtime/wasm.ts";
import type { AttendPlan, Program, Step } from "../../src/schedule/plan.ts";
import type { Target } from "../../targets/target.ts";
import { wasmRelaxed } from "../../targets/wasm-relaxed.ts";
import { wasmSimd128 } from "../../targets/wasm-simd128.ts";
import { attentionOf } from "../check.ts";
import { causal, full, inputsOf, type MaskedCall, randomCall, square, visiblePairs, window } from "./calls.ts";
import { type Bar, barChart, type Group } from "./chart.ts";
import { loadOrt, makePeer, type Operator, type Ort, type PlainCall } from "./onnxruntime.ts";
import { compareThreads } from "./threads.ts";
import { withoutCopies } from "./without-copies.ts";

const ROUNDS = 7;
const WARM_UP = 3;

type Case = MaskedCall & {
  readonly name: string;
  readonly peers: readonly Operator[];
  /** Also our own kernel where it visits every tile of keys, with the mask and without one. */
  readonly everyTile?: boolean;
  /** Also our own kernel with keys and values in its memory, where a KV cache stays from call to call. */
  readonly cached?: boolean;
};

const decode = (kvHeads: number) => ({ heads: 8, kvHeads, queries: 1, keys: 4096, dim: 64 });

const CASES: readonly Case[] = [
  ...[1024, 2048].flatMap((tokens): Case[] => [
    {
      ...{ name: `full, ${tokens} × 8 heads, dim 64`, sizes: square(tokens, 64), ...full },
      peers: ["Attention", "MultiHeadAttention"],
    },
    {
      ...{ name: `causal, ${tokens} × 8 heads, dim 64`, sizes: square(tokens, 64), ...causal },
      peers: ["Attention", "MultiHeadAttention"],
    },
  ]),
  {
    ...{ name: "full, 1024 × 8 heads, dim 128", sizes: square(1024, 128), ...full },
    peers: ["Attention"],
  },
  // Odd shapes, beside the round ones that are nearest to them.
  ...(
    [
      [1000, 64],
      [1024, 72],
      [1024, 96],
    ] as const
  ).map(
    ([tokens, dim]): Case => ({
      ...{ name: `full, ${tokens} × 8 heads, dim ${dim}`, sizes: square(tokens, dim), ...full },
      peers: [],
    }),
  ),
  {
    ...{ name: "causal, 1024 × 8/2 heads, dim 64", sizes: square(1024, 64, 8, 2), ...causal },
    peers: ["GroupQueryAttention", "Attention"],
  },
  {
    ...{ name: "window 256 of 4096 × 2 heads, dim 64", sizes: square(4096, 64, 2), ...window(256), everyTile: true },
    peers: ["MatMul-Softmax-MatMul"],
  },
  {
    ...{ name: "decode, 1 of 4096 × 8/8 heads, dim 64", sizes: decode(8), ...full, cached: true },
    peers: ["Attention", "GroupQueryAttention"],
  },
  {
    ...{ name: "decode, 1 of 4096 × 8/2 heads, dim 64", sizes: decode(2), ...full, cached: true },
    peers: ["Attention", "GroupQueryAttention"],
  },
];

const [asked = "", chartFile] = process.argv.slice(2);
const [web, native] = [await loadOrt("onnxruntime-web", 1), await loadOrt("onnxruntime-node", 1)];
const ceilings = { relaxed: makeCeiling("relaxed"), "mul+add": makeCeiling("mul+add") };
console.log(`${cpus()[0]?.model}, load ${loadavg()[0]!.toFixed(1)}, Node ${process.version}, one thread`);
console.log(web ? `onnxruntime-web ${web.version}` : "onnxruntime-web is not installed: our kernels alone");
console.log(
  native
    ? "onnxruntime-node, native code"
    : "onnxruntime-node: npm install --no-save --ignore-scripts onnxruntime-node",
);
console.log(`milliseconds: median [smallest .. largest] of ${ROUNDS} interleaved rounds; kernel is without copies\n`);
console.log(row("", "call", "kernel", "GFLOP/s", "of ceiling", "relaxed", "plain"));
const groups: Group[] = [];
for (const each of CASES.filter(({ name }) => name.includes(asked))) groups.push(await compare(each));
if (chartFile) writeFileSync(chartFile, barChart(groups));
console.log(`\n${"two workers against one".padEnd(46)}${"one".padEnd(26)}${"two".padEnd(26)}clock    worked`);
for (const each of CASES.filter(({ name }) => name.includes(asked))) {
  const inputs = inputsOf(each, randomCall(each));
  await compareThreads({ name: each.name, text: each.text, dim: each.sizes.dim, inputs });
}

type Line = {
  readonly name: string;
  readonly call: Run;
  /** The kernel without copies, and the ceiling that it is measured by. */
  readonly kernel?: Run;
  readonly ceiling?: keyof typeof ceilings;
};

type Peer = { readonly line: Line; release(): Promise<void> };

/** Prints one line for each of our builds and each peer; the last columns are the line's time over that of our builds. */
async function compare(each: Case): Promise<Group> {
  const { name, sizes } = each;
  const call = randomCall(each);
  const [relaxed, plain] = [await ours(each, call, wasmRelaxed), await ours(each, call, wasmSimd128)];
  const peers: Peer[] = [];
  // One after the other: the package makes one session at a time.
  const runtimes = [web, native].filter((ort) => ort !== undefined);
  for (const ort of runtimes) {
    for (const operator of each.peers) peers.push(await peerLine(ort, operator, call, relaxed.out));
  }
  const others = [
    ...(each.everyTile ? await everyTile(each, call) : []),
    ...(each.cached ? [await cachedLine(each, call)] : []),
  ];
  const lines: Line[] = [relaxed.line, plain.line, ...others, ...peers.map(({ line }) => line)];
  const kernels = lines.flatMap(({ kernel }) => (kernel ? [kernel] : []));
  const bounds = Object.values(ceilings);
  const runs = [...lines.map(({ call }) => call), ...kernels, ...bounds.map(({ run }) => run)];
  const times = await interleave(runs, { rounds: ROUNDS, warmUp: WARM_UP });
  await Promise.all(peers.map(({ release }) => release()));

  const most = Object.fromEntries(
    Object.keys(ceilings).map((kind, index) => [kind, bounds[index]!.gflops(median(times.at(index - bounds.length)!))]),
  );
  const flops = 4 * sizes.dim * sizes.heads * visiblePairs(each);
  console.log(
    `${name}    ceilings: relaxed ${threeDigits(most.relaxed!)}, mul+add ${threeDigits(most["mul+add"]!)} GFLOP/s`,
  );
  const bars: Bar[] = [];
  for (const [index, line] of lines.entries()) {
    const call = times[index]!;
    const kernel = line.kernel ? times[lines.length + kernels.indexOf(line.kernel)]! : undefined;
    const speed = flops / median(kernel ?? call) / 1e6;
    const share = line.ceiling ? `${((100 * speed) / most[line.ceiling]!).toFixed(0)} %` : "";
    const ratios = [0, 1].map((build) => `${threeDigits(median(call) / median(times[build]!))}×`);
    console.log(
      row(`  ${line.name}`, spread(call), kernel ? spread(kernel) : "", threeDigits(speed), share, ...ratios),
    );
    // A chart compares what callers wait for.
    bars.push({ name: line.name, value: flops / median(call) / 1e6, kind: /^attnc/.test(line.name) ? "ours" : "peer" });
  }
  return { name, bars, ceiling: most.relaxed! };
}

/** Our kernel for the case, and what it computes. */
async function ours(each: Case, call: PlainCall, target: Target<"wasm">, change = (program: Program) => program) {
  const { dim } = each.sizes;
  const settings = { dims: { dim, valueDim: dim }, consts: {} };
  const { program } = compileAttention(attentionOf(each.text), target, settings).value[0]!;
  const { files, description } = emitProgram(change(program), target);
  const bytes = assemble(files[0]!.text);
  const kernel = await instantiate(bytes, description);
  const run = () => kernel.run(inputsOf(each, call));
  const { out } = run();
  const isRelaxed = target === wasmRelaxed;
  const line: Line = {
    name: isRelaxed ? "attnc, relaxed" : "attnc, plain",
    call: run,
    kernel: withoutCopies(bytes, kernel),
    ceiling: isRelaxed ? "relaxed" : "mul+add",
  };
  return { line, kernel, out: out.data };
}

/** Our relaxed kernel where only the query and the result are copied. */
async function cachedLine(each: Case, call: PlainCall): Promise<Line> {
  const { kernel } = await ours(each, call, wasmRelaxed);
  const { key, value, ...rest } = inputsOf(each, call);
  const cacheOf = ({ data, shape }: typeof key) => {
    const cache = kernel.allocate(shape);
    cache.data.set(data);
    return cache;
  };
  const cache = { key: cacheOf(key), value: cacheOf(value) };
  return { name: "attnc, relaxed, cache in its memory", call: () => kernel.run({ ...rest, ...cache }) };
}

/** Our relaxed kernel where it looks at every tile of keys: with the mask on each of them, and without a mask. */
async function everyTile(each: Case, call: PlainCall): Promise<Line[]> {
  const walkless = (plan: AttendPlan): AttendPlan => ({
    ...plan,
    queryTile: [],
    traversal: { runs: [], unsolved: [] },
  });
  const change = (program: Program): Program => {
    const steps = program.steps.map((step) =>
      step.plan.kind === "attend" ? ({ ...step, plan: walkless(step.plan) } as Step) : step,
    );
    return { ...program, steps };
  };
  const { params: _, ...bare } = each;
  const masked = await ours(each, call, wasmRelaxed, change);
  const dense = await ours({ ...bare, ...full }, call, wasmRelaxed);
  return [
    { ...masked.line, name: "attnc, relaxed, masks every tile" },
    { ...dense.line, name: "attnc, relaxed, without a mask" },
  ];
}

/** A peer's line. Throws where it computes something else: then the two do not compare. */
async function peerLine(ort: Ort, operator: Operator, call: PlainCall, wanted: Float32Array): Promise<Peer> {
  const peer = await makePeer(ort, operator, call);
  const out = await peer.output();
  const worst = out.reduce((most, value, index) => Math.max(most, Math.abs(value - wanted[index]!)), 0);
  if (!(worst < 1e-4)) throw new Error(`${operator} differs by ${worst}: it computes something else`);
  const line: Line = { name: `${ort.name}, ${operator}`, call: () => peer.run() };
  return { line, release: peer.release };
}

function row(...cells: readonly string[]): string {
  const widths = [46, 26, 26, 9, 12, 9, 9];
  return cells
    .map((cell, column) => cell.padEnd(widths[column]!))
    .join("")
    .trimEnd();
}
