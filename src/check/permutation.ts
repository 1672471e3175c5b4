// `permutation NAME(...) { of key order by ... }` → what it means. Language, §5 and exact rule 13.

import type { Span } from "../source/span.ts";
import type { Permutation } from "../spec/choice.ts";
import type { Environment } from "./environment.ts";
import { SORT_KEY } from "./place.ts";
import {
  type ChoiceDeclaration,
  demandRule,
  elaborateSize,
  elaborateValue,
  partsOf,
  rulesOf,
  wrongForm,
} from "./rules.ts";

const FORMS = {
  of: ["of key", "of query", "of token"],
  per: ["per head", "per kv", "per batch"],
  within: ["within SIZE", "within SIZE complete"],
  order: ["order by VALUE [descending], ..."],
};

/** Axes along which a sort key may change, beside that of the tokens. */
const SHARED = {
  head: ["batch", "head", "kv"],
  kv: ["batch", "kv"],
  batch: ["batch"],
} as const;

/** Undefined where a part could not be built. Problems: E0311, E0448, E0449, and those of its values.
 *  @param at where the attention uses it */
export function elaboratePermutation(
  env: Environment,
  declaration: ChoiceDeclaration,
  at: Span,
): Permutation | undefined {
  const of = readWord(env, declaration, "of");
  const per = rulesOf(declaration, "per").length > 0 ? readWord(env, declaration, "per") : "kv";
  const within = readWithin(env, declaration);
  if (!of || !per || within === "broken") return undefined;
  const sides = { of, per } as Pick<Permutation, "of" | "per">;
  const order = readOrder(env, declaration, sides);
  return order && { name: declaration.name, span: at, ...sides, ...(within && { within }), order };
}

/** Problems: E0448, E0449. */
function readWord(env: Environment, declaration: ChoiceDeclaration, keyword: "of" | "per"): string | undefined {
  const rule = demandRule(env, declaration, keyword);
  if (!rule) return undefined;
  const word = partsOf(rule)
    .map(({ shape }) => shape)
    .join(" ");
  return FORMS[keyword].includes(`${keyword} ${word}`) ? word : wrongForm(env, rule, FORMS[keyword]);
}

function readWithin(env: Environment, declaration: ChoiceDeclaration): Permutation["within"] | "broken" {
  const [rule] = rulesOf(declaration, "within");
  if (!rule) return undefined;
  const [first, ...more] = partsOf(rule);
  const shapes = more.map(({ shape }) => shape).join(", ");
  if (first!.shape !== "_" || (shapes !== "" && shapes !== "complete")) {
    wrongForm(env, rule, FORMS.within);
    return "broken";
  }
  const size = elaborateSize(env, first!.value!);
  return size ? { size, complete: shapes === "complete" } : "broken";
}

function readOrder(
  env: Environment,
  declaration: ChoiceDeclaration,
  { of, per }: Pick<Permutation, "of" | "per">,
): Permutation["order"] | undefined {
  const rule = demandRule(env, declaration, "order");
  if (!rule) return undefined;
  const parts = partsOf(rule);
  const order: Permutation["order"][number][] = [];
  for (const [place, { shape, value }] of parts.entries()) {
    if (shape === "descending" && order.length > 0) continue;
    if (shape !== (place === 0 ? "by _" : ", _")) return wrongForm(env, rule, FORMS.order);
    const free = [...SHARED[per], of === "query" ? "query" : "key"] as const;
    const node = elaborateValue(env, SORT_KEY, value!, "number", free);
    if (!node) return undefined;
    order.push({ value: node, descending: parts[place + 1]?.shape === "descending" });
  }
  return order;
}
