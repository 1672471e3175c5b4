// One trial from its number to a verdict, and a failing one to the file that reproduces it.

import { type Check, checkFacts, type FactReport, type Wrong } from "./facts.ts";
import { checkKernel } from "./kernel.ts";
import { writeRegression } from "./regression.ts";
import { shrink } from "./shrink.ts";
import { type Statistics, statisticsOf } from "./statistics.ts";
import { type Sound, trialAt } from "./trials.ts";

export type Failure = {
  readonly seed: number;
  /** The number of the trial in the seed's stream. */
  readonly path: number;
  readonly check: Check;
  readonly why: string;
  /** The regression file. */
  readonly file: string;
};

export type Verdict = { readonly statistics: Statistics; readonly failure?: Failure };

/** A kernel costs an assembly, so only one program of so many gets one. */
const KERNEL_EVERY = 20;

/** Judges trial `path` of the seed's stream, and makes it small where it fails. */
export async function judgeTrial(seed: number, path: number): Promise<Verdict> {
  const drawn = trialAt(seed, path);
  if (!drawn.sound) return { statistics: statisticsOf(drawn) };
  const withKernel = path % KERNEL_EVERY === 0;
  const { report, wrong } = await judge(drawn.sound, withKernel);
  const statistics = statisticsOf(drawn, report, withKernel);
  return wrong ? { statistics, failure: await failureOf(seed, path, drawn.sound, wrong) } : { statistics };
}

/** What was found of the trial's blocks, and the first wrong claim. */
export async function judge(
  { call, inputs, truth }: Sound,
  withKernel: boolean,
): Promise<{ readonly report: FactReport; readonly wrong?: Wrong }> {
  const report = checkFacts(call, inputs.tile, truth);
  const wrong = report.wrong[0] ?? (withKernel ? await checkKernel(call, inputs.tile) : undefined);
  return { report, ...(wrong && { wrong }) };
}

async function failureOf(seed: number, path: number, sound: Sound, wrong: Wrong): Promise<Failure> {
  const { check } = wrong;
  const small = await shrink(sound, wrong, async (candidate) => {
    const again =
      check === "kernel" ? await checkKernel(candidate.call, candidate.inputs.tile) : factOf(check, candidate);
    return again?.check === check ? again : undefined;
  });
  const { why } = small.wrong;
  const story = [`attnc fuzz: seed ${seed}, path ${path}; made small in ${small.tried} steps`, `${check}: ${why}`];
  return { seed, path, check, why, file: writeRegression(small.sound, story) };
}

const factOf = (check: Check, { call, inputs, truth }: Sound): Wrong | undefined =>
  checkFacts(call, inputs.tile, truth).wrong.find((each) => each.check === check);
