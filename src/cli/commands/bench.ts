// `attnc bench`: how long a call takes on this machine, on made-up tensors. The builds and the ceilings of the core are
// taken in turns, so that what else the machine does hits all of them alike.

import { cpus, loadavg } from "node:os";
import { wasmRelaxed } from "../../../targets/wasm-relaxed.ts";
import { wasmSimd128 } from "../../../targets/wasm-simd128.ts";
import { inputsOf } from "../../execute/kernel-call.ts";
import { loadKernel, runnerFor } from "../../execute/run-wasm.ts";
import type { Case } from "../../spec/case.ts";
import type { Attention } from "../../spec/spec.ts";
import { makeCase } from "../../verify/cases.ts";
import { completeParams, readParams, splitAssignments } from "../assignments.ts";
import { makeCeiling } from "../bench/ceiling.ts";
import { interleave, median, type Run, spread, threeDigits } from "../bench/measure.ts";
import { withCaptured } from "../call.ts";
import type { CallOptions } from "../calls.ts";
import { wrongUsage } from "../command-error.ts";
import { demandCompiles } from "../compiles.ts";
import { densityOf, walkMasks } from "../explain/blocks.ts";
import { type Io, note } from "../io.ts";
import { loadSound } from "../load.ts";
import { maskReads } from "../mask-reads.ts";
import { readSelector, selectOne } from "../selection.ts";
import { completeShape, readShape } from "../shapes.ts";
import { readTensors } from "../tensor-files.ts";

type Options = CallOptions & { readonly targets?: string; readonly rounds?: string; readonly json?: true };

/** A build, and the ceiling that it is measured by: whether products and sums are one instruction. */
const BUILDS = {
  wasm: { target: wasmSimd128, ceiling: "mul+add" },
  "wasm-relaxed": { target: wasmRelaxed, ceiling: "relaxed" },
} as const;
type Build = keyof typeof BUILDS;

/** Rounds to warm up: three at least, and as many as fit into these milliseconds. An engine takes about half a second of
 *  work until it has optimised every function of a kernel. */
const WARM_UP = { least: 3, milliseconds: 1000 };
const SEED = 1;

type Line = {
  readonly target: Build;
  readonly milliseconds: { readonly median: number; readonly smallest: number; readonly largest: number };
  readonly gflops: number;
  readonly ceilingGflops: number;
  /** Of keys, values, queries and results, each once. */
  readonly gigabytesPerSecond: number;
  readonly spread: string;
};

export async function run(io: Io, files: readonly string[], options: Options): Promise<0> {
  const builds = readBuilds(options.targets);
  const rounds = readRounds(options.rounds);
  const selector = readSelector(files[0]!);
  const loaded = loadSound(io, selector.path);
  const attention = selectOne(loaded.attentions, selector);
  const call = callFor(attention, options);
  for (const build of builds) demandCompiles(io, call, build, loaded);
  note(
    io,
    `${cpus()[0]?.model}, load ${loadavg()[0]!.toFixed(1)}, one thread, ${rounds} rounds; a call copies in and out`,
  );
  const lines = await measure(call, builds, rounds);
  if (options.json) io.out.write(`${JSON.stringify(lines.map(({ spread: _, ...line }) => line))}\n`);
  else for (const line of lines) io.out.write(`${inWords(line)}\n`);
  return 0;
}

function readBuilds(targets?: string): readonly Build[] {
  const names = targets?.split(",") ?? Object.keys(BUILDS).filter((name) => runs(name as Build));
  const unknown = names.find((name) => !Object.hasOwn(BUILDS, name));
  if (unknown !== undefined) {
    throw wrongUsage(
      `\`bench\` measures no target \`${unknown}\`; it knows ${Object.keys(BUILDS).join(" and ")}`,
      "a folder that `attnc build --target cuda` wrote measures itself, with measure.py",
    );
  }
  return names as Build[];
}

const runs = (build: Build) => runnerFor(BUILDS[build].target).available() === true;

function readRounds(text = "9"): number {
  const rounds = Number(text);
  if (Number.isInteger(rounds) && rounds > 0) return rounds;
  throw wrongUsage(`--rounds is \`${text}\`, not a whole number from 1 on`);
}

/** The shape and the parameters that are asked for; tensors are the caller's, or made up within their contracts. */
function callFor(attention: Attention, options: Options): Case {
  const params = completeParams(attention, readParams(attention, splitAssignments("--set", options.set ?? [])));
  const given = readShape(attention, splitAssignments("--shape", options.shape ?? []));
  const shape = completeShape(attention, params, given, 1024);
  const queryStart = given.query_start ?? false;
  const call = makeCase(attention, { shape, profile: "normal", keyLengths: false, queryStart, seed: SEED }, params);
  const tensors = new Map([...Object.entries(call.tensors), ...readTensors(options.in ?? [])]);
  return withCaptured(call, given, tensors, attention.tensors);
}

async function measure(call: Case, builds: readonly Build[], rounds: number): Promise<Line[]> {
  const kernels = await Promise.all(builds.map((build) => loadKernel(call, BUILDS[build].target)));
  const ceilings = builds.map((build) => makeCeiling(BUILDS[build].ceiling));
  const calls = kernels.map((kernel): Run => {
    const inputs = inputsOf(call, kernel.description.rows);
    return () => kernel.run(inputs);
  });
  const runs = [...calls, ...ceilings.map(({ run }) => run)];
  const started = performance.now();
  for (const run of runs) run();
  const warmUp = Math.max(WARM_UP.least, Math.ceil(WARM_UP.milliseconds / (performance.now() - started)));
  const times = await interleave(runs, { warmUp, rounds });
  const work = workOf(call);
  return builds.map((target, index) => {
    const taken = times[index]!;
    return {
      target,
      milliseconds: { median: median(taken), smallest: Math.min(...taken), largest: Math.max(...taken) },
      gflops: work.flops / median(taken) / 1e6,
      ceilingGflops: ceilings[index]!.gflops(median(times[builds.length + index]!)),
      gigabytesPerSecond: work.bytes / median(taken) / 1e6,
      spread: spread(taken),
    };
  });
}

/** Floating-point operations of the two products, where a pair is visible, and bytes that are read and written once. */
function workOf(call: Case): { readonly flops: number; readonly bytes: number } {
  const { attention, shape } = call;
  const { batch, heads, kvHeads, queries, keys, dim, valueDim } = shape;
  const reads = maskReads(attention);
  const pairs = batch * heads * queries * keys * densityOf(call, reads, walkMasks(call, reads)).density;
  const rows = batch * (heads * queries + kvHeads * keys) * (dim + valueDim);
  return { flops: 2 * pairs * (dim + valueDim), bytes: 4 * rows };
}

function inWords({ target, spread, gflops, ceilingGflops, gigabytesPerSecond }: Line): string {
  const share = ((100 * gflops) / ceilingGflops).toFixed(0);
  return [
    `${target.padEnd(13)} ${`${spread} ms`.padEnd(29)}`,
    `${threeDigits(gflops)} GFLOP/s, ${share} % of the core's ${threeDigits(ceilingGflops)}; ${threeDigits(gigabytesPerSecond)} GB/s`,
  ].join(" ");
}
