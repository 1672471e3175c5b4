// Expressions as formulas for people: `lastQuery - window + 1` where `print.ts`, which serves dumps and rules, writes
// `add(sub(lastQuery, window), 1)`. What has no sign of its own stays a call.

import type { OpName } from "../ops/index.ts";
import type { Expr } from "./expr.ts";
import { extent, int } from "./make.ts";
import { printExpr } from "./print.ts";
import { children, fold } from "./walk.ts";

type Infix = { readonly sign: string; readonly strength: number; readonly isChain?: true };

const INFIX: Readonly<Partial<Record<OpName, Infix>>> = {
  or: { sign: "or", strength: 1, isChain: true },
  and: { sign: "and", strength: 2, isChain: true },
  lt: { sign: "<", strength: 4 },
  le: { sign: "<=", strength: 4 },
  gt: { sign: ">", strength: 4 },
  ge: { sign: ">=", strength: 4 },
  eq: { sign: "==", strength: 4 },
  ne: { sign: "!=", strength: 4 },
  bitOr: { sign: "|", strength: 5 },
  bitXor: { sign: "^", strength: 6 },
  bitAnd: { sign: "&", strength: 7 },
  shiftLeft: { sign: "<<", strength: 8 },
  shiftRight: { sign: ">>", strength: 8 },
  add: { sign: "+", strength: 9, isChain: true },
  sub: { sign: "-", strength: 9 },
  mul: { sign: "*", strength: 10, isChain: true },
  div: { sign: "/", strength: 10 },
  floorDiv: { sign: "//", strength: 10 },
  floorMod: { sign: "%", strength: 10 },
};
const COMPARISON = 4;
const PREFIX = 11;
const ATOM = 12;

/** A shared part is written out wherever it is used, so formulas end somewhere. */
const LONGEST = 2000;

type Text = { readonly text: string; readonly strength: number };

/** The expression in the signs of the language; undefined where it would fill a page. */
export function formulaOf(root: Expr): string | undefined {
  const texts = fold<Text | undefined>([root], (expr, parts) => {
    if (parts.includes(undefined)) return undefined;
    const text = write(expr, parts as readonly Text[]);
    return text.text.length > LONGEST ? undefined : text;
  });
  return texts.get(root)?.text;
}

function write(expr: Expr, parts: readonly Text[]): Text {
  if (children(expr).length === 0) return leaf(expr);
  const list = parts.map(({ text }) => text).join(", ");
  if (expr.kind === "load") return { text: `${expr.tensor}[${list}]`, strength: ATOM };
  if (expr.kind === "search") {
    const axis = expr.count === extent("keys") ? "key" : "place";
    const row = [...parts.slice(0, -2).map(({ text }) => text), axis].join(", ");
    return { text: `(first ${axis} where ${expr.tensor}[${row}] >= ${inside(parts.at(-1)!, 5)})`, strength: ATOM };
  }
  if (expr.kind !== "op") return { text: printExpr(expr).replaceAll("\n", "; "), strength: ATOM };
  const [left, right, third] = parts as [Text, Text, Text];
  const infix = INFIX[expr.op];
  if (infix) return join(expr, infix, left, right);
  if (expr.op === "neg") return { text: `-${inside(left, PREFIX)}`, strength: PREFIX };
  if (expr.op === "not") return { text: `not ${inside(left, 3)}`, strength: 3 };
  if (expr.op === "select")
    return { text: `if ${left.text} then ${inside(right, 1)} else ${inside(third, 1)}`, strength: 0 };
  return { text: `${expr.op}(${list})`, strength: ATOM };
}

/** x + −c is x − c. */
function join(expr: Expr & { readonly kind: "op" }, { sign, strength, isChain }: Infix, left: Text, right: Text): Text {
  const by = expr.args[1]!;
  const taken = expr.op === "add" && by.kind === "const" && by.type === "int" && (by.value as number) < 0;
  if (taken) return { text: `${inside(left, strength)} - ${leaf(int(-(by.value as number))).text}`, strength };
  // `a < b == c` would be a chain of comparisons.
  const first = strength === COMPARISON ? strength + 1 : strength;
  return { text: `${inside(left, first)} ${sign} ${inside(right, isChain ? strength : strength + 1)}`, strength };
}

const inside = ({ text, strength }: Text, needed: number) => (strength < needed ? `(${text})` : text);

/** Lengths have the names that the language gives them. */
const LENGTHS: Readonly<Record<string, string>> = {
  heads: "head",
  kvHeads: "kv",
  queries: "query",
  keys: "key",
  valueDim: "value_dim",
};

function leaf(expr: Expr): Text {
  const isNegative = expr.kind === "const" && typeof expr.value === "number" && expr.value < 0;
  if (expr.kind !== "extent" || expr.extent === "queryStart")
    return { text: printExpr(expr), strength: isNegative ? PREFIX : ATOM };
  return { text: `len(${LENGTHS[expr.extent] ?? expr.extent.replace(/^axis:/, "")})`, strength: ATOM };
}
