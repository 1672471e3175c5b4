// `attnc fuzz`: random programs against the laws of the compiler, for as long as one likes. A failure is made small,
// printed with its seed and path, and written as a file that reproduces it; a run whose programs were too dull fails too.

import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Failure } from "../../fuzz/judge.ts";
import { COUNTED, type Statistics, shortfalls } from "../../fuzz/statistics.ts";
import { wrongUsage } from "../command-error.ts";
import { readCount } from "../dims.ts";
import { writeAtomically } from "../files.ts";
import { type FuzzResult, type FuzzRun, runHere, runInJobs } from "../fuzz-runs.ts";
import { openFuzzTargets } from "../fuzz-targets.ts";
import { type Io, note } from "../io.ts";

type Options = {
  readonly only?: string;
  readonly targets?: string;
  readonly seconds?: string;
  readonly programs?: string;
  readonly seed?: string;
  readonly jobs?: string;
  readonly shard?: string;
  readonly out?: string;
  readonly json?: true;
};

export async function run(io: Io, _: readonly string[], options: Options): Promise<0 | 1> {
  const seed = readCount("--seed", options.seed, freshSeed(), 0);
  const plan: FuzzRun = {
    seed,
    shard: readShard(options.shard),
    seconds: readCount("--seconds", options.seconds, options.programs === undefined ? 60 : Infinity),
    programs: readCount("--programs", options.programs, Infinity),
    out: options.out ?? "attnc-regressions",
    ...(options.targets !== undefined && { targets: options.targets }),
  };
  const jobs = readCount("--jobs", options.jobs, 1);
  const { statistics, failures } = await runOn(io, plan, jobs);
  const files = failures.map((failure) => writeFailure(failure, plan.out));
  const dull = shortfalls(statistics);
  const passed = failures.length === 0 && dull.length === 0;
  if (options.json) io.out.write(`${JSON.stringify({ passed, seed, failures, files, dull, statistics })}\n`);
  else {
    io.out.write(inWords(statistics));
    for (const [index, failure] of failures.entries()) printFailure(io, failure, files[index]!);
    for (const text of dull) io.out.write(`too dull: ${text}\n`);
  }
  note(io, `seed ${seed}`);
  return passed ? 0 : 1;
}

async function runOn(io: Io, plan: FuzzRun, jobs: number): Promise<FuzzResult> {
  const targets = await openFuzzTargets(plan.targets);
  try {
    for (const place of targets.places) note(io, place);
    return await (jobs === 1 ? runHere(io, plan, targets.kernels) : runInJobs(io, plan, jobs));
  } finally {
    targets.close();
  }
}

/** Another one each time; it is printed, so that the run can be had again. */
const freshSeed = () => Date.now() % 1_000_000_007;

/** `i/n`: every n-th trial, beginning with the i-th; counted from 1. */
function readShard(text = "1/1"): FuzzRun["shard"] {
  const { 1: first, 2: step } = /^(\d+)\/(\d+)$/.exec(text) ?? [];
  if (Number(first) >= 1 && Number(first) <= Number(step)) return { first: Number(first) - 1, step: Number(step) };
  throw wrongUsage(`--shard takes i/n with 1 ≤ i ≤ n, but it is \`${text}\``);
}

function writeFailure({ seed, path, check, file }: Failure, folder: string): string {
  mkdirSync(folder, { recursive: true });
  const written = join(folder, `${check}-${seed}-${path}.attn`);
  writeAtomically(written, file);
  return written;
}

function printFailure(io: Io, { seed, path, check, why, file }: Failure, written: string): void {
  io.out.write(`\n${io.out.style(["red", "bold"], "wrong")}: ${check}: ${why}\n`);
  io.out.write(`seed ${seed}, path ${path}; written to ${written}\n\n${file}`);
}

function inWords({ programs, withAllClasses, operators, blocks, found, lists, kernels, refused }: Statistics): string {
  const share = (part = 0, whole = 0) => (whole === 0 ? "none" : `${((100 * part) / whole).toFixed(1)} %`);
  const foundBy = (name: "classifier" | "walk") =>
    `${share(found[name].empty, blocks.empty)} of the empty and ${share(found[name].full, blocks.full)} of the full blocks`;
  const shares = COUNTED.map((name) => `${name} ${share(operators[name], programs)}`);
  const codes = Object.entries(refused).map(([code, count]) => `${code} ${count}`);
  const calls = Object.entries(kernels).map(([name, count]) => `${name} ${count}`);
  const rows = [
    ["programs", `${programs}, of which ${share(withAllClasses, programs)} have empty, full and partial blocks`],
    ["blocks", `${blocks.empty ?? 0} empty, ${blocks.full ?? 0} full, ${blocks.partial ?? 0} partial`],
    ["classifier", `finds ${foundBy("classifier")}`],
    ["walk", `finds ${foundBy("walk")}`],
    ["lists", `${lists} programs write a list of blocks`],
    ["kernels", `${calls.length === 0 ? "no call" : calls.join(", ")} (calls that were run and compared)`],
    ["refused", codes.length === 0 ? "no text" : `${codes.join(", ")} (texts that do not compile)`],
    ["operators", shares.join(", ")],
  ];
  return rows.map(([name, text]) => `${name!.padEnd(10)} ${text}\n`).join("");
}
