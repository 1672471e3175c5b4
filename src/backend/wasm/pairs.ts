// From the step that folds the pairs of blocks to the record that its template reads. One pair at a time but for the products, like
// the importance of a row: few of them take part where it is to pay.

import type { BlockFold } from "../../ir/pair-fold.ts";
import { blocksOnSide, sideText } from "../../ir/sides.ts";
import { OF_NO_FLOATS } from "../../ir/statistics.ts";
import type { PairsPlan, Program, StepOf } from "../../schedule/plan.ts";
import { capturedBy } from "../attend-facts.ts";
import { blockFunction, endFunctions } from "./choose.ts";
import type { Words } from "./layout.ts";
import { listKeys, multiplyFour, NEXT_FOUR, productsFunction } from "./listed-keys.ts";
import { JOIN_ONE } from "./reduce.ts";
import { storedExtent, word } from "./scope.ts";
import { literal } from "./types.ts";
import { inStoredOrder, wordsView } from "./view.ts";
import type { PairsView } from "./views-choose.ts";

/** @param freeAt where in the scratch of a step there is room for a word a key, behind four rows of f32 */
export function pairsView(
  program: Program,
  { name: step, plan }: StepOf<PairsPlan>,
  given: Words,
  freeAt: number,
): PairsView {
  const words = plan.stored ? inStoredOrder(given, plan.stored) : given;
  const { fold, sides, dims, rows } = plan;
  const around = { step, words, tensors: capturedBy(program), dims, head: [] };
  const list = `(i32.add (global.get $scratch) (i32.const ${freeAt}))`;
  const ofBlock = { first: `(call $${step}.first_key (local.get $j))`, end: `(call $${step}.end_key (local.get $j))` };
  const { functions, ...listed } = listKeys(around, list, ofBlock, "(local.get $query)", fold.keys.takes);
  const count = (of: "query" | "key") => storedExtent(blocksOnSide(sides[of], of).count, words);
  const how = ({ op }: BlockFold) => ({
    nothing: literal("float", OF_NO_FLOATS[op], "one"),
    join: JOIN_ONE.f32[op],
  });
  return {
    ...{ step, at: wordsView(words), heads: word(words, "heads"), kvHeads: word(words, "kvHeads") },
    ...{ rows: sideText(sides.query, "query rows"), keys: sideText(sides.key, "keys") },
    ...{ rowBlocks: count("query"), keyBlocks: count("key"), folded: word(words, `buffer.${fold.tensor.name}`) },
    ...{ ofRows: how(fold.rows), ofKeys: how(fold.keys) },
    ...listed,
    multiply: multiplyFour(step, fold.keys.value, NEXT_FOUR),
    functions: [
      ...endFunctions(sides.query, "query", around),
      ...endFunctions(sides.key, "key", around),
      blockFunction("takes_row", ["query", "key"], fold.rows.takes, around),
      blockFunction("of_row", ["query", "key", "score"], fold.rows.value, around),
      ...functions,
      ...productsFunction(step, [fold.keys.value], dims.dim, { isHalf: rows.stored === "f16", words }),
      blockFunction("of_key", ["query", "key", "dot"], fold.keys.value, around),
    ].map((code) => ({ code: code.trimEnd() })),
  };
}
