// What happens to each pair of a query row and a key: the score program and the mask between the products and the weights,
// and the weight behind them. Both are functions that the loops over a thread's own pairs call.

import { scoreRegion, usesLog2 } from "../attend-facts.ts";
import { regionFunction } from "../simt/functions.ts";
import { letStatements } from "../simt/walk.ts";
import { part, printFunction, type StepContext } from "./context.ts";
import { scoresOf } from "./scores.ts";
import { rowsView } from "./split.ts";

export type Pairs = {
  /** Text that makes the first scores of the products. */
  readonly scaled: string;
  /** Statements over the scores of a tile, and over its weights. */
  readonly pairStatements: string;
  readonly weightStatements: string;
  readonly functions: readonly string[];
};

export function pairsOf(context: StepContext): Pairs {
  const { plan, layout } = context;
  const score = scoreRegion(plan);
  const scoring = score && regionFunction("score_of", score, context.around, computedPerPair(context));
  const masking = plan.mask && regionFunction("is_visible", plan.mask, context.around, computedPerPair(context));
  const inLog2 = usesLog2(plan) ? "select(scored * LOG2E, HIDDEN, scored < LEAST)" : "scored";
  const pairStatements = [
    ...(scoring
      ? ["let product = column[r];", "let score = product;", `let scored = ${scoring.call};`, `column[r] = ${inLog2};`]
      : []),
    ...(masking ? [`if (masked && !${masking.call}) { column[r] = HIDDEN; }`] : []),
  ];
  const ragged = `next_key > keys`;
  const loop = {
    condition: scoring ? "" : masking ? `if (masked || ${ragged})` : `if (${ragged})`,
    keyStatements: keyStatements(context),
    rowReads: rowReads(context),
    ownRow: rowsView(plan).ownRow,
    layout,
    pairStatements,
  };
  const scale = plan.scale.at === "query" ? " * row_scale" : "";
  return {
    scaled: scoresOf(layout)
      .map(({ index }) => `score${index}${scale}`)
      .join(", "),
    pairStatements: part("pairs", loop),
    ...weighting(context),
    functions: [
      ...(scoring ? [printFunction(scoring, "The final score of a pair.")] : []),
      ...(masking ? [printFunction(masking, "Whether the query sees the key.")] : []),
      ...weighting(context).functions,
    ],
  };
}

/** Values that hang on the distance alone are computed for each pair: a table would cost a barrier. */
const computedPerPair = ({ plan }: StepContext) => plan.diagonal;

/** Values of a key that pairs read. */
function keyStatements({ plan, around, quantities }: StepContext): readonly string[] {
  return [
    ...(quantities.has("keyNorm2") ? ["let key_norm2 = squared_norm_key(batch, kv, key);"] : []),
    ...(quantities.has("valueNorm2") ? ["let value_norm2 = squared_norm_value(batch, kv, key);"] : []),
    ...letStatements(plan.key, around, "k"),
  ];
}

/** Values of a row that pairs read, from the vectors of the band. */
function rowReads({ plan, quantities }: StepContext): readonly string[] {
  return [
    ...(quantities.has("queryNorm2") ? ["let query_norm2 = row_norm2[r];"] : []),
    ...(plan.pass !== "online" && quantities.has("lse") ? ["let lse = row_lse[r];"] : []),
    ...plan.row.map(({ name }) => `let ${name} = row_${name}[r];`),
  ];
}

/** Statements over the pairs of a tile that see each other; hidden keys keep the weight 0. */
export const seenPairs = (context: StepContext, statements: readonly string[]): string =>
  part("seen-pairs", {
    keyStatements: keyStatements(context),
    rowReads: rowReads(context),
    ownRow: rowsView(context.plan).ownRow,
    layout: context.layout,
    statements,
  });

function weighting(context: StepContext): Pick<Pairs, "weightStatements" | "functions"> {
  const { plan, around, quantities } = context;
  if (!plan.weight) return { weightStatements: "", functions: [] };
  const { form, region } = plan.weight;
  const printed = regionFunction("weight_of", region, around, computedPerPair(context));
  const units = usesLog2(plan) ? "seen_scores[j][r] * LN2" : "seen_scores[j][r]";
  const weightStatements = seenPairs(context, [
    ...(quantities.has("dot") ? ["let product = products[j][r];"] : []),
    `let score = ${units};`,
    "let weight = scores[j][r];",
    `scores[j][r] = ${form === "factor" ? `weight * ${printed.call}` : printed.call};`,
  ]);
  const comment =
    form === "factor" ? "What the weight of a pair is multiplied by." : "What the weight of a pair becomes.";
  return { weightStatements, functions: [printFunction(printed, comment)] };
}
