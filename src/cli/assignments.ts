// `--set NAME=VALUE` and `--shape K=V,...`: text on the command line becomes numbers, booleans and extents, with a
// range check and a suggestion where a name is not known.

import { nearest } from "../diagnostics/suggest.ts";
import type { Value } from "../ops/op.ts";
import type { Attention, Param, Range } from "../spec/spec.ts";
import { failure, wrongUsage } from "./command-error.ts";

/** A name and the text after its first `=`. */
export type Assignment = { readonly name: string; readonly text: string };

/** Splits `a=1,b=2`, several times given, into its parts. Later parts win over earlier ones by their own readers. */
export function splitAssignments(option: string, texts: readonly string[]): readonly Assignment[] {
  return texts
    .flatMap((text) => text.split(","))
    .filter((part) => part.trim() !== "")
    .map((part) => {
      const at = part.indexOf("=");
      if (at < 1) throw wrongUsage(`${option} takes NAME=VALUE, but \`${part}\` has no \`=\``);
      return { name: part.slice(0, at).trim(), text: part.slice(at + 1).trim() };
    });
}

/** Values that the command line gives to an attention's parameters, by name. A name that only another attention of the
 *  same command has is meant for that one; `others` are those, this one may be among them. */
export function readParams(
  attention: Attention,
  given: readonly Assignment[],
  others: readonly Attention[] = [],
): Readonly<Record<string, Value>> {
  const values: Record<string, Value> = {};
  for (const { name, text } of given) {
    const param = attention.params.find((candidate) => candidate.name === name);
    if (!param && others.some(({ params }) => params.some((other) => other.name === name))) continue;
    if (!param) {
      const names = attention.params.map((candidate) => candidate.name);
      throw wrongUsage(`\`${attention.name.text}\` has no scalar parameter \`${name}\``, suggestion(name, names));
    }
    values[name] = readValue(param, text);
  }
  return values;
}

/** Every parameter of the attention: the given values, then the defaults.
 *  Problems: E0702 where there is neither, E0705 where a value lies outside of the parameter's range. */
export function completeParams(
  attention: Attention,
  given: Readonly<Record<string, Value>>,
): Readonly<Record<string, Value>> {
  const missing = attention.params.filter((param) => given[param.name] === undefined && param.default === undefined);
  if (missing.length > 0) {
    const names = missing.map(({ name }) => `\`${name}\``).join(" and ");
    const example = missing.map((param) => `--set ${param.name}=${EXAMPLES[param.type]}`).join(" ");
    throw failure("E0702", `\`${attention.name.text}\` needs a value of ${names}`, `for example \`${example}\``);
  }
  const values = Object.fromEntries(
    attention.params.map((param) => [param.name, given[param.name] ?? param.default!] as const),
  );
  for (const param of attention.params) {
    const range = rangeUnder(param, values);
    const value = values[param.name]!;
    if (typeof value === "number" && !isWithin(value, range)) {
      throw failure("E0705", `\`${param.name}\` must lie in ${rangeText(range)}, but it is ${value}`);
    }
  }
  return values;
}

/** As `completeParams`, of those parameters that have a value before there is a call. */
export function knownParams(
  attention: Attention,
  given: Readonly<Record<string, Value>>,
): Readonly<Record<string, Value>> {
  const known = attention.params.filter((param) => given[param.name] !== undefined || param.default !== undefined);
  return completeParams({ ...attention, params: known }, given);
}

/** The promised range with the bounds that `const` parameters give. */
export function rangeUnder(
  { range, constBounds }: Pick<Param, "range" | "constBounds">,
  params: Readonly<Record<string, Value>>,
): Range {
  const bound = (name: string | undefined) => {
    const value = name === undefined ? undefined : params[name];
    return value === undefined ? undefined : Number(value);
  };
  const low = Math.max(range.low ?? Number.NEGATIVE_INFINITY, bound(constBounds?.low) ?? Number.NEGATIVE_INFINITY);
  const high = Math.min(range.high ?? Number.POSITIVE_INFINITY, bound(constBounds?.high) ?? Number.POSITIVE_INFINITY);
  return { ...(low > Number.NEGATIVE_INFINITY && { low }), ...(high < Number.POSITIVE_INFINITY && { high }) };
}

/** NaN lies in no range, not even in an open one that was promised. */
export function isWithin(
  value: number,
  { low = Number.NEGATIVE_INFINITY, high = Number.POSITIVE_INFINITY }: Range,
): boolean {
  return value >= low && value <= high;
}

/** The value of a parameter's type that the text says. */
function readValue(param: Param, text: string): Value {
  const value = READERS[param.type](text);
  if (value === undefined) throw wrongUsage(`\`${param.name}\` is ${NOUNS[param.type]}, but \`${text}\` is not`);
  return value;
}

/** `1..` as the language writes it. */
export function rangeText({ low, high }: Range): string {
  return `${low ?? ""}..${high ?? ""}`;
}

/** A list beyond this is no help. */
const MOST_LISTED = 12;

/** `did you mean …?` for one clearly nearer name, else the list of what there is, if it is short. */
export function suggestion(name: string, known: readonly string[]): string | undefined {
  const near = nearest(name, known);
  if (near !== undefined) return `did you mean \`${near}\`?`;
  if (known.length === 0) return "it has none";
  return known.length > MOST_LISTED ? undefined : `there is ${known.map((each) => `\`${each}\``).join(", ")}`;
}

const NOUNS = { int: "an integer", float: "a number", bool: "true or false" } as const;

const EXAMPLES = { int: "8", float: "0.5", bool: "true" } as const;

const READERS = {
  int: (text: string): number | undefined => {
    const value = /^[+-]?\d+$/.test(text) ? Number(text) : Number.NaN;
    return value >= -(2 ** 31) && value < 2 ** 31 ? value : undefined;
  },
  float: (text: string): number | undefined => {
    const value = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : Number.NaN;
    return Number.isFinite(value) ? value : undefined;
  },
  bool: (text: string): boolean | undefined => ({ true: true, false: false })[text],
} as const;
