// What sparsities choose, as rows of a name and a sentence.

import type { KeepRule } from "../../spec/choice.ts";
import type { Bounds, ChoiceCounts } from "./choices.ts";
import type { Explanation } from "./explanation.ts";
import { percent } from "./percent.ts";

type Row = readonly [name: string, text: string];

export function choiceRows({ shape, passes, choices }: Explanation): readonly Row[] {
  if (!choices) {
    const isLarge = passes.some(({ pass }) => pass === "choose");
    return isLarge ? [["choice", "the map is too large to be counted; ask for a smaller shape"]] : [];
  }
  const { sparsities, visiblePairs } = choices;
  const all = shape.batch * shape.heads * shape.queries * shape.keys;
  const { least, most } = visiblePairs;
  const left = least === most ? share(most, all) : `${share(least, all)} to ${share(most, all)}`;
  const hint = isKnown(visiblePairs) ? "" : ", whatever the rows are; give query and key with --in to see the choice";
  return [...sparsities.flatMap(rowsOf), ["", `leaves ${left} of all pairs visible (${text(visiblePairs)})${hint}`]];
}

const isKnown = ({ least, most }: Bounds) => least === most;
const share = (count: number, all: number) => percent(all === 0 ? 0 : count / all);
const round = (value: number) => `${Number(value.toPrecision(6))}`;
const text = ({ least, most }: Bounds) => (least === most ? round(most) : `${round(least)} to ${round(most)}`);

function rowsOf({
  sparsity,
  keep,
  budget,
  blocks,
  candidates,
  candidatesOfLine,
  chosen,
}: ChoiceCounts): readonly Row[] {
  return [
    ["choice", `${sparsity}: keeps ${RULES[keep](budget ? text(budget) : "")}`],
    ["", `${candidates} of ${blocks} blocks are candidates, ${text(candidatesOfLine)} at a time`],
    [
      "",
      `${text(chosen)} of ${blocks} blocks are chosen, ${share(chosen.most, blocks)}${isKnown(chosen) ? "" : " at most"}`,
    ],
  ];
}

const RULES: Readonly<Record<KeepRule["kind"], (budget: string) => string>> = {
  top: (count) => `the best ${count}`,
  ratio: (ratio) => `a share of ${ratio} of the candidates`,
  mass: (mass) => `the best whose softmax sums to ${mass}`,
  above: (threshold) => `what scores above ${threshold}`,
  where: () => "what its condition names",
};
