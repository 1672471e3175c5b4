// What the language has and this version does not compile yet: E05xx.

import type { SupportProblem } from "../support-problem.ts";
import type { Entries } from "./entry.ts";

const LATER = "It belongs to the language, and this version of the compiler does not compile it.";

export const SUPPORT_CODES: Entries<SupportProblem["code"]> = {
  E0501: {
    meaning: "a declaration that is not supported yet",
    explanation: `${LATER} Evictions and pipelines are such declarations.`,
    wrong: "eviction streaming { when always protect first 4, last 1020 keep all protected }",
    right: "mask streaming = k < 4 or q - k < 1020",
  },
  E0502: {
    meaning: "a clause that is not supported yet",
    explanation: `${LATER} Clauses that work are \`grid mask score scale normalize empty weight align\` \`sparsity permute\` and \`output\`.`,
    wrong: "attention a { mask q >= k renormalize }",
    right: "attention a { mask q >= k }",
  },
  E0503: {
    meaning: "an expression that is not supported yet",
    explanation: `${LATER} Parts of row vectors are such expressions.`,
    wrong: "attention a(table: f32[n]) { score s + table[0..<4] }",
    right: "attention a(table: f32[n]) { score s + table[0] }",
  },
  E0504: {
    meaning: "a mask that reads a row vector",
    explanation:
      "Masks are decided in 32-bit floats, and all targets must decide alike. They add up products of vectors in different orders, so such a decision has no one answer yet.",
    wrong: "mask alike = dot(Q, K) > 0.0",
    right: "score alike = if dot(Q, K) > 0.0 then s else s - 8.0",
  },
  E0505: {
    meaning: "a product of a value with a query or a key",
    explanation: `Values may have another number of dimensions than queries and keys. ${LATER}`,
    wrong: "attention a { score s + dot(Q, V) }",
    right: "attention a { score s + norm(V) }",
  },
  E0506: {
    meaning: "arithmetic on row vectors",
    explanation: `${LATER} Vectors are compared by \`dot\`, \`norm\` and \`cosine\`, which give numbers.`,
    wrong: "score doubled = dot(Q * 2.0, K)",
    right: "score doubled = dot(Q, K) * 2.0",
  },
  E0507: {
    meaning: "a row vector in a place that does not take it yet",
    explanation: `${LATER} Use the vector in a score or a weight.`,
    wrong: "attention a { scale 1.0 / norm(Q) }",
    right: "attention a { scale 1.0 score s / norm(Q) }",
  },
  E0509: {
    meaning: "a reduction where one pair is looked at",
    explanation:
      "Masks, scores and weights are computed pair by pair. Reductions over queries, keys or heads stand in outputs, sparsities and permutations.",
    wrong: "attention a { score s - mean[key] s }",
    right: "attention a { output average = mean[key] s }",
  },
  E0508: {
    meaning: "an axis that is not supported here yet",
    explanation: `${LATER} Captured tensors are read one number at a time, so they have no axes \`group\`, \`dim\`, \`value_dim\` or \`layer\`.`,
    wrong: "attention a(factor: f32[group]) { score s * factor }",
    right: "attention a(factor: f32[head]) { score s * factor }",
  },
};
