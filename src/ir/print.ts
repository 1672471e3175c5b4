// Expressions and attentions as text to read: for dumps, traces and tests. Operations are printed as calls with their
// name in the table of operations, which is also their name in rules; coordinates as in the language. What is used more
// than once, or would make a line long, gets a number and a line of its own.

import type { OpName } from "../ops/index.ts";
import type { ScalarType, Value } from "../ops/op.ts";
import type { Range } from "../spec/spec.ts";
import type { AttentionIr, Expr, Param, Quantity, Tensor } from "./expr.ts";
import { roots } from "./roots.ts";
import { children, nodes } from "./walk.ts";

/** Columns of an operation with its arguments before it gets a line of its own. */
const WIDTH = 88;

/** One line for a small expression; otherwise lines `%1 = …` and then the expression in terms of them. */
export function printExpr(root: Expr): string {
  const printer = printerOf([root]);
  const text = printer.print(root);
  return [...printer.newLines(), text].join("\n");
}

/** A heading, the declarations, and every expression under its name. Ends with a line break. */
export function printAttention(attention: AttentionIr): string {
  const listed = roots(attention).filter(({ name }) => !name.includes("."));
  const printer = printerOf(listed.map(({ expr }) => expr));
  const lines = listed.flatMap(({ name, expr }) => {
    const text = printer.print(expr);
    return [...printer.newLines(), row(name, text)];
  });
  return [
    `attention ${attention.name}`,
    ...attention.params.map((param) => row("param", printParam(param))),
    ...attention.tensors.map((tensor) => row("tensor", printTensor(tensor))),
    ...attention.shapeParams.map((name) => row("extent", name)),
    ...lines.map((line) => (line.startsWith("%") ? `  ${line}` : line)),
    row("normalize", attention.normalize.kind),
    row("empty", attention.empty),
    ...(attention.outputs.lse ? [row("output", "lse")] : []),
    "",
  ].join("\n");
}

const row = (name: string, text: string) => `  ${name.padEnd(10)} ${text}`;

function printParam({ name, type, range, default: preset }: Param): string {
  const value = preset === undefined ? "" : ` = ${printValue(type, preset)}`;
  return `${name}: ${type}${printRange(range)}${value}`;
}

function printTensor({ name, element, extents, range, sorted }: Tensor): string {
  return `${name}: ${element}[${extents.map(printExpr).join(", ")}]${printRange(range)}${sorted ? " sorted" : ""}`;
}

function printRange({ low, high }: Range): string {
  return low === undefined && high === undefined ? "" : ` in ${low ?? ""}..${high ?? ""}`;
}

type Printer = {
  print(root: Expr): string;
  /** Lines of the numbers that were given since the last call. */
  newLines(): readonly string[];
};

function printerOf(all: readonly Expr[]): Printer {
  const uses = countUses(all);
  const texts = new Map<Expr, string>();
  /** Texts of the terms of a chain that is still open: nobody gave it a number. */
  const chains = new Map<Expr, readonly string[]>();
  let lines: string[] = [];
  let numbers = 0;
  const name = (text: string) => {
    numbers += 1;
    lines.push(`%${numbers} = ${text}`);
    return `%${numbers}`;
  };
  /** `and(and(x, y), z)` reads better as `and(x, y, z)`. */
  const partsOf = (expr: Expr) =>
    children(expr).flatMap((child) => (opens(expr, child) && chains.get(child)) || [texts.get(child)!]);
  return {
    print(root) {
      for (const expr of nodes(root)) {
        if (texts.has(expr)) continue;
        const parts = partsOf(expr);
        const text = printNode(expr, parts);
        const needsName = parts.length > 0 && expr !== root && (uses.get(expr)! > 1 || text.length > WIDTH);
        texts.set(expr, needsName ? name(text) : text);
        if (!needsName) chains.set(expr, parts);
      }
      return texts.get(root)!;
    },
    newLines() {
      const fresh = lines;
      lines = [];
      return fresh;
    },
  };
}

/** True if the child is a part of one chain of `and` or of `or` with its parent. */
function opens(parent: Expr, child: Expr): boolean {
  return parent.kind === "op" && child.kind === "op" && parent.op === child.op && isChain(parent.op);
}
const isChain = (op: OpName) => op === "and" || op === "or";

function countUses(all: readonly Expr[]): ReadonlyMap<Expr, number> {
  const uses = new Map<Expr, number>(all.map((root) => [root, 1]));
  for (const expr of nodes(...all)) for (const child of children(expr)) uses.set(child, (uses.get(child) ?? 0) + 1);
  return uses;
}

function printNode(expr: Expr, parts: readonly string[]): string {
  switch (expr.kind) {
    case "const":
      return printValue(expr.type, expr.value);
    case "coord":
      return coordinates[expr.axis];
    case "extent":
      return expr.extent === "queryStart" ? "query_start" : `len(${expr.extent})`;
    case "quantity":
      return quantities[expr.name];
    case "param":
    case "local":
      return expr.name;
    case "load":
      return `${expr.tensor}[${parts.join(", ")}]`;
    case "search":
      return `search(${expr.tensor}[${[...parts.slice(0, -2), `:${parts.at(-2)}`].join(", ")}], ${parts.at(-1)})`;
    case "op":
      return `${expr.op}(${parts.join(", ")})`;
  }
}

const coordinates = { batch: "b", head: "h", kv: "kv", query: "q", key: "k" } as const;

const quantities: Readonly<Record<Quantity, string>> = {
  dot: "dot(Q, K)",
  dot2: "dot2(Q, K)",
  dot3: "dot3(Q, K)",
  dot4: "dot4(Q, K)",
  score: "s",
  weight: "p",
  lse: "lse",
  queryNorm2: "dot(Q, Q)",
  keyNorm2: "dot(K, K)",
  valueNorm2: "dot(V, V)",
};

/** Floats always show a point or an exponent. */
function printValue(type: ScalarType, value: Value): string {
  if (type !== "float") return String(value);
  const text = Object.is(value, -0) ? "-0" : String(value);
  return Number.isInteger(value) && !text.includes("e") ? `${text}.0` : text;
}
