// A readable dump of a Spec, for `show --stage spec` and for tests: one line a fact, expressions as nested calls of their
// operations. Nodes that are used more than once get a name, `%1`, and are written once, before they are used.

import { partsOf } from "./parts.ts";
import { choiceParts, outputText, permutationText, pooledText, reductionText, sparsityText } from "./print-choice.ts";
import type { Attention, Expr, Grid, Spec, TensorAxis, TensorParam } from "./spec.ts";

/** Every attention, in the order of the file. */
export function printSpec(spec: Spec): string {
  return spec.attentions.map(printAttention).join("\n");
}

export function printAttention(attention: Attention): string {
  const { name, params, tensors, grid, masks, scores, scale, normalize, empty, weights, align, outputs } = attention;
  const printer = createPrinter();
  const rows: string[] = [];
  for (const param of params) {
    const value = param.default === undefined ? "" : ` = ${param.default}`;
    rows.push(`param ${param.const ? "const " : ""}${param.name}: ${param.type}${rangeText(param)}${value}`);
  }
  for (const tensor of tensors) rows.push(`tensor ${tensor.name}: ${tensorText(tensor, printer.text)}`);
  if (grid) rows.push(gridText(grid, printer.text));
  const clauses: readonly (readonly [string, Expr | undefined])[] = [
    ...masks.map(({ value, label }) => [`mask ${label}`, value] as const),
    ["scale", scale?.value],
    ...scores.map(({ value, label }) => [`score ${label}`, value] as const),
    ["sink", normalize.kind === "softmax" ? normalize.sink : undefined],
    ...weights.map(({ value, label }) => [`weight ${label}`, value] as const),
    ["align", align],
  ];
  const { sparsities = [], permutation, orders = [] } = attention;
  const permutations = [...(permutation ? [permutation] : []), ...orders];
  const named = outputs.named ?? [];
  for (const [, value] of clauses) if (value) printer.count(value);
  for (const value of choiceParts(sparsities, permutations, named)) printer.count(value);
  for (const [title, value] of clauses) {
    if (!value) continue;
    const text = printer.text(value);
    rows.push(...printer.definitions(), `${title}: ${text}`);
  }
  rows.push(`normalize ${normalize.kind}`, `empty ${empty}`, ...(outputs.lse ? ["output lse"] : []));
  const choices = [
    ...sparsities.map((each) => () => sparsityText(each, printer.text)),
    ...permutations.map((each) => () => permutationText(each, printer.text)),
    ...named.map((each) => () => outputText(each, printer.text)),
  ];
  for (const text of choices) {
    const row = text();
    rows.push(...printer.definitions(), row);
  }
  return [`attention ${name.text}`, ...rows.map((row) => `  ${row}`), ""].join("\n");
}

type Print = (expr: Expr) => string;

function rangeText({ range, constBounds }: Pick<TensorParam, "range" | "constBounds">): string {
  const bound = (value: number | undefined, name: string | undefined) => value ?? name ?? "";
  const [low, high] = [bound(range.low, constBounds?.low), bound(range.high, constBounds?.high)];
  return low === "" && high === "" ? "" : ` in ${low}..${high}`;
}

function tensorText(tensor: TensorParam, print: Print): string {
  const axes = tensor.axes.map((axis) => axisText(axis, print)).join(", ");
  return `${tensor.element}[${axes}]${rangeText(tensor)}${tensor.sorted ? " sorted" : ""}`;
}

function axisText(axis: TensorAxis, print: Print): string {
  switch (axis.kind) {
    case "implicit":
      return `(${axis.axis})`;
    case "position":
      return axis.axis;
    case "extent":
      return print(axis.extent);
    case "fresh":
      return axis.name;
  }
}

function gridText({ axes, origin }: Grid, print: Print): string {
  const shown = axes.map(({ name, extent }) => (extent ? `${name}: ${print(extent)}` : name));
  return `grid (${shown.join(", ")}) from ${print(origin)}`;
}

/** How deep operations are nested on one line. */
const DEEPEST_LINE = 12;

function createPrinter() {
  const uses = new Map<Expr, number>();
  const names = new Map<Expr, string>();
  const texts = new Map<Expr, { readonly text: string; readonly depth: number }>();
  let waiting: string[] = [];

  /** Counts from how many places each node is used. */
  function count(root: Expr): void {
    const open = [root];
    for (let node = open.pop(); node; node = open.pop()) {
      const seen = uses.get(node) ?? 0;
      uses.set(node, seen + 1);
      if (seen === 0) for (const part of partsOf(node)) open.push(part);
    }
  }

  /** Parts before the whole, with a stack of its own: expressions may be thousands of operations deep. */
  function text(root: Expr): string {
    const open = [root];
    while (open.length > 0) {
      const node = open.at(-1)!;
      const missing = texts.has(node) ? [] : partsOf(node).filter((part) => !texts.has(part));
      if (missing.length > 0) {
        for (const part of missing.toReversed()) open.push(part);
        continue;
      }
      open.pop();
      if (!texts.has(node)) texts.set(node, written(node));
    }
    return texts.get(root)!.text;
  }

  function written(node: Expr) {
    const parts = partsOf(node).map((part) => texts.get(part)!);
    const depth = 1 + parts.reduce((deepest, part) => Math.max(deepest, part.depth), 0);
    const print = (part: Expr) => texts.get(part)!.text;
    const args = node.kind === "reduce" ? [texts.get(node.reduction.operand)!] : parts;
    const whole = leafText(node, print) ?? `${headOf(node, print)}(${args.map((part) => part.text).join(", ")})`;
    if (partsOf(node).length === 0 || ((uses.get(node) ?? 0) < 2 && depth < DEEPEST_LINE))
      return { text: whole, depth };
    const name = `%${names.size + 1}`;
    names.set(node, name);
    waiting.push(`${name} = ${whole}`);
    return { text: name, depth: 1 };
  }

  /** Lines of the nodes that were named since the last call. */
  function definitions(): string[] {
    const lines = waiting;
    waiting = [];
    return lines;
  }

  return { count, text, definitions };
}

function headOf(node: Expr, print: Print): string {
  if (node.kind === "apply") return node.op;
  if (node.kind === "reduce") return reductionText(node.reduction, print);
  return node.kind === "element" ? node.tensor : node.kind;
}

const POSITIONS = { batch: "b", head: "h", kv: "kv", query: "q", key: "k" } as const;

/** The text of a node without parts; a float literal has a dot, so that types can be read. */
function leafText(node: Expr, print: Print): string | undefined {
  switch (node.kind) {
    case "literal":
      return node.type === "float" && Number.isInteger(node.value) ? Number(node.value).toFixed(1) : String(node.value);
    case "position":
      return POSITIONS[node.axis];
    case "coordinate":
      return `${POSITIONS[node.of]}.${node.axis}`;
    case "length":
      return `len(${node.axis})`;
    case "quantity":
    case "param":
      return node.name;
    case "product":
      return `dot(${node.left}, ${node.right})`;
    case "block":
      return node.of === "query" ? "i" : "j";
    case "chosen":
      return "selection";
    case "pooled":
      return `dot(${pooledText(node.left, print)}, ${pooledText(node.right, print)})`;
    case "element":
      return node.at.length === 0 ? node.tensor : undefined;
    case "reduce":
    case "apply":
      return undefined;
  }
}
