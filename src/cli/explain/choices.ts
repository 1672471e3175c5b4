// What the sparsities of an attention choose: from how many candidates, by which budget, and what stays visible. Where the
// rows of numbers are given the choice itself is told, and elsewhere the bounds that the budget alone sets.

import { type Candidate, kept } from "../../reference/keep.ts";
import type { Chosen, Line } from "../../reference/selection.ts";
import { type Sight, sightOf } from "../../reference/sight.ts";
import type { Case } from "../../spec/case.ts";
import type { KeepRule, Share, Sparsity } from "../../spec/choice.ts";
import { zeros } from "../../tensors/elements.ts";

export type Bounds = { readonly least: number; readonly most: number };

export type ChoiceCounts = {
  readonly sparsity: string;
  readonly keep: KeepRule["kind"];
  /** N, R, P or T of the rows of blocks; absent of `where`. */
  readonly budget?: Bounds;
  /** Of all heads and batches; a candidate has a visible pair and is among those that may be chosen. */
  readonly blocks: number;
  readonly candidates: number;
  /** Candidates of a row of blocks, or of a head where all rows choose together. */
  readonly candidatesOfLine: Bounds;
  readonly chosen: Bounds;
  /** Pairs that the mask shows in the chosen blocks, and all pairs of them. */
  readonly visiblePairs: Bounds;
  readonly blockPairs: Bounds;
};

export type Choices = {
  readonly sparsities: readonly ChoiceCounts[];
  /** Pairs that are left of all heads and batches, and all pairs of the blocks that all sparsities choose. */
  readonly visiblePairs: Bounds;
  readonly blockPairs: Bounds;
};

/** Pairs that are looked at one by one at most. */
const MOST_PAIRS = 2 ** 22;

/** Undefined where nothing is chosen, and where the map is too large to be counted.
 *  @param choosable whether the call holds query and key */
export function choicesOf(given: Case, choosable: boolean): Choices | undefined {
  const { sparsities = [] } = given.attention;
  const { batch, heads, queries, keys } = given.shape;
  if (sparsities.length === 0 || batch * heads * queries * keys > MOST_PAIRS) return undefined;
  const sight = sightOf(choosable ? given : withoutScores(given));
  const counts = sparsities.map((sparsity, index) => countsOf(sparsity, index, sight, given, choosable));
  if (counts.length === 1) return { sparsities: counts, ...pairsOf(counts[0]!) };
  const left = choosable ? countLeft(sight, given) : undefined;
  const together = (pairs: keyof CountedPairs): Bounds => ({
    least: left?.[pairs] ?? 0,
    most: left?.[pairs] ?? Math.min(...counts.map((each) => each[pairs].most)),
  });
  return { sparsities: counts, visiblePairs: together("visiblePairs"), blockPairs: together("blockPairs") };
}

type CountedPairs = Pick<Choices, "visiblePairs" | "blockPairs">;
const pairsOf = ({ visiblePairs, blockPairs }: CountedPairs): CountedPairs => ({ visiblePairs, blockPairs });

/** The call with rows of zeros and without what scores read beside them: candidates and budgets are its own. */
export function withoutScores(call: Case): Case {
  const { batch, heads, kvHeads, queries, keys, dim } = call.shape;
  const sparsities = (call.attention.sparsities ?? []).map(({ score: _, ...rest }) => rest);
  return {
    ...call,
    attention: { ...call.attention, sparsities },
    query: zeros("f32", [batch, heads, queries, dim]),
    key: zeros("f32", [batch, kvHeads, keys, dim]),
  };
}

function countsOf(
  { name, keep, share }: Sparsity,
  index: number,
  { selections, mask }: Sight,
  { shape }: Case,
  choosable: boolean,
): ChoiceCounts {
  const heads = headsOf(shape).map(([batch, head]) => {
    const choice = selections[index]!(batch, head);
    const pairs = choice.rows.map((rows) =>
      choice.keys.map((keys) =>
        rows.reduce((sum, row) => sum + keys.filter((key) => mask.visible(batch, head, row, key)).length, 0),
      ),
    );
    return { choice, chosen: totalOf(choice, share, choosable, () => 1), pairs, batch, head };
  });
  const lines = heads.flatMap(({ choice }) => choice.lines);
  const budgets = lines.map(({ budget }) => budget.amount);
  const sum = (values: readonly Bounds[]): Bounds => ({
    least: values.reduce((total, { least }) => total + least, 0),
    most: values.reduce((total, { most }) => total + most, 0),
  });
  return {
    sparsity: name.text,
    keep: keep.rule.kind,
    ...(keep.rule.kind !== "where" && budgets.length > 0 && { budget: spread(budgets) }),
    blocks: heads.reduce((total, { choice: { rows, keys } }) => total + rows.length * keys.length, 0),
    candidates: heads.reduce((total, { choice }) => total + candidatesOf(choice.lines).length, 0),
    candidatesOfLine: lines.length === 0 ? NOTHING : spread(lines.map(({ candidates }) => candidates.length)),
    chosen: sum(heads.map(({ chosen }) => chosen)),
    visiblePairs: sum(heads.map(({ choice, pairs }) => totalOf(choice, share, choosable, ({ i, j }) => pairs[i]![j]!))),
    blockPairs: sum(heads.map(({ choice }) => totalOf(choice, share, choosable, areaOf(choice)))),
  };
}

