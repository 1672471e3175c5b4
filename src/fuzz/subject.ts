// From a random program and its inputs to a call that can be judged: the text goes the way of every text, through the
// parser and the checker. What they refuse is counted, not judged.

import { check } from "../check/check.ts";
import type { Case } from "../spec/case.ts";
import { withStandardLibrary } from "../std-sources.ts";
import { parseProgram } from "../syntax/program.ts";
import { callOf, type Inputs } from "./inputs.ts";

/** The call, or the codes of the errors that keep the text from being one. */
export type Subject = { readonly call: Case } | { readonly refused: readonly string[] };

/** The first attention of the text, called with the inputs. */
export function subjectOf(text: string, inputs: Inputs): Subject {
  const parsed = parseProgram({ path: "fuzzed.attn", text }, onlyStandard);
  const checked = check(parsed.value);
  const errors = [...parsed.problems, ...checked.problems].filter(({ code }) => code.startsWith("E"));
  const [attention] = checked.value.attentions;
  if (!attention || errors.length > 0) return { refused: errors.map(({ code }) => code) };
  return { call: callOf(attention, inputs) };
}

const onlyStandard = withStandardLibrary(() => ({ missing: "a random program imports the standard library only" }));
