// Why a term gives no range of keys, in a few words: the first thing in it that `solve.ts` has no inverse for. A table
// of symptoms, the plainest first; nothing here decides anything.

import type { Expr } from "../../ir/expr.ts";
import { children, nodes } from "../../ir/walk.ts";
import type { OpName } from "../../ops/index.ts";
import { affineOf } from "../affine.ts";
import { type Rate, rates } from "../depends.ts";

/** What is known of the term beside its text. */
type Term = {
  readonly condition: Expr;
  readonly parts: readonly Expr[];
  readonly readsKey: (expr: Expr) => boolean;
  readonly rate: (expr: Expr) => Rate;
  readonly isSorted: (tensor: string) => boolean;
};

/** A symptom gives the reason where it is found. */
type Symptom = (term: Term) => string | undefined;

/** Why the condition, which the walk could not solve for the key, gives no range of keys.
 *  @param isSorted whether a captured tensor is promised to be sorted */
export function whyUnsolved(condition: Expr, isSorted: (tensor: string) => boolean): string {
  const rateAt = rates([condition]);
  const rate = (expr: Expr) => rateAt.get(expr)!;
  const readsKey = (expr: Expr) => rate(expr) === "key" || rate(expr) === "pair";
  const term: Term = { condition, parts: nodes(condition), rate, readsKey, isSorted };
  for (const symptom of SYMPTOMS) {
    const reason = symptom(term);
    if (reason !== undefined) return reason;
  }
  return "the key cannot be brought alone to one side";
}

/** The reason, if some part that varies along the keys is one of these operations. */
const holds =
  (names: readonly OpName[], reason: string): Symptom =>
  ({ parts, readsKey }) =>
    parts.some((part) => part.kind === "op" && names.includes(part.op) && readsKey(part)) ? reason : undefined;

const captured: Symptom = ({ condition, parts, readsKey, isSorted }) => {
  const load = parts.find((part) => part.kind === "load" && readsKey(part));
  if (load?.kind !== "load") return undefined;
  const isPlace = affineOf(load.at.at(-1)!).terms.size === 1;
  const compares = condition.kind === "op" && children(condition).includes(load);
  if (!compares || !isPlace) return `it looks the key up in the captured tensor \`${load.tensor}\``;
  const order = isSorted(load.tensor) ? "" : ", which is not promised to be `sorted`";
  return `it compares an element of the captured tensor \`${load.tensor}\`${order}`;
};

/** A factor is harmless where it is a number. */
const product: Symptom = ({ parts, readsKey, rate }) => {
  const found = parts.find(
    (part) =>
      part.kind === "op" && part.op === "mul" && readsKey(part) && part.args.every(({ kind }) => kind !== "const"),
  );
  if (!found) return undefined;
  return rate(found) === "pair" ? "q and k stand in one product" : "the key is multiplied by what only the call knows";
};

const floats: Symptom = ({ condition }) =>
  condition.kind === "op" && condition.args[0]?.type === "float" ? "it compares floats" : undefined;

const bools: Symptom = ({ condition }) =>
  condition.kind === "op" && condition.args[0]?.type === "bool" ? "it compares two conditions" : undefined;

const unequal: Symptom = ({ condition }) =>
  condition.kind === "op" && condition.op === "ne" ? "`!=` leaves out single keys" : undefined;

const divided: Symptom = ({ parts, readsKey }) =>
  parts.some((part) => part.kind === "op" && part.op === "floorDiv" && readsKey(part.args[1]!))
    ? "it divides by something that varies with the key"
    : undefined;

const SYMPTOMS: readonly Symptom[] = [
  holds(["randomSeed", "randomMix", "randomUnit"], "it is random"),
  captured,
  bools,
  floats,
  holds(["floorMod"], "a remainder of the key repeats along the keys"),
  holds(["bitAnd", "bitOr", "bitXor", "shiftLeft"], "it looks at bits of the key"),
  product,
  divided,
  unequal,
  holds(["floorDiv", "shiftRight", "abs", "min", "max", "select"], "the key stands in more than one place"),
];
