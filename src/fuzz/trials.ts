// The stream of trials of one seed: trial number n is the same wherever it is drawn, so a pair of numbers is all that it
// takes to come back to it. Most trials are drawn again until their mask has blocks of every kind, because a law about
// empty and full blocks says nothing of a mask that is constant.

import type { Case } from "../spec/case.ts";
import { numbersOf } from "../verify/numbers.ts";
import { anyInputs, type Inputs } from "./inputs.ts";
import { anyProgram, type Program, programText } from "./program.ts";
import { subjectOf } from "./subject.ts";
import { type Truth, truthOf } from "./truth.ts";

/** A random program and what it is called with. */
export type Trial = { readonly program: Program; readonly inputs: Inputs };

/** A trial whose text is a call. */
export type Called = Trial & { readonly call: Case };

/** One with the truth about its blocks. */
export type Sound = Called & { readonly truth: Truth };

/** What a number of the stream stands for, and what was refused on the way: codes of errors, once for each text. */
export type Drawn = { readonly sound?: Sound; readonly refused: readonly (readonly string[])[] };

/** Draws before a trial is taken as it is. */
const MOST_DRAWS = 6;

/** Share of trials that are taken as they come. */
const UNCHOSEN = 0.15;

/** Trial `index` of the seed's stream. */
export function trialAt(seed: number, index: number): Drawn {
  const numbers = numbersOf(seed, index);
  const draws = numbers.unit() < UNCHOSEN ? 1 : MOST_DRAWS;
  const refused: (readonly string[])[] = [];
  let sound: Sound | undefined;
  for (let draw = 0; draw < draws; draw++) {
    const program = anyProgram(numbers);
    const inputs = anyInputs(numbers, program);
    const judged = soundOf({ program, inputs });
    if ("refused" in judged) refused.push(judged.refused);
    else {
      sound = judged;
      const { empty, full, partial } = judged.truth.counts;
      if (empty > 0 && full > 0 && partial > 0) break;
    }
  }
  return { refused, ...(sound && { sound }) };
}

export const trialText = ({ program, inputs }: Trial): string => programText(program, inputs.params);

/** The trial with its truth, or the codes of what its text has wrong. */
export function soundOf(trial: Trial): Sound | { readonly refused: readonly string[] } {
  const subject = subjectOf(trialText(trial), trial.inputs);
  if ("refused" in subject) return subject;
  return { ...trial, call: subject.call, truth: truthOf(subject.call, trial.inputs.tile) };
}
