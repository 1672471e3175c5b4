// The whole compiler on one screen: text in, kernels as text and data out. Every stage is a function from this file's
// reach, returns what it could build together with the problems that it found, and never throws on a user's input.

import type { BackendName, RowElement, Target } from "../targets/target.ts";
import type { Emission } from "./backend/backend.ts";
import { emitProgram } from "./backend/index.ts";
import { check } from "./check/check.ts";
import type { Outcome, Problem } from "./diagnostics/problem.ts";
import { lowerAttention } from "./ir/lower.ts";
import type { Value } from "./ops/op.ts";
import { decideOrder } from "./order/decide.ts";
import { optimize } from "./passes/index.ts";
import { type Planner, planner } from "./schedule/choose.ts";
import type { Dims, Program } from "./schedule/plan.ts";
import { findUncompiled } from "./schedule/uncompiled.ts";
import type { SourceFile, Sources } from "./source/source-file.ts";
import type { Attention, Spec } from "./spec/spec.ts";
import { parseProgram } from "./syntax/program.ts";

/** What is fixed in a kernel: the length of rows and what they are made of, and the values of `const` parameters that do
 *  not keep their default. */
export type Settings = {
  readonly dims: Dims;
  /** Default f32. Which of query, key, value and out the target then keeps in it is the target's to say. */
  readonly element?: RowElement;
  readonly consts: Readonly<Record<string, Value>>;
};

/** One attention, decided and printed for one target. */
export type Kernel<Name extends BackendName = BackendName> = {
  readonly attention: Attention;
  readonly program: Program;
  readonly emission: Emission<Name>;
};

export type Compiled = {
  /** What the file means, as far as it is free of errors. */
  readonly spec: Spec;
  /** The attentions of the entry file that fit the target. */
  readonly kernels: readonly Kernel[];
  /** The texts that the spans of problems point into. */
  readonly sources: readonly SourceFile[];
};

/** Compiles every attention of the entry file for the target. */
export function compile(entry: SourceFile, sources: Sources, target: Target, settings: Settings): Outcome<Compiled> {
  const program = parseProgram(entry, sources); //                                   text → syntax tree
  const spec = check(program.value); //                                       syntax tree → what the user means
  const kernels = spec.value.attentions.map((each) => compileAttention(each, target, settings));
  return {
    value: { spec: spec.value, kernels: kernels.flatMap(({ value }) => value), sources: program.sources },
    problems: [program, spec, ...kernels].flatMap(({ problems }) => problems),
  };
}

/** Compiles one attention; no kernel where there are problems.
 *  Problems: E0604, E0608, E0609, and those of the plan. */
export function compileAttention<Name extends BackendName>(
  given: Attention,
  target: Target<Name>,
  settings: Settings,
): Outcome<readonly Kernel<Name>[]> {
  const open = findUndecided(given, settings);
  if (open.length > 0) return { value: [], problems: open };
  const { value: attention, problems } = decideOrder(given, target, settings.consts); // `permute auto` → an order
  const undecided = [...problems, ...findUncompiled(attention, target)];
  if (undecided.length > 0) return { value: [], problems: undecided };
  const plan = plannerOf(attention, settings); //                           what the user means → what is proved of it
  const program = plan(target, settings.element); //                                      proofs → steps, decided
  if (program.problems.length > 0) return { value: [], problems: program.problems };
  const emission = emitProgram(program.value, target); //                                 steps → target code
  return { value: [{ attention, program: program.value, emission }], problems: [] };
}

/** Kept as long as what they are for: whoever compiles for several targets proves everything once. */
const planners = new WeakMap<Attention, WeakMap<Settings, Planner>>();

function plannerOf(attention: Attention, settings: Settings): Planner {
  const known = planners.get(attention) ?? new WeakMap<Settings, Planner>();
  planners.set(attention, known);
  const found = known.get(settings);
  if (found) return found;
  const lowered = lowerAttention(attention, settings); //                   what the user means → expressions
  const optimized = optimize(lowered); //                                           expressions → simpler ones
  const made = planner(optimized, settings.dims); //                                           → what is proved of them
  known.set(settings, made);
  return made;
}

function findUndecided(attention: Attention, { consts }: Settings): readonly Problem[] {
  const undecided = attention.params.filter(
    (param) => param.const && param.default === undefined && consts[param.name] === undefined,
  );
  return undecided.map(({ name, span }) => ({
    code: "E0604",
    kind: "const-without-value",
    at: span,
    attention: attention.name.text,
    name,
  }));
}
