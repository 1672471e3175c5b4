// Parameters, contracts, tensors and calls: E0401 to E0419; clauses: E0441 and on; warnings W04xx.

import type { ContractProblem } from "../contract-problem.ts";
import type { Entries } from "./entry.ts";

export const CONTRACT_CODES: Entries<ContractProblem["code"]> = {
  E0401: {
    meaning: "a range that holds no number",
    explanation: "`in low..high` holds both of its ends. Either may be missing.",
    wrong: "mask near(window: int in 8..1) = q - k < window",
    right: "mask near(window: int in 1..8) = q - k < window",
  },
  E0402: {
    meaning: "a default outside of the promised range",
    explanation: "What is promised of a parameter holds for its default as well.",
    wrong: "mask near(window: int in 1.. = 0) = q - k < window",
    right: "mask near(window: int in 1.. = 8) = q - k < window",
  },
  E0403: {
    meaning: "a bound that is not known in advance",
    explanation: "The bounds of a range are numbers, or `const` parameters of the same declaration.",
    wrong: "mask near(n: int, window: int in 1..n) = q - k < window and k < n",
    right: "mask near(const n: int, window: int in 1..n) = q - k < window and k < n",
  },
  E0404: {
    meaning: "a contract that cannot be promised of this parameter",
    explanation: "`in` is promised of numbers and of tensors of numbers, `sorted` of tensors of `f32` or `i32`.",
    wrong: "mask near(window: int sorted) = q - k < window",
    right: "mask near(window: int in 1..) = q - k < window",
  },
  E0405: {
    meaning: "a `const` tensor",
    explanation: "`const` puts the value of a number into the kernel. Tensors are passed in every call.",
    wrong: "attention a(const doc: i32[token]) { mask doc[q] == doc[k] }",
    right: "attention a(doc: i32[token]) { mask doc[q] == doc[k] }",
  },
  E0406: {
    meaning: "a tensor with a default",
    explanation: "Captured tensors are passed in every call. Where one may be absent, write a second attention.",
    wrong: "attention a(doc: i32[token] = 0) { mask doc[q] == doc[k] }",
    right: "attention a(doc: i32[token]) { mask doc[q] == doc[k] }",
  },
  E0407: {
    meaning: "a default that is computed",
    explanation: "A default is a number, `true` or `false`: part of the interface that everybody can read.",
    wrong: "mask near(window: int = 4 * 8) = q - k < window",
    right: "mask near(window: int = 32) = q - k < window",
  },
  E0408: {
    meaning: "a parameter without a type",
    explanation: "Only the parameters of a `fn` may take their types from the call.",
    wrong: "mask near(window) = q - k < window",
    right: "mask near(window: int) = q - k < window",
  },
  E0409: {
    meaning: "a parameter with a default before one without",
    explanation:
      "Arguments are matched from the left, so a default in front of a parameter that needs an argument is never used.",
    wrong: "mask near(before: int = 8, after: int) = -after <= q - k <= before",
    right: "mask near(after: int, before: int = 8) = -after <= q - k <= before",
  },
  E0410: {
    meaning: "a captured tensor with the name of an input",
    explanation:
      "Every attention takes `query`, `key`, `value`, and optionally `key_lengths` and `query_start`, and gives `out` and `lse`.",
    wrong: "attention a(value: f32[head]) { score s * value }",
    right: "attention a(factor: f32[head]) { score s * factor }",
  },
  E0411: {
    meaning: "a call with too few or too many arguments",
    explanation:
      "A `fn`, `mask` or `score` is called with an argument for every parameter that has no default. An attention passes what it has by name: its parameters are not visible in what it uses.",
    wrong: 'import { sliding_window } from "std"\nattention a(window: int) { mask sliding_window and k < window }',
    right: 'import { sliding_window } from "std"\nattention a(window: int) { mask sliding_window(window) }',
  },
  E0412: {
    meaning: "an argument that breaks a promise",
    explanation:
      "What a parameter promises, every caller has to keep. A parameter that is passed on takes the promise over.",
    wrong: 'import { sliding_window } from "std"\nattention a { mask sliding_window(0) }',
    right: 'import { sliding_window } from "std"\nattention a { mask sliding_window(1) }',
  },
  E0413: {
    meaning: "an argument for a `const` parameter that is known only at run time",
    explanation:
      "The value of a `const` parameter is put into the kernel. Pass a number, or another `const` parameter.",
    wrong: "mask blocks(const size: int) = q // size == k // size\nattention a(n: int) { mask blocks(n) }",
    right: "mask blocks(const size: int) = q // size == k // size\nattention a(const n: int) { mask blocks(n) }",
  },
  E0414: {
    meaning: "an argument that should be a captured tensor",
    explanation: "A tensor is passed by its name, without an index.",
    wrong: 'import { document } from "std"\nattention a { mask document(k) }',
    right: 'import { document } from "std"\nattention a(doc: i32[batch, token]) { mask document(doc) }',
  },
  E0415: {
    meaning: "a tensor with other axes or elements than the parameter has",
    explanation:
      "A tensor parameter takes a captured tensor with the same axes. A new name in its axes stands for whatever extent the tensor has there; equal names have equal extents.",
    wrong: 'import { document } from "std"\nattention a(doc: i32[token]) { mask document(doc) }',
    right: 'import { document } from "std"\nattention a(doc: i32[batch, token]) { mask document(doc) }',
  },
  E0416: {
    meaning: "an index with too few or too many parts",
    explanation:
      "The axes `batch`, `head` and `kv` are bound to the current one and never written. Every other axis has an index.",
    wrong: "attention a(bias: f32[head, query, key]) { score s + bias[h, q, k] }",
    right: "attention a(bias: f32[head, query, key]) { score s + bias[q, k] }",
  },
  E0417: {
    meaning: "a tensor without an index where a number is needed",
    explanation: "Only a tensor whose axes are all `batch`, `head` or `kv` is used by its name alone.",
    wrong: "attention a(doc: i32[token]) { mask doc == 0 }",
    right: "attention a(doc: i32[token]) { mask doc[k] == 0 }",
  },
  E0418: {
    meaning: "an axis whose extent is known only at run time",
    explanation:
      "The extent of an axis is a number, a `const` parameter, an axis of the grid, or a new name that takes the tensor's own extent.",
    wrong: "attention a(n: int, tree: bool[n, n]) { mask tree[min(k, n - 1), 0] }",
    right: "attention a(tree: bool[n, n]) { mask tree[min(k, n - 1), 0] }",
  },
  E0419: {
    meaning: "an extent less than 1",
    explanation: "Tensors and grids have at least one element along every axis.",
    wrong: "attention a { grid (y: 0, x: 8) mask q.x == k.x }",
    right: "attention a { grid (y: 8, x: 8) mask q.x == k.x }",
  },
  E0441: {
    meaning: "an unknown way to normalise",
    explanation: "Scores become weights by `softmax`, `softmax(sink = z)`, `softmax_plus_one`, `sum` or `none`.",
    wrong: "attention a { normalize softmin }",
    right: "attention a { normalize softmax }",
  },
  E0442: {
    meaning: "a sink where there is none",
    explanation: "A sink adds one more term to the sum of a softmax. `softmax_plus_one` is a softmax with a sink of 0.",
    wrong: "attention a { normalize sum(sink = 1.0) }",
    right: "attention a { normalize softmax(sink = 1.0) }",
  },
  E0443: {
    meaning: "an unknown rule for rows that see no key",
    explanation: "Such a row is `zero` (the default), `uniform` (the mean over all keys) or `error`.",
    wrong: "attention a { empty zeros }",
    right: "attention a { empty zero }",
  },
  E0444: {
    meaning: "an unknown output",
    explanation: "Beside its result an attention can give `lse`, the log of the sum of each row.",
    wrong: "attention a { output lsa }",
    right: "attention a { output lse }",
  },
  E0445: {
    meaning: "a score inside of an expression",
    explanation:
      "A score takes the score so far and gives the next. Clauses apply one after the other, so split the expression into clauses.",
    wrong: 'import { softcap } from "std"\nattention a { score softcap(50.0) + 1.0 }',
    right: 'import { softcap } from "std"\nattention a { score softcap(50.0) score s + 1.0 }',
  },
  E0446: {
    meaning: "an attention that grows too large",
    explanation:
      "Every call is replaced by what it stands for. Equal calls are computed once, but functions that call each other with ever new arguments grow without bound.",
  },
  E0447: {
    meaning: "an attention that grows too deep",
    explanation:
      "Operations inside one another, counted through all calls, are limited. Add long sums up in groups, or put their numbers into a captured tensor.",
  },
  E0448: {
    meaning: "a rule in a form that it does not have",
    explanation: "Every rule of a sparsity or a permutation has a few forms; the message lists them.",
    wrong: "sparsity a { blocks 8 score 0.0 keep top 1 }",
    right: "sparsity a { blocks 8 x 8 score 0.0 keep top 1 }",
  },
  E0449: {
    meaning: "a sparsity or a permutation without a rule that it needs",
    explanation:
      "A sparsity needs `blocks`, `score` (unless it is `keep where`) and `keep`; a permutation needs `of` and `order by`.",
    wrong: "permutation a { order by k % 2 }",
    right: "permutation a { of key order by k % 2 }",
  },
  E0450: {
    meaning: "a size of blocks that differs from call to call",
    explanation: "Blocks and segments have one size, a number or a `const` parameter, so that kernels are made for it.",
    wrong: "sparsity a(n: int) { blocks n x n score 0.0 keep top 1 }",
    right: "sparsity a(const n: int) { blocks n x n score 0.0 keep top 1 }",
  },
  E0451: {
    meaning: "`permute auto` beside a sparsity",
    explanation:
      "Blocks of a sparsity are blocks of the stored order, so an order that the compiler may choose would leave open which tokens they hold. Name the order.",
    wrong: "sparsity near { blocks 8 x 8 keep where i == j } attention a { permute auto sparsity near }",
    right:
      'import { reversed } from "std" sparsity near { blocks 8 x 8 keep where i == j } attention a { permute reversed sparsity near }',
  },
  E0452: {
    meaning: "`selection` without exactly one sparsity",
    explanation:
      "`output chosen = selection` gives, for every block of rows and of keys, whether the sparsity of the attention chose it. Without one there is nothing to give, and blocks of several may differ in size.",
    wrong: "attention a { output chosen = selection }",
    right: "sparsity near { blocks 8 x 8 keep where i == j } attention a { sparsity near output chosen = selection }",
  },
  E0453: {
    meaning: "bounds of chunks that are no list of tokens",
    explanation:
      "`blocks by` takes the name of a tensor of i32 that says with which token each chunk begins: one list for all, or one for each batch. That it is sorted is promised by the attention, and checked in every call.",
    wrong: "sparsity a(ends: f32[n]) { blocks by ends keep where i == j }",
    right: "sparsity a(begins: i32[n] sorted) { blocks by begins keep where i == j }",
  },
  W0401: {
    meaning: "a mask that is never true",
    explanation: "All masks of an attention must hold. With one that never holds, no query sees any key.",
    wrong: "attention a { mask k < 0 }",
    right: "attention a { mask k < 8 }",
  },
  W0402: {
    meaning: "a mask that is always true",
    explanation: "It hides nothing. `mask true` may be written, and says so.",
    wrong: "attention a { mask k >= 0 }",
    right: "attention a { mask true }",
  },
  W0403: {
    meaning: "an argument that may break a promise",
    explanation:
      "A parameter that is passed on as it is takes the promise over, and is checked in every call. The value of any other expression cannot be checked, so it should be bounded.",
    wrong: 'import { sliding_window } from "std"\nattention a(w: int) { mask sliding_window(w - 1) }',
    right: 'import { sliding_window } from "std"\nattention a(w: int) { mask sliding_window(max(w - 1, 1)) }',
  },
  W0404: {
    meaning: "a score that discards those before it",
    explanation:
      "Scores apply in order, each to the result `s` of the one before. One that does not read `s` begins anew.",
    wrong: "attention a { score s * 2.0 score cosine(Q, K) }",
    right: "attention a { score cosine(Q, K) score s * 2.0 }",
  },
};
