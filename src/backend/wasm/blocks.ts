// From a block list step to the record that its template reads.

import type { BlockListPlan, Program, StepOf } from "../../schedule/plan.ts";
import { attendSteps } from "../../schedule/steps.ts";
import { capturedBy } from "../attend-facts.ts";
import type { BlocksView } from "../views.ts";
import { headStatements } from "./functions.ts";
import type { Words } from "./layout.ts";
import { listPlaces } from "./list.ts";
import { wordsView } from "./view.ts";
import { walkParts } from "./walk.ts";

export function blocksView(program: Program, { name, plan }: StepOf<BlockListPlan>, words: Words): BlocksView {
  // The walk is that of the pass for which it is written down, with its functions and its globals.
  const pass = attendSteps(program).find((step) => step.plan.traversal.list?.counts === plan.list.counts)!;
  const around = { step: pass.name, words, tensors: capturedBy(program), dims: program.dims, head: plan.head };
  const { enterTile, jump, may, must } = walkParts({ plan, around });
  return {
    step: name,
    at: wordsView(words),
    tile: plan.tile,
    grouped: plan.group > 1,
    group: { lastKey: plan.group * plan.tile.keys - 1 },
    head: headStatements({ plan, around }),
    ...{ enterTile, jump, may, must },
    keyTile: `(i32.shl (i32.div_u (local.get $first_key) (i32.const ${plan.tile.keys})) (i32.const 1))`,
    ...listPlaces(plan.list, plan.tile, words),
  };
}
