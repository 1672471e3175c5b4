// Runs of the fuzz: in this process until time or programs are up, or in several processes, each with a share of the trials. Trials
// are numbered, so shares never meet and a run with more jobs looks at the same programs.

import { spawn } from "node:child_process";
import { type Failure, judgeTrial } from "../fuzz/judge.ts";
import type { KernelTarget } from "../fuzz/kernel.ts";
import { add, NO_STATISTICS, type Statistics } from "../fuzz/statistics.ts";
import type { Io } from "./io.ts";
import { startProgress } from "./progress.ts";

export type FuzzRun = {
  readonly seed: number;
  /** The numbers first, first + step, … of the seed's stream. */
  readonly shard: { readonly first: number; readonly step: number };
  /** Limits, infinite where there is none. */
  readonly seconds: number;
  readonly programs: number;
  /** The folder for failures; jobs write there too. */
  readonly out: string;
  /** Names of the targets whose kernels are tried, as in `--targets`; the default if absent. */
  readonly targets?: string;
};

export type FuzzResult = { readonly statistics: Statistics; readonly failures: readonly Failure[] };

/** Stops at the first failure. */
export async function runHere(
  io: Io,
  { seed, shard, seconds, programs }: FuzzRun,
  kernels: readonly KernelTarget[],
): Promise<FuzzResult> {
  const progress = startProgress(io);
  const start = performance.now();
  let statistics = NO_STATISTICS;
  const failures: Failure[] = [];
  for (let path = shard.first; statistics.programs < programs && failures.length === 0; path += shard.step) {
    const elapsed = (performance.now() - start) / 1000;
    if (elapsed >= seconds) break;
    if (Number.isFinite(programs))
      progress.update(statistics.programs, programs, `programs, seed ${seed}, path ${path}`);
    else progress.update(Math.floor(elapsed), seconds, `seconds, seed ${seed}, path ${path}`);
    const verdict = await judgeTrial(seed, path, kernels);
    statistics = add(statistics, verdict.statistics);
    if (verdict.failure) failures.push(verdict.failure);
  }
  progress.end();
  return { statistics, failures };
}

/** Every job is this command again, with a share of the shard. */
export async function runInJobs(io: Io, run: FuzzRun, jobs: number): Promise<FuzzResult> {
  const progress = startProgress(io);
  let done = 0;
  const results = await Promise.all(
    Array.from({ length: jobs }, async (_, job) => {
      const result = await runJob(run, job, jobs);
      done += 1;
      progress.update(done, jobs, "jobs");
      return result;
    }),
  );
  progress.end();
  return {
    statistics: results.map((result) => result.statistics).reduce(add, NO_STATISTICS),
    failures: results.flatMap((result) => result.failures),
  };
}

function runJob(run: FuzzRun, job: number, jobs: number): Promise<FuzzResult> {
  const { seed, shard, seconds, programs, out, targets } = run;
  const share = `${shard.first + job * shard.step + 1}/${shard.step * jobs}`;
  const others = [
    ...(targets === undefined ? [] : ["--targets", targets]),
    ...(Number.isFinite(seconds) ? ["--seconds", `${seconds}`] : []),
    ...(Number.isFinite(programs) ? ["--programs", `${Math.ceil(programs / jobs)}`] : []),
  ];
  const argv = [process.argv[1]!, "fuzz", "--json", "--seed", `${seed}`, "--shard", share, "--out", out, ...others];
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, argv, { stdio: ["ignore", "pipe", "inherit"] });
    let answer = "";
    child.stdout.on("data", (text) => {
      answer += text;
    });
    child.on("error", reject);
    child.on("close", () => {
      try {
        resolve(JSON.parse(answer));
      } catch {
        reject(new Error(`a job of the fuzz ended without an answer: ${answer.slice(0, 200)}`));
      }
    });
  });
}
