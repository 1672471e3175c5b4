// Applies rules to every expression of the attention:
//
//   not (q < k) and true      →   k <= q
//   (k // 16) // 4 < 2        →   k < 128

import { promisesOf } from "../analysis/promises.ts";
import { mapRoots } from "../ir/roots.ts";
import type { Pass } from "./pass.ts";
import { factsIn, makeRuleBook, nothingSettled, type Rule, rewrite } from "./rewrite.ts";

/** A pass that applies the rules until none of them applies any more. */
export function rulePass(name: string, why: string, rules: readonly Rule[]): Pass {
  const book = makeRuleBook(rules);
  return {
    name,
    why,
    run(attention, trace) {
      const facts = factsIn(promisesOf(attention));
      const settled = nothingSettled();
      return mapRoots(attention, (expr, arithmetic) => rewrite(expr, arithmetic, book, facts, trace, settled));
    },
  };
}
