// Words for the problems of fitting a program to a target.

import type { Diagnostic } from "./diagnostic.ts";
import type { PlanProblem } from "./plan-problem.ts";

type Describers = {
  readonly [kind in PlanProblem["kind"]]: (problem: Extract<PlanProblem, { kind: kind }>) => Diagnostic;
};

const DESCRIBERS: Describers = {
  "element-type-unsupported": ({ code, at, tensor, element, target, supported }) => ({
    code,
    severity: "error",
    title: `captured tensor \`${tensor}\` holds ${element}, which target \`${target}\` cannot read`,
    primary: { span: at, text: `declared as ${element} here` },
    secondary: [],
    why: `a captured tensor is read element by element inside the kernel, and \`${target}\` loads ${listed(supported)}`,
    hint: `declare it as \`${tensor}: ${element.endsWith("16") ? "f32" : "i32"}[...]\` and convert it before the call`,
  }),
  "dim-out-of-range": ({ code, at, axis, size, largest, target }) => ({
    code,
    severity: "error",
    title: `${axis} is ${size}, and target \`${target}\` takes 1 to ${largest}`,
    primary: { span: at, text: "compiled for this attention" },
    secondary: [],
    why: "a whole row of queries, keys and values is kept at hand while a tile is computed",
    hint: `pass a whole number from 1 to ${largest}: \`${axis === "dim" ? "--head-dim" : "--value-dim"} 64\``,
  }),
  "buffer-name-taken": ({ code, at, tensor }) => ({
    code,
    severity: "error",
    title: `a captured tensor cannot be called \`${tensor}\``,
    primary: { span: at, text: "this name is taken" },
    secondary: [],
    why: `every attention has a tensor \`${tensor}\` of its own, and both would be passed under one name`,
    hint: `give it another name, such as \`my_${tensor}\``,
  }),
  "const-without-value": ({ code, at, attention, name }) => ({
    code,
    severity: "error",
    title: `\`${attention}\` needs a value of \`${name}\` to be compiled`,
    primary: { span: at, text: "a const parameter without a default" },
    secondary: [],
    why: "a const parameter is fixed in the kernel, so its value must be known before there is one",
    hint: `pass it, as in \`--set ${name}=…\`, or declare a default`,
  }),
};

/** The problem in words; cannot fail. */
export function describePlan(problem: PlanProblem): Diagnostic {
  const describe = DESCRIBERS[problem.kind] as (problem: PlanProblem) => Diagnostic;
  return describe(problem);
}

const listed = (names: readonly string[]) => `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
