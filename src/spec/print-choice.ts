// Sparsities, permutations and named outputs in the dump of a Spec: a line for each, expressions as the printer gives them.

import type { AxisRange, BlockSide, NamedOutput, Permutation, Pooled, Reduction, Region, Sparsity } from "./choice.ts";
import { rangeValue, regionValue, ruleValue } from "./parts.ts";
import type { Expr } from "./spec.ts";

type Print = (expr: Expr) => string;

/** Everything that is printed of them, so that the printer can count its uses. */
export function choiceParts(
  sparsities: readonly Sparsity[],
  permutations: readonly Permutation[],
  outputs: readonly NamedOutput[],
): readonly Expr[] {
  const side = (each: BlockSide) => (each.kind === "size" ? [each.size] : []);
  const ofSparsity = ({ rows, keys, score, among, keep, always }: Sparsity) => [
    ...[...side(rows), ...side(keys), score, among, keep.least, keep.most],
    ruleValue(keep.rule),
    ...always.map(({ region }) => regionValue(region)),
  ];
  return [
    ...sparsities.flatMap(ofSparsity),
    ...permutations.flatMap(({ order, within }) => [...order.map(({ value }) => value), within?.size]),
    ...outputs.map(({ value }) => value),
  ].filter((each) => each !== undefined);
}

export function sparsityText({ name, rows, keys, score, share, among, keep, always }: Sparsity, print: Print): string {
  const side = (each: BlockSide) => (each.kind === "size" ? print(each.size) : `by ${each.tensor}`);
  const { rule, least, most, over, otherwise } = keep;
  const options = [
    rule.kind === "ratio" ? rule.rounding : "",
    rule.kind === "mass" && rule.before ? "before crossing" : "",
    least ? `at least ${print(least)}` : "",
    most ? `at most ${print(most)}` : "",
    `over ${over}`,
    `else ${otherwise}`,
  ].filter((text) => text !== "");
  return [
    `sparsity ${name.text}: blocks ${side(rows)} x ${side(keys)}`,
    ...(score ? [`score ${print(score)}`] : []),
    ...(share ? [`share ${share.how} ${share.over}`] : []),
    ...(among ? [`among ${print(among)}`] : []),
    `keep ${rule.kind} ${print(ruleValue(rule))} ${options.join(" ")}`,
    ...always.map(({ within, region }) => `always ${within ? "within " : ""}${regionText(region, print)}`),
  ].join("; ");
}

export function permutationText({ name, of, per, within, order }: Permutation, print: Print): string {
  const segment = within ? ` within ${print(within.size)}${within.complete ? " complete" : ""}` : "";
  const keys = order.map(({ value, descending }) => `${print(value)}${descending ? " descending" : ""}`);
  return `permute ${name.text}: ${of} per ${per}${segment} by ${keys.join(", ")}`;
}

export const outputText = ({ name, type, axes, value }: NamedOutput, print: Print): string =>
  `output ${name}: ${type}[${axes.join(", ")}] = ${print(value)}`;

/** `mean[query: last 32]` */
export function reductionText({ op, axis, whole, range, width }: Reduction, print: Print): string {
  return `${op}[${whole ? "row" : axis}${rangeText(range, print)}${width ? `, ${print(width)}` : ""}]`;
}

export function pooledText({ of, reductions, factor }: Pooled, print: Print): string {
  const steps = reductions.map(({ op, axis, range }) => `${op}[${axis}${rangeText(range, print)}] `).reverse();
  return `${steps.join("")}${of}${factor ? ` * ${print(factor)}` : ""}`;
}

function rangeText(range: AxisRange | undefined, print: Print): string {
  if (!range) return "";
  return `: ${range.kind} ${print(rangeValue(range))}`;
}

function regionText(region: Region, print: Print): string {
  const value = regionValue(region);
  const word = region.kind === "where" ? "" : region.kind;
  return [word, value ? print(value) : ""].filter((text) => text !== "").join(" ");
}
