// The words of a typed module: the author's `///` lines together with what the compiler knows, such as shapes, units,
// promises, defaults and the line of the declaration. Text only; `emit.ts` puts it where it belongs.

import type { Param, Range } from "../spec/spec.ts";
import type { Axis, Signature, TensorProperty } from "./signatures.ts";

/** Where an attention was declared: the name of its file without folders, and a one-based line. */
export type Origin = { readonly file: string; readonly line: number };

/** What a tensor holds, then its element type, shape and contracts. */
export function describeTensor(tensor: TensorProperty): string {
  const contracts = [rangeText(tensor.range), tensor.sorted ? "non-decreasing along its last axis" : ""];
  const facts = [`${tensor.element} ${shapeText(tensor.axes)}`, ...contracts].filter(Boolean).join(", ");
  return paragraphs(tensor.documentation, sentence(facts));
}

export function describeScalar(param: Param): string {
  const fallback = param.default === undefined ? "" : `default ${param.default}`;
  const facts = [param.type, rangeText(param.range), fallback].filter(Boolean).join(", ");
  return paragraphs(param.documentation ?? "", sentence(facts));
}

/** The attention itself: its own documentation, what was fixed when it was compiled, where it stands. */
export function describeAttention(signature: Signature, origin: Origin): string {
  const fixed = signature.constants.map(({ name, default: value }) => `${name} = ${value}`).join(", ");
  return paragraphs(
    signature.documentation || `Attention \`${signature.name}\`.`,
    fixed && `Fixed when it was compiled: ${fixed}.`,
    `Declared in ${origin.file}, line ${origin.line}.`,
  );
}

/** `[batch, heads, queries, 64]`. */
export function shapeText(axes: readonly Axis[]): string {
  return `[${axes.map(({ label, extent }) => extent ?? label).join(", ")}]`;
}

/** `1 or more`, `at most 8`, `0 to 1`; empty where nothing is promised. */
export function rangeText({ low, high }: Range): string {
  if (low !== undefined && high !== undefined) return `${low} to ${high}`;
  if (low !== undefined) return `${low} or more`;
  return high === undefined ? "" : `at most ${high}`;
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

/** The paragraphs that say something, with an empty line between them, and nothing that would end the comment. */
export function paragraphs(...texts: readonly string[]): string {
  return texts
    .map((text) => text.trim())
    .filter(Boolean)
    .join("\n\n")
    .replaceAll("*/", "*\\/");
}
