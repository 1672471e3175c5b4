// The rules that the body of a `sparsity` or a `permutation` is made of. All have one shape: a keyword, words that choose a
// form, a value, and again after words (or commas) that link one part to the next, as in
//
//     keep   mass coverage of softmax before crossing at least 2
//     order  by k % d, k // d descending
//
// This table says which words those are. They are keywords only where a part begins or a value has ended, so that a
// parameter may still be called `first`; what a rule means is none of the table's business.

/** The words of one rule. */
export type RuleWords = {
  /** Behind the keyword and behind links. */
  readonly forms: readonly string[];
  /** Behind a value. */
  readonly links: readonly string[];
};

const rule = (forms = "", links = ""): RuleWords => ({ forms: words(forms), links: words(links) });
const words = (text: string) => text.split(" ").filter((word) => word !== "");

export const SPARSITY_RULES: ReadonlyMap<string, RuleWords> = new Map([
  ["blocks", rule("by", "x")],
  ["score", rule()],
  ["share", rule("mean max any all group heads")],
  ["among", rule()],
  [
    "keep",
    rule(
      "top ratio mass above where softmax crossing least most row all none",
      "of before at over else floor ceil round",
    ),
  ],
  ["always", rule("within first last diagonal contains")],
]);

export const PERMUTATION_RULES: ReadonlyMap<string, RuleWords> = new Map([
  ["of", rule("key query token")],
  ["per", rule("head kv batch")],
  ["within", rule("", "complete")],
  ["order", rule("by", "descending")],
]);

/** All of them. */
export const RULE_WORDS: readonly string[] = [SPARSITY_RULES, PERMUTATION_RULES].flatMap((rules) =>
  [...rules].flatMap(([keyword, { forms, links }]) => [keyword, ...forms, ...links]),
);

/** Words with which a part is complete; behind any other a value follows. */
export const LAST_WORDS: ReadonlySet<string> = new Set(
  words(
    "group heads softmax crossing row all none diagonal key query token head kv batch complete descending floor ceil round",
  ),
);

/** Words that another word follows. */
export const LEADING_WORDS: ReadonlySet<string> = new Set(words("within mean max any all"));

/** Words of a range within the brackets of a reduction, as in `mean[query: last 32]`. */
export const RANGE_WORDS: ReadonlySet<string> = new Set(["first", "last", "where"]);
