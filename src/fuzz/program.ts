// A random program: masks, and the declarations that go with them. The declarations are fixed beforehand and only those
// that the masks use are written, so that a mask can shrink without leaving words behind.

import type { Value } from "../ops/op.ts";
import type { Range } from "../spec/spec.ts";
import type { Numbers } from "../verify/numbers.ts";
import { GRID_AXES, PARAMS, TENSORS } from "./leaves.ts";
import { anyMask } from "./masks.ts";
import { depthOf, type Need, type Term, termsIn, textOf } from "./term.ts";

export type Declaration = { readonly const: boolean; readonly promise: Range };

export type Program = {
  /** All must hold. */
  readonly masks: readonly Term[];
  /** By the names of parameters and tensors. */
  readonly declarations: Readonly<Record<string, Declaration>>;
  readonly align: "end" | "start" | "5 - len(query)";
  /** Where the grid begins. */
  readonly origin: "0" | "3" | "-2";
};

/** Operations on top of one another in a mask, at most. */
const DEEPEST = 6;

export function anyProgram(numbers: Numbers): Program {
  const count = numbers.pick([1, 1, 1, 2]);
  const masks = Array.from({ length: count }, () => maskWithin(numbers, DEEPEST));
  const declarations = Object.fromEntries(
    [...Object.keys(PARAMS), ...Object.keys(TENSORS)].map((name) => [name, anyDeclaration(numbers, name)]),
  );
  const align = numbers.pick(["end", "end", "end", "start", "5 - len(query)"] as const);
  return { masks, declarations, align, origin: numbers.pick(["0", "0", "0", "3", "-2"]) };
}

/** Atoms are written in full and may be deeper than was asked for; those are drawn again. */
function maskWithin(numbers: Numbers, deepest: number): Term {
  let mask = anyMask(numbers, numbers.int(2, deepest));
  while (depthOf(mask) > deepest) mask = anyMask(numbers, numbers.int(2, deepest));
  return mask;
}

const INT_PROMISES: readonly Range[] = [{}, {}, { low: 1 }, { low: 0 }, { low: -8, high: 64 }, { high: 100 }];

function anyDeclaration(numbers: Numbers, name: string): Declaration {
  const isInt = PARAMS[name] === "int" || TENSORS[name]?.element === "i32";
  const promise = isInt ? numbers.pick(INT_PROMISES) : {};
  return { const: PARAMS[name] === "int" && numbers.unit() < 0.1, promise };
}

/** Names of one kind that the masks need, each once. */
export function needed({ masks }: Program, kind: Need["kind"]): readonly string[] {
  const needs = masks.flatMap(termsIn).flatMap((term) => term.needs);
  return [...new Set(needs.filter((need) => need.kind === kind).map(({ name }) => name))];
}

/** The program as a file. `values` gives const parameters their value.
 *  @param name of the attention */
export function programText(program: Program, values: Readonly<Record<string, Value>>, name = "fuzzed"): string {
  const imports = needed(program, "import");
  const params = needed(program, "param").map((each) => paramText(each, program.declarations[each]!, values[each]!));
  const tensors = needed(program, "tensor").map((each) => tensorText(each, program.declarations[each]!));
  const declared = [...params, ...tensors];
  return [
    ...(imports.length > 0 ? [`import { ${imports.join(", ")} } from "std"`, ""] : []),
    `attention ${name}${declared.length > 0 ? `(${declared.join(", ")})` : ""} {`,
    ...gridText(program),
    ...(program.align === "end" ? [] : [`  align ${program.align}`]),
    ...program.masks.map((mask) => `  mask ${textOf(mask)}`),
    "}",
    "",
  ].join("\n");
}

function paramText(name: string, declaration: Declaration, value: Value): string {
  const type = PARAMS[name]!;
  const preset = declaration.const ? ` = ${value}` : "";
  return `${declaration.const ? "const " : ""}${name}: ${type}${promiseText(declaration.promise)}${preset}`;
}

function tensorText(name: string, { promise }: Declaration): string {
  const { element, axes, sorted } = TENSORS[name]!;
  return `${name}: ${element}[${axes.join(", ")}]${promiseText(promise)}${sorted ? " sorted" : ""}`;
}

function promiseText({ low, high }: Range): string {
  return low === undefined && high === undefined ? "" : ` in ${low ?? ""}..${high ?? ""}`;
}

/** The axes from the first that is used to the innermost. */
export function gridAxes(program: Program): readonly string[] {
  const used = needed(program, "grid");
  const first = GRID_AXES.findIndex((axis) => used.includes(axis));
  return first < 0 ? [] : GRID_AXES.slice(first);
}

function gridText(program: Program): readonly string[] {
  const axes = gridAxes(program);
  if (axes.length === 0) return [];
  return [`  grid (${axes.join(", ")})${program.origin === "0" ? "" : ` from ${program.origin}`}`];
}