const areaOf =
  ({ rows, keys }: Chosen) =>
  ({ i, j }: Place) =>
    rows[i]!.length * keys[j]!.length;

const NOTHING: Bounds = { least: 0, most: 0 };
const spread = (values: readonly number[]): Bounds => ({ least: Math.min(...values), most: Math.max(...values) });

const headsOf = ({ batch, heads }: Case["shape"]): readonly (readonly [batch: number, head: number])[] =>
  Array.from({ length: batch * heads }, (_, at) => [Math.floor(at / heads), at % heads]);

type Place = Pick<Candidate, "i" | "j">;

/** The sum of `value` over the chosen blocks of a head. What is added may be among the best as well. */
function totalOf(
  choice: Chosen,
  share: Share | undefined,
  choosable: boolean,
  value: (place: Place) => number,
): Bounds {
  const placesOf = (grid: Chosen["added"]) =>
    grid.flatMap((row, i) => row.flatMap((isIn, j): Place[] => (isIn ? [{ i, j }] : [])));
  const sum = (places: readonly Place[]) => places.reduce((total, place) => total + value(place), 0);
  if (choosable) {
    const total = sum(placesOf(choice.chosen));
    return { least: total, most: total };
  }
  const added = sum(placesOf(choice.added));
  const rows = [...new Set(choice.lines.map(({ row }) => row))];
  return rows.reduce(
    (total, row) => {
      const lines = choice.lines.filter((line) => line.row === row);
      const { least, most } = sharedBounds(lines, share);
      const free = candidatesOf(lines).filter(({ i, j }) => !choice.added[i]![j]!);
      const values = free.map(value).sort((a, b) => a - b);
      const overlap = candidatesOf(lines).length - free.length;
      const up = values.slice(0, Math.max(0, least - overlap));
      const down = values.slice(Math.max(0, values.length - most));
      return { least: total.least + up.reduce(add, 0), most: total.most + down.reduce(add, 0) };
    },
    { least: added, most: added },
  );
}

const add = (a: number, b: number) => a + b;

/** Heads that share candidates have each block of them once. */
const candidatesOf = (lines: readonly Line[]): readonly Candidate[] => [
  ...new Map(lines.flatMap(({ candidates }) => candidates.map((each) => [`${each.i} ${each.j}`, each]))).values(),
];

/** How many blocks a row keeps: of `any` and `all` there is a line for each head. */
function sharedBounds(lines: readonly Line[], share: Share | undefined): Bounds {
  const bounds = lines.map(boundsOf);
  const count = candidatesOf(lines).length;
  const [least, most] = [bounds.map((each) => each.least), bounds.map((each) => each.most)];
  if (share?.how === "all") {
    return { least: Math.max(0, least.reduce(add, 0) - (lines.length - 1) * count), most: Math.min(...most) };
  }
  return { least: Math.max(...least), most: Math.min(count, most.reduce(add, 0)) };
}

/** How many candidates a budget keeps whatever their scores are. */
function boundsOf({ candidates, budget }: Line): Bounds {
  const { rule, amount, least, most } = budget;
  const isOpen = rule.kind === "above" || (rule.kind === "mass" && amount < 1);
  if (!isOpen) {
    const count = kept(candidates, budget).length;
    return { least: count, most: count };
  }
  const forced = candidates.filter((each) => each.forced).length;
  const clamp = (count: number) => Math.max(forced, Math.min(Math.max(count, least), most, candidates.length));
  return { least: clamp(rule.kind === "mass" && !rule.before && amount > 0 ? 1 : 0), most: clamp(candidates.length) };
}

/** Pairs that several sparsities leave, with the mask and without. */
function countLeft({ sees, selections }: Sight, { shape }: Case): Readonly<Record<keyof CountedPairs, number>> {
  const count = { visiblePairs: 0, blockPairs: 0 };
  for (const [batch, head] of headsOf(shape)) {
    const choosing = new Uint8Array(shape.queries * shape.keys);
    for (const { chosen, rows, keys } of selections.map((choose) => choose(batch, head))) {
      chosen.forEach((line, i) => {
        line.forEach((isIn, j) => {
          if (isIn) for (const row of rows[i]!) for (const key of keys[j]!) choosing[row * shape.keys + key]! += 1;
        });
      });
    }
    count.blockPairs += choosing.filter((times) => times === selections.length).length;
    for (let row = 0; row < shape.queries; row++) {
      for (let key = 0; key < shape.keys; key++) count.visiblePairs += Number(sees(batch, head, row, key));
    }
  }
  return count;
}
