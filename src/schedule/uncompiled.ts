// What the language describes, the reference computes, and no kernel of a backend does yet.

import type { Target } from "../../targets/target.ts";
import type { PlanProblem } from "../diagnostics/plan-problem.ts";
import { uncompiledPart } from "../ir/lower-selection.ts";
import { uncompiledOrder } from "../ir/uncompiled-order.ts";
import { uncompiledOutput } from "../ir/uncompiled-output.ts";
import type { Attention } from "../spec/spec.ts";

/** E0608 for each. Nothing that has one may be lowered: it would be left out. */
export function findUncompiled(
  attention: Attention,
  { name: target }: Pick<Target, "name">,
): readonly Extract<PlanProblem, { code: "E0608" }>[] {
  const { name, sparsities = [], permutation, outputs } = attention;
  const order = uncompiledOrder(attention);
  const found = [
    ...sparsities.flatMap((sparsity) => {
      const part = uncompiledPart(sparsity, attention);
      return part === undefined ? [] : [{ at: sparsity.span, construct: `sparsity ${part}` }];
    }),
    ...(order === undefined ? [] : [{ at: permutation!.span, construct: `permute ${order}` }]),
    ...(outputs.named ?? []).flatMap(({ span, name: output, value }) => {
      const part = uncompiledOutput(value);
      return part === undefined ? [] : [{ at: span, construct: `output ${output}: ${part}` }];
    }),
  ];
  return found.map((place) => ({ code: "E0608", kind: "not-compiled-yet", attention: name.text, target, ...place }));
}
