// Words for the problems of an attention's clauses, and of its size.

import type { ClauseProblem } from "./contract-problem.ts";
import { type Describers, didYouMean, label, listed } from "./words.ts";

export const CLAUSE_WORDS: Describers<ClauseProblem> = {
  "unknown-normalize": ({ name, known }) => ({
    title: `\`${name.text}\` is no way to normalise`,
    primary: label(name.span, "not known"),
    why: `scores become weights by ${listed(known, "or")}`,
    hint: didYouMean(name.text, known) ?? "write `normalize softmax`, which is the default",
  }),
  "sink-misplaced": ({ at, form }) => ({
    title: `\`${form.text}\` has no sink`,
    primary: label(at, "a sink"),
    secondary: [label(form.span, "takes none")],
    why: "a sink adds one more term to the sum of a softmax; `softmax_plus_one` is a softmax with a sink of 0",
    hint: "write `normalize softmax(sink = ...)`, or remove the sink",
  }),
  "rule-form": ({ at, keyword, forms }) => ({
    title: `this is no form of \`${keyword.text}\``,
    primary: label(at, "not known in this form"),
    why: `it is written ${listed(forms, "or")}`,
    hint: `write \`${forms[0]}\``,
  }),
  "rule-missing": ({ at, keyword, of }) => ({
    title: `this ${of} has no \`${keyword}\``,
    primary: label(at, `\`${keyword}\` is missing`),
    why:
      of === "sparsity"
        ? "a sparsity says how large blocks are, what they are worth and which are kept"
        : "a permutation says what is ordered, and by what",
    hint: RULE_HINTS[keyword] ?? `add \`${keyword}\``,
  }),
  "order-left-open": ({ at, sparsity }) => ({
    title: "`permute auto` leaves open which tokens the blocks of a sparsity hold",
    primary: label(at, "the compiler may choose any order"),
    secondary: [label(sparsity, "chooses blocks of it")],
    why: "blocks are blocks of the stored order, and another order would be another result",
    hint: "name the order, such as `permute tiles(8, 8)`",
  }),
  "bounds-type": ({ at, found }, quote) => ({
    title: `\`${quote(at)}\` cannot say where chunks begin`,
    primary: label(at, `is ${found}`),
    why: "a chunk begins with a token, so its bounds are a list of whole numbers, the same for all heads",
    hint: "declare it as `bounds: i32[chunks] sorted`, or as `i32[batch, chunks] sorted`",
  }),
  "selection-of-none-or-several": ({ at, sparsities }) => ({
    title: sparsities.length === 0 ? "there is no selection without a sparsity" : "there is more than one selection",
    primary: label(at, "the blocks that the sparsity of this attention chose"),
    secondary: sparsities.map((each) => label(each, "chooses blocks")),
    why: "blocks of several sparsities may differ in size, so a selection is that of the only one",
    hint:
      sparsities.length === 0
        ? "add `sparsity NAME(..)`"
        : "keep one sparsity, or output each from an attention of its own",
  }),
  "size-not-constant": ({ at }, quote) => ({
    title: `\`${quote(at)}\` is not known when the kernel is compiled`,
    primary: label(at, "differs from call to call"),
    why: "blocks and segments have the same size in every call",
    hint: "use a number or a `const` parameter: `const block: int = 64`",
  }),
  "unknown-empty": ({ name, known }) => ({
    title: `\`${name.text}\` is no rule for rows that see no key`,
    primary: label(name.span, "not known"),
    why: `such a row is ${listed(known, "or")}: nothing, the mean over all keys, or an error`,
    hint: didYouMean(name.text, known) ?? "write `empty zero`, which is the default",
  }),
  "unknown-output": ({ name }) => ({
    title: `there is no output \`${name.text}\``,
    primary: label(name.span, "not known"),
    why: "beside the result an attention can give `lse`, the log of each row's sum",
    hint: "write `output lse`",
  }),
  "score-not-alone": ({ name, at }) => ({
    title: `the score \`${name.text}\` cannot be part of an expression`,
    primary: label(at, "stands in an expression"),
    why: "a score takes the score so far and gives the next; clauses apply one after the other",
    hint: `give it a clause of its own: \`score ${name.text}\`, and the rest another: \`score s + ...\``,
  }),
  "too-large": ({ at, most }) => ({
    title: `this grows to more than ${most} operations when calls are replaced by what they stand for`,
    primary: label(at, "too large"),
    why: "equal calls are computed once, but calls with different arguments are not",
    hint: "call with the same arguments where you can, or put the numbers into a captured tensor",
  }),
  "too-deep": ({ at, most }) => ({
    title: `this grows to more than ${most} operations one inside the other`,
    primary: label(at, "too deep"),
    why: "an expression becomes code for every pair of a query and a key",
    hint: "add up in groups, or put the numbers into a captured tensor",
  }),
  "mask-never-true": ({ at }, quote) => ({
    title: `\`${quote(at)}\` is never true, so no query sees any key`,
    primary: label(at, "always false"),
    why: "all masks of an attention must hold, and this one never does",
    hint: "check the comparison: `q` is the query's position and `k` the key's",
  }),
  "mask-always-true": ({ at }, quote) => ({
    title: `\`${quote(at)}\` is always true, so this mask hides nothing`,
    primary: label(at, "always true"),
    why: "a mask that always holds changes nothing",
    hint: "remove it, or check the comparison: `q` is the query's position and `k` the key's",
  }),
  "score-discarded": ({ at, first }) => ({
    title: "this score does not read `s`, so the scores before it have no effect",
    primary: label(at, "does not read `s`"),
    secondary: [label(first, "has no effect")],
    why: "scores apply one after the other, each to the result `s` of the one before",
    hint: "begin with the score so far: `s + ...`",
  }),
};

const RULE_HINTS: Readonly<Record<string, string>> = {
  blocks: "add `blocks 64 x 64`: query rows and keys of a block",
  score: "add `score dot(mean[query] Q, mean[key] K)`",
  keep: "add `keep top 8`, or `keep mass 0.9 of softmax`",
  of: "add `of key`, `of query` or `of token`",
  order: "add `order by k % 2, k // 2`",
};
