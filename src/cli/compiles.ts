// Whether an attention compiles for a target with the dims and const parameters of a call; what does not is said with
// its place, before anything runs.

import { compileAttention } from "../compile.ts";
import { settingsOf } from "../execute/settings.ts";
import type { Case } from "../spec/case.ts";
import { printedAlready } from "./command-error.ts";
import type { Io } from "./io.ts";
import { describeProblems, type Loaded } from "./load.ts";
import { targetNamed } from "./tiles.ts";

/** Ends the command where the call's attention does not fit the target. The reference runs everything. */
export function demandCompiles(io: Io, call: Case, target: string, { sources }: Loaded): void {
  if (target === "reference") return;
  const found = targetNamed(target);
  const { problems } = compileAttention(call.attention, found, settingsOf(call, found));
  if (problems.length === 0) return;
  describeProblems(io.err, problems, sources);
  throw printedAlready();
}
