// One trial from its number to a verdict, and a failing one to the file that reproduces it.

import { numbersOf } from "../verify/numbers.ts";
import { type Check, checkFacts, type Wrong } from "./facts.ts";
import { anyInputs, callOf, type Inputs } from "./inputs.ts";
import { checkKernel, type KernelTarget, wasmKernels } from "./kernel.ts";
import { writeRegression } from "./regression.ts";
import { shrink } from "./shrink.ts";
import { type Statistics, statisticsOf } from "./statistics.ts";
import { type Called, type Sound, trialAt } from "./trials.ts";

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

/** Judges trial `path` of the seed's stream, and makes it small where it fails. */
export async function judgeTrial(
  seed: number,
  path: number,
  targets: readonly KernelTarget[] = [wasmKernels],
): Promise<Verdict> {
  const drawn = trialAt(seed, path);
  if (!drawn.sound) return { statistics: statisticsOf(drawn) };
  const { call, inputs, truth } = drawn.sound;
  const report = checkFacts(call, inputs.tile, truth);
  const kernels: Record<string, number> = {};
  const fail = async (sound: Called, wrong: Wrong, target?: KernelTarget): Promise<Verdict> => ({
    statistics: statisticsOf(drawn, report, kernels),
    failure: await failureOf({ seed, path }, sound, wrong, target),
  });
  if (report.wrong[0]) return fail(drawn.sound, report.wrong[0]);
  for (const target of targets.filter(({ every }) => path % every === 0)) {
    for (const sound of callsOf(drawn.sound, target, { seed, path })) {
      if (target.takes?.(sound.call) === false) continue;
      const wrong = await checkKernel(target, sound.call, sound.inputs.tile);
      kernels[target.name] = (kernels[target.name] ?? 0) + 1;
      if (wrong) return fail(sound, wrong, target);
    }
  }
  return { statistics: statisticsOf(drawn, report, kernels) };
}

type Place = { readonly seed: number; readonly path: number };

/** The trial's call and further ones of the same kernel. */
function* callsOf(sound: Called, { calls }: KernelTarget, { seed, path }: Place): Generator<Called> {
  yield sound;
  const numbers = numbersOf(seed, -1 - path);
  for (let call = 1; call < calls; call++) yield withInputs(sound, anyInputs(numbers, sound.program));
}

/** The same attention with other inputs; what its kernel is compiled for stays. */
function withInputs({ program, inputs, call }: Called, others: Inputs): Called {
  const consts = Object.entries(inputs.params).filter(([name]) => program.declarations[name]?.const);
  const changed = { ...others, params: { ...others.params, ...Object.fromEntries(consts) } };
  return { program, inputs: changed, call: callOf(call.attention, changed) };
}

async function failureOf(place: Place, sound: Called, wrong: Wrong, target?: KernelTarget): Promise<Failure> {
  const { check } = wrong;
  const small = await shrink(sound, wrong, async (candidate) => {
    const { call, inputs } = candidate;
    const again = target ? await checkKernel(target, call, inputs.tile) : factOf(check, candidate);
    return again?.check === check ? again : undefined;
  });
  const { why } = small.wrong;
  const { seed, path } = place;
  const story = [`attnc fuzz: seed ${seed}, path ${path}; made small in ${small.tried} steps`, `${check}: ${why}`];
  return { ...place, check, why, file: writeRegression(small.sound, story) };
}

const factOf = (check: Check, { call, inputs, truth }: Sound): Wrong | undefined =>
  checkFacts(call, inputs.tile, truth).wrong.find((each) => each.check === check);
