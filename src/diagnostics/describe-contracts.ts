// Words for the problems of parameters, contracts, tensors and calls.

import type { CallProblem } from "./contract-problem.ts";
import { calledHere, counted, type Describers, label, labels, listed, rangeText } from "./words.ts";

export const CONTRACT_WORDS: Describers<CallProblem> = {
  "empty-range": ({ at, low, high }) => ({
    title: `no number lies in \`${rangeText({ low, high })}\``,
    primary: label(at, `${low} is more than ${high}`),
    why: "a range holds its two ends and what lies between them",
    hint: `write the smaller end first: \`in ${rangeText({ low: high, high: low })}\``,
  }),
  "default-outside-range": ({ at, name, range, rangeAt }, quote) => ({
    title: `the default \`${quote(at)}\` of \`${name.text}\` is not in \`${rangeText(range)}\``,
    primary: label(at, "breaks the promise"),
    secondary: [label(rangeAt, "promised here")],
    why: "a promise holds for the default as well",
    hint: `write a default in \`${rangeText(range)}\`: \`= ${range.low ?? range.high}\``,
  }),
  "bound-not-constant": ({ at }, quote) => ({
    title: `\`${quote(at)}\` is no bound that is known in advance`,
    primary: label(at, "neither a number nor a `const` parameter"),
    why: "the bounds of a range are known before the attention runs",
    hint: "write a number, or the name of a `const` parameter",
  }),
  "contract-misplaced": ({ at, contract, name, of }) => ({
    title: `\`${contract}\` cannot be promised of \`${name.text}\`, which is ${of.startsWith("i") ? "an" : "a"} ${of}`,
    primary: label(at, "no meaning here"),
    why:
      contract === "in"
        ? "a range is promised of numbers; a bool is true or false"
        : "`sorted` is promised of the last axis of an `f32` or `i32` tensor",
    hint: `remove \`${contract}\``,
  }),
  "const-tensor": ({ name }) => ({
    title: `the tensor \`${name.text}\` cannot be \`const\``,
    primary: label(name.span, "a captured tensor"),
    why: "`const` puts the value of a number into the kernel; tensors are passed in every call",
    hint: "remove `const`",
  }),
  "tensor-default": ({ at, name }) => ({
    title: `the tensor \`${name.text}\` cannot have a default`,
    primary: label(at, "a default"),
    why: "captured tensors are passed in every call",
    hint: "remove the default; where the tensor may be absent, write a second attention without it",
  }),
  "default-not-constant": ({ at, name }, quote) => ({
    title: `the default of \`${name.text}\` is not a literal`,
    primary: label(at, `\`${quote(at)}\` is computed`),
    why: "defaults are part of the interface, where everybody can read them",
    hint: "write a number, `true` or `false`",
  }),
  "parameter-without-type": ({ name }) => ({
    title: `the parameter \`${name.text}\` has no type`,
    primary: label(name.span, "a type belongs behind it"),
    why: "only in a `fn` a parameter may take its type from the call",
    hint: `write \`${name.text}: int\`, \`${name.text}: float\` or \`${name.text}: f32[head]\``,
  }),
  "default-before-required": ({ name, after }) => ({
    title: `\`${after.text}\` needs an argument, so \`${name.text}\` before it cannot be left out`,
    primary: label(after.span, "has no default"),
    secondary: [label(name.span, "has a default")],
    why: "arguments are matched with parameters from the left",
    hint: `move \`${after.text}\` before \`${name.text}\`, or give it a default`,
  }),
  "name-of-an-input": ({ name }) => ({
    title: `a captured tensor cannot be called \`${name.text}\``,
    primary: label(name.span, "this name is taken"),
    why: "every attention takes or gives a tensor of that name",
    hint: `choose another name, such as \`my_${name.text}\``,
  }),
  "argument-count": ({ name, of, found, fewest, parameters, declared }) => ({
    title: `\`${name.text}\` takes ${argumentCount(fewest, parameters.length)}, not ${found}`,
    primary: label(name.span, counted(found, "argument")),
    secondary: [label(declared, "declared here")],
    why:
      parameters.length === 0
        ? `the ${of} \`${name.text}\` has no parameters`
        : `its parameters are ${listed(parameters)}, and each without a default takes an argument`,
    hint: parameters.length === 0 ? `write \`${name.text}\`` : `write \`${name.text}(${parameters.join(", ")})\``,
  }),
  "argument-outside-range": ({ at, parameter, range, default: given, calledFrom }, quote) => ({
    title: `${given ? `the default \`${given.value}\` of ` : ""}\`${quote(at)}\` is not in \`${rangeText(range)}\`, which \`${parameter.text}\` promises`,
    primary: label(at, "breaks the promise"),
    secondary: labels(
      given && label(given.passed, "passed on here"),
      label(parameter.span, "promised here"),
      calledHere(calledFrom),
    ),
    why: "a contract is a promise that every caller keeps",
    hint: given
      ? `write a default in \`${rangeText(range)}\`: \`= ${range.low ?? range.high}\``
      : `pass a number in \`${rangeText(range)}\``,
  }),
  "argument-not-const": ({ at, parameter }, quote) => ({
    title: `\`${parameter.text}\` is \`const\`, but \`${quote(at)}\` is known only when the attention runs`,
    primary: label(at, "not a constant"),
    secondary: [label(parameter.span, "`const` here")],
    why: "the value of a `const` parameter is put into the kernel",
    hint: "pass a number, or make the parameter that you pass `const`",
  }),
  "argument-not-tensor": ({ at, parameter, type }, quote) => ({
    title: `\`${parameter.text}\` takes a captured tensor, not \`${quote(at)}\``,
    primary: label(at, "not the name of a captured tensor"),
    secondary: [label(parameter.span, `\`${type}\``)],
    why: "a tensor is passed by its name, without an index",
    hint: `capture one in the parameters, \`${parameter.text}: ${type}\`, and pass \`${parameter.text}\``,
  }),
  "tensors-differ": ({ at, parameter, wanted, found }, quote) => ({
    title: `\`${quote(at)}\` is \`${found}\`, but \`${parameter.text}\` is \`${wanted}\``,
    primary: label(at, `\`${found}\``),
    secondary: [label(parameter.span, `\`${wanted}\``)],
    why: "a tensor parameter takes a captured tensor with the same axes and the same kind of elements; equal axis names have equal extents",
    hint: `declare \`${quote(at)}: ${wanted}\``,
  }),
  "index-count": ({ at, tensor, type, found, axes }) => ({
    title: `\`${tensor.text}\` takes ${axes.length === 0 ? "no index" : counted(axes.length, "index").replace("indexs", "indices")}, not ${found}`,
    primary: label(at, `\`${type}\``),
    why: "`batch`, `head` and `kv` axes are bound to the current one and never written; every other axis has an index",
    hint: axes.length === 0 ? `write \`${tensor.text}\`` : `write \`${tensor.text}[${axes.map(indexFor).join(", ")}]\``,
  }),
  "tensor-without-index": ({ name, type, axes }) => ({
    title: `\`${name.text}\` is a whole tensor, not a number`,
    primary: label(name.span, `\`${type}\``),
    why: "only `batch`, `head` and `kv` axes are bound to the current one; every other axis has an index",
    hint: `write \`${name.text}[${axes.map(indexFor).join(", ")}]\``,
  }),
  "axis-not-constant": ({ at }, quote) => ({
    title: `the extent \`${quote(at)}\` of this axis is known only when the attention runs`,
    primary: label(at, "not a constant"),
    why: "the extent of an axis is a number, a `const` parameter, an axis of the grid, or a new name that takes the tensor's own extent",
    hint: "make the parameter `const`, or write a new name, such as `n`",
  }),
  "extent-not-positive": ({ at, of }, quote) => ({
    title: `\`${quote(at)}\` is no extent: it is less than 1`,
    primary: label(at, "less than 1"),
    why: EXTENT_WHY[of],
    hint: of === "block" ? "write the number of tokens" : "write the number of elements along the axis",
  }),
  "contract-unproved": ({ at, parameter, range }, quote) => ({
    title: `\`${quote(at)}\` may leave \`${rangeText(range)}\`, which \`${parameter.text}\` promises`,
    primary: label(at, "not proved to be in range"),
    secondary: [label(parameter.span, "promised here")],
    why: "only parameters that are passed as they are can be checked when the attention is called",
    hint: `bound it: \`${boundHint(quote(at), range)}\``,
  }),
};

const argumentCount = (fewest: number, most: number) =>
  most === 0 ? "no arguments" : fewest === most ? counted(most, "argument") : `${fewest} to ${most} arguments`;

/** What an axis is usually indexed with. */
const indexFor = (axis: string) => ({ query: "q", key: "k", token: "k" })[axis] ?? "i";

function boundHint(text: string, { low, high }: { readonly low?: number; readonly high?: number }): string {
  if (low === undefined) return `min(${text}, ${high})`;
  return high === undefined ? `max(${text}, ${low})` : `clamp(${text}, ${low}, ${high})`;
}

const EXTENT_WHY = {
  grid: "a grid has at least one token on every axis",
  axis: "a tensor has at least one element on every axis",
  block: "a block has at least one token",
} as const;
