// Where the facts of a mask come from while tiles are still being tried.

import { dependencies } from "../analysis/depends.ts";
import { promisesOf } from "../analysis/promises.ts";
import { NO_SUMMARIES } from "../analysis/tile/evaluate.ts";
import type * as ir from "../ir/expr.ts";
import { type TensorSummaries, withSummaries } from "./summaries.ts";
import { type MaskFacts, maskFacts } from "./traversal.ts";

export type FactsFrom = (summaries: TensorSummaries) => MaskFacts | undefined;

/** The facts of the mask. Those of captured tensors go by summaries, and these by tiles; all others are found once, whatever
 *  tiles are tried. */
export function factsOf(attention: ir.AttentionIr): FactsFrom {
  const promises = withSummaries(promisesOf(attention));
  if (dependencies(attention.mask).tensors.size > 0) {
    return (summaries) => maskFacts(attention.mask, promises, summaries);
  }
  const facts = maskFacts(attention.mask, promises, NO_SUMMARIES);
  return () => facts;
}
