// Words for the problems of fitting a program to a target.

import type { Diagnostic } from "./diagnostic.ts";
import type { PlanProblem } from "./plan-problem.ts";
import { type Describers, label, listed, type Quote, type Words } from "./words.ts";

const PLAN_WORDS: Describers<PlanProblem> = {
  "element-type-unsupported": ({ at, tensor, element, target, supported }) => ({
    title: `the target \`${target}\` cannot read \`${tensor}\`, a captured tensor of ${element}`,
    primary: label(at, `declared as ${element} here`),
    why: `captured tensors are read inside the kernel, and \`${target}\` loads ${listed(supported)}`,
    hint: `declare it as \`${tensor}: f32[...]\` and convert it before the call`,
  }),
  "dim-out-of-range": ({ at, axis, size, largest, target }) => ({
    title: `${axis} is ${size}, but the target \`${target}\` takes 1 to ${largest}`,
    primary: label(at, "compiled for this size"),
    why: "whole rows of queries, keys and values are kept at hand while a tile is computed",
    hint: `pass a whole number from 1 to ${largest}, such as \`${FLAGS[axis]} 64\``,
  }),
  "buffer-name-taken": ({ at, tensor }) => ({
    title: `a captured tensor cannot be called \`${tensor}\``,
    primary: label(at, "this name is taken"),
    why: `every attention takes or gives a tensor \`${tensor}\` of its own, and both would go by one name`,
    hint: `give it another name, such as \`my_${tensor}\``,
  }),
  "const-without-value": ({ at, attention, name }) => ({
    title: `\`${attention}\` needs a value of \`${name}\` to be compiled`,
    primary: label(at, "a const parameter without a default"),
    why: "a const parameter is fixed in the kernel, so its value must be known before there is one",
    hint: `pass it, as in \`--set ${name}=…\`, or declare a default`,
  }),
  "row-type-unsupported": ({ at, attention, element, target, supported }) => ({
    title: `the target \`${target}\` does not take queries, keys and values of ${element}`,
    primary: label(at, `\`${attention}\` cannot be compiled for it`),
    why: `kernels for \`${target}\` take rows of ${listed(supported)}`,
    hint: `pass \`--dtype ${supported[0]}\`, and convert the tensors before the call`,
  }),
  "not-compiled-yet": ({ at, attention, construct, target }) => ({
    title: `\`${construct}\` of \`${attention}\` is not compiled for \`${target}\` yet`,
    primary: label(at, "no kernel computes this"),
    why: "it is checked, and the reference interpreter computes it, but kernels for this target do not",
    hint: "compute it with `interpret` of the package, which follows the definition",
  }),
  "order-undecided": ({ at, attention, name }) => ({
    title: `\`permute auto\` of \`${attention}\` cannot be decided without a value of \`${name}\``,
    primary: label(at, "a parameter without a default"),
    why: "the order is chosen when the kernel is made, by how many tiles its masks would visit under each",
    hint: "declare a usual value as its default, or name the order, such as `permute tiles(8, 8)`",
  }),
  "too-many-operations": ({ at, count, most, target }) => ({
    title: `the expressions of this attention take ${count} operations, but a kernel for \`${target}\` takes ${most}`,
    primary: label(at, "all of its clauses together"),
    why: "the operations are printed one after the other and run for every pair of query and key",
    hint: "put what can be computed ahead of the call into a captured tensor, such as `bias: f32[query, key]`",
  }),
};

const FLAGS = { dim: "--head-dim", value_dim: "--value-dim" } as const;

/** The problem in words; cannot fail. */
export function describePlan(problem: PlanProblem): Diagnostic {
  const describe = PLAN_WORDS[problem.kind] as (problem: PlanProblem, quote: Quote) => Words;
  const { title, primary, secondary = [], why, hint } = describe(problem, () => "");
  return { code: problem.code, severity: "error", title, primary, secondary, why, hint };
}
