// Words for what the language has and this version does not compile yet.

import { PLACES } from "./describe-names.ts";
import type { SupportProblem } from "./support-problem.ts";
import { type Describers, label } from "./words.ts";

export const SUPPORT_WORDS: Describers<SupportProblem> = {
  "declaration-unsupported": ({ at, construct }) => ({
    title: `\`${construct}\` is not supported yet`,
    primary: label(at, "not compiled yet"),
    why: "it belongs to the language, and this version of the compiler does not compile it",
    hint: "where the choice does not depend on the data, write it as a `mask`",
  }),
  "clause-unsupported": ({ at, construct }) => ({
    title: `the clause \`${construct}\` is not supported yet`,
    primary: label(at, "not compiled yet"),
    why: "it belongs to the language, and this version of the compiler does not compile it",
    hint: "what works: `grid`, `mask`, `score`, `scale`, `normalize`, `empty`, `weight`, `align`, `sparsity`, `permute` and `output`",
  }),
  "expression-unsupported": ({ at, construct }, quote) => ({
    title: `\`${quote(at)}\` is not supported yet`,
    primary: label(at, construct),
    why: "it belongs to the language, and this version of the compiler does not compile it",
    hint: "compute it before the call and capture it as a tensor: `name: f32[batch, key]`",
  }),
  "reduction-misplaced": ({ at, operator, place }) => ({
    title: `\`${operator.text}\` cannot stand in ${PLACES[place]}`,
    primary: label(at, "a reduction over an axis"),
    why: `${PLACES[place]} is computed for one pair of a query and a key, before the others are known`,
    hint: "reductions stand in `output NAME = ...`, in a `sparsity` and in a `permutation`",
  }),
  "vector-in-decision": ({ name }) => ({
    title: `a mask cannot read the vector \`${name.text}\` yet`,
    primary: label(name.span, "a row vector"),
    why: "targets add up a product in different orders, so they would not all decide alike",
    hint: "use it in a score: `score if dot(Q, K) > 0.0 then s else s - 1.0`",
  }),
  "value-product-unsupported": ({ at, left, right }) => ({
    title: `the product of \`${left}\` and \`${right}\` is not supported yet`,
    primary: label(at, "values with queries or keys"),
    why: "values may have another number of dimensions than queries and keys",
    hint: "compare `Q` with `K`, or `V` with itself",
  }),
  "vector-arithmetic-unsupported": ({ at, operator }, quote) => ({
    title: `\`${operator}\` on the vector \`${quote(at)}\` is not supported yet`,
    primary: label(at, "a row vector"),
    why: "vectors can be compared as wholes, but not computed with",
    hint: "compute with a number: `dot(Q, K)`, `norm(Q)`, `cosine(Q, K)`",
  }),
  "vector-place-unsupported": ({ name, place }) => ({
    title: `\`${name.text}\` in ${PLACES[place]} is not supported yet`,
    primary: label(name.span, "a row vector"),
    why: "it belongs to the language, and this version of the compiler does not compile it",
    hint: `use \`${name.text}\` in a score: \`score s * norm(${name.text})\``,
  }),
  "axis-unsupported": ({ name }) => ({
    title: `the axis \`${name.text}\` is not supported here yet`,
    primary: label(name.span, "not compiled yet"),
    why: "tensors are read one number at a time, for one batch, head, query and key",
    hint: "use the axes `batch`, `head`, `kv`, `query`, `key` and `token`, or an extent such as `n`",
  }),
};
