// The laws of block facts, on one call: a block that is called empty holds no visible pair, one that is called full no
// hidden one. The classifier and the walk over the keys are judged apart, because each can be wrong alone; what throws is
// wrong too, for nothing that the checker lets through may stop the compiler.

import type { BackendName } from "../../targets/target.ts";
import { wasmSimd128 } from "../../targets/wasm-simd128.ts";
import { bindProgram } from "../execute/bind-program.ts";
import { blockClasses } from "../execute/block-classes.ts";
import { runBlockList } from "../execute/run-block-list.ts";
import { planCase } from "../execute/run-plan.ts";
import { withOrder } from "../execute/stored-call.ts";
import { type Walker, walkers } from "../execute/walk.ts";
import type { BlockListPlan, Program } from "../schedule/plan.ts";
import { blockListSteps } from "../schedule/steps.ts";
import type { Visit } from "../schedule/traversal.ts";
import type { Case } from "../spec/case.ts";
import type { Tile } from "./inputs.ts";
import type { Letter, Place, Truth } from "./truth.ts";

/** Who said something of a block, and is judged for it. */
export type Check = "classifier" | "walk" | "list" | BackendName;

export type Wrong = { readonly check: Check; readonly why: string };

/** How many of the truly empty and the truly full blocks were found. */
export type Found = { empty: number; full: number };

export type FactReport = {
  readonly found: { readonly classifier: Found; readonly walk: Found };
  /** The program writes a list of blocks. */
  readonly listed: boolean;
  /** The first wrong claim of each check that made one. */
  readonly wrong: readonly Wrong[];
};

/** Judges the classifier, the walk and the list of blocks. */
export function checkFacts(call: Case, tile: Tile, truth: Truth): FactReport {
  const classifier = guarded("classifier", () => judgeClassifier(call, tile, truth));
  let program: Program | undefined;
  const walk = guarded("walk", () => {
    program = planCase(call, { ...wasmSimd128, tile });
    return judgeWalk(program, withOrder(program.ir, call), tile, truth);
  });
  const [step] = program ? blockListSteps(program) : [];
  const list = step && guarded("list", () => judgeList(step.plan, program!, withOrder(program!.ir, call), truth));
  const wrong = [classifier.wrong, walk.wrong, list?.wrong].flatMap((each) => each ?? []);
  return { found: { classifier: classifier.found, walk: walk.found }, listed: step !== undefined, wrong };
}

type Judgement = { readonly found: Found; readonly wrong?: Wrong };

function guarded(check: Check, judge: () => Judgement): Judgement {
  try {
    return judge();
  } catch (error) {
    return { found: { empty: 0, full: 0 }, wrong: { check, why: `it throws: ${(error as Error).message}` } };
  }
}

const NAMES = { e: "empty", f: "full", p: "partial" } as const;

function judgeClassifier(call: Case, tile: Tile, truth: Truth): Judgement {
  const found: Found = { empty: 0, full: 0 };
  const classes = blockClasses(call, tile);
  const { shape } = call;
  let wrong: Wrong | undefined;
  for (let batch = 0; batch < shape.batch; batch++) {
    for (let head = 0; head < shape.heads; head++) {
      for (const [i, letters] of classes.rows(batch, head).entries()) {
        const row = i * tile.queries;
        const truly = truth.letters(batch, head, row);
        for (const [j, claim] of [...letters].entries()) {
          if (claim === "p") continue;
          if (claim === truly[j]) found[NAMES[claim as "e" | "f"]] += 1;
          else wrong ??= refute("classifier", claim as Letter, truth, { batch, head, row, key: j * tile.keys });
        }
      }
    }
  }
  return { found, ...(wrong && { wrong }) };
}

function refute(check: Check, claim: Letter, truth: Truth, place: Place, by = ""): Wrong {
  const pair = truth.witness(place, claim === "e");
  const what = claim === "e" ? "visible" : "hidden";
  const block = `the block at row ${place.row}, key ${place.key} of batch ${place.batch}, head ${place.head}`;
  return { check, why: `${block} is called ${NAMES[claim]}${by}, but (${pair?.row}, ${pair?.key}) is ${what}` };
}

/** What the step writes that makes the list of blocks: it is the same for all heads. Finds what the walk finds. */
function judgeList(plan: BlockListPlan, program: Program, call: Case, truth: Truth): Judgement {
  const { tile } = plan;
  const bindings = bindProgram(program, call);
  let wrong: Wrong | undefined;
  for (const [batch, rows] of runBlockList(plan, call, bindings).entries()) {
    for (const [index, visits] of rows.entries()) {
      for (let head = 0; head < call.shape.heads; head++) {
        const place = { batch, head, row: index * tile.queries };
        wrong ??= judgeEntries(visits, truth.letters(batch, head, place.row), tile, truth, place);
      }
    }
  }
  return { found: { empty: 0, full: 0 }, ...(wrong && { wrong }) };
}

function judgeEntries(
  visits: readonly Visit[],
  letters: readonly Letter[],
  tile: Tile,
  truth: Truth,
  place: Omit<Place, "key">,
): Wrong | undefined {
  const listed = new Map(visits.map(({ firstKey, masked }) => [firstKey, masked]));
  const inOrder = visits.every(({ firstKey }, index) => index === 0 || firstKey > visits[index - 1]!.firstKey);
  if (!inOrder) return { check: "list", why: `the list of row ${place.row} is not in the order of the keys` };
  for (const [index, letter] of letters.entries()) {
    const key = index * tile.keys;
    if (letter !== "e" && !listed.has(key)) return refute("list", "e", truth, { ...place, key });
    if (letter !== "f" && listed.get(key) === false) return refute("list", "f", truth, { ...place, key });
  }
  return undefined;
}

/** Every fact at every tile, also at tiles that the walk never comes to. */
function judgeWalk(program: Program, call: Case, tile: Tile, truth: Truth): Judgement {
  const found: Found = { empty: 0, full: 0 };
  let wrong: Wrong | undefined;
  for (const walker of walkers(program, call)) {
    const letters = truth.letters(walker.batch, walker.head, walker.first);
    wrong ??= judgeTile(walker, letters, tile, truth, found);
  }
  return { found, ...(wrong && { wrong }) };
}

function judgeTile(
  walker: Walker,
  letters: readonly Letter[],
  tile: Tile,
  truth: Truth,
  found: Found,
): Wrong | undefined {
  const { batch, head, first: row, alive, values } = walker;
  let reached = 0;
  for (let key = 0; key < alive; key += tile.keys) {
    const letter = letters[key / tile.keys]!;
    const place = { batch, head, row, key };
    const next = values.next?.(key) ?? key;
    if (next < key || next % tile.keys !== 0) return { check: "walk", why: `from key ${key} the walk goes to ${next}` };
    for (let jumped = key; jumped < Math.min(next, alive); jumped += tile.keys) {
      if (letters[jumped / tile.keys] === "e") continue;
      return refute("walk", "e", truth, { ...place, key: jumped }, ` by the jump from key ${key}`);
    }
    const lastKey = Math.min(key + tile.keys, alive) - 1;
    const may = values.may?.(key, lastKey) ?? true;
    const must = values.must?.(key, lastKey) ?? false;
    if (!may && letter !== "e") return refute("walk", "e", truth, place, " by its bounds");
    if (must && letter !== "f") return refute("walk", "f", truth, place, " by its bounds");
    if (key === reached) reached = next;
    if (letter === "e" && (!may || key < reached)) found.empty += 1;
    if (letter === "f" && must) found.full += 1;
    if (key === reached) reached += tile.keys;
  }
  return undefined;
}
