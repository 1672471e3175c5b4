// The choice of a selection, interpreted in f64: pools of rows, scores of blocks, ranks, and how many of the ranked are kept. It
// goes the way that kernels go, by ranks and without a sort, and shares no code with the reference.

import { type Bindings, evaluator, type Point, startPoint } from "../ir/evaluate.ts";
import { type Pool, PRODUCTS, type Selection, sharedChoices, sharedScores } from "../ir/selection.ts";
import { OF_NO_FLOATS } from "../ir/statistics.ts";
import type { Case } from "../spec/case.ts";
import { floats } from "../tensors/elements.ts";
import { type Spans, spanner } from "./block-spans.ts";
import { calledKvHeads, kvHeadOf } from "./environment.ts";
import { join } from "./importance.ts";

/** A number for every block: [batch, heads, row blocks, key blocks]. */
export type Blocks = {
  readonly shape: readonly [number, number, number, number];
  readonly blocks: Uint8Array | Int32Array | Float64Array;
};

/** 1 where a block is chosen.
 *  @param bindings lengths, parameters and captured tensors of the call */
export function chooseBlocks(selection: Selection, call: Case, bindings: Bindings): Blocks {
  const { batch: batches, heads, queries, keys } = call.shape;
  const { query, key } = selection.sides;
  const rowsOf = spanner(query, "query", queries, bindings);
  const keysOf = spanner(key, "key", keys, bindings);
  const [rows, columns] = [rowsOf.count, keysOf.count];
  const chosen = new Uint8Array(batches * heads * rows * columns);
  const scores = blockScores(selection, call, bindings, rowsOf, keysOf);
  const states = blockStates(selection, bindings, rowsOf, keysOf);
  const keep = keeper(selection, bindings);
  const indexOf = (batch: number, head: number, i: number, j: number) =>
    ((batch * heads + head) * rows + i) * columns + j;
  for (let batch = 0; batch < batches; batch++) {
    const alive = keysOf.alive(batch);
    for (let head = 0; head < heads; head++) {
      const from = { ...startPoint(), batch, head, kv: kvHeadOf(head, call.shape) };
      const pointAt = (i: number): Point => ({ ...from, query: i });
      const ofRow = (i: number) =>
        Array.from({ length: alive }, (_, j) => ({
          ...{ ...states(pointAt(i), j), at: indexOf(batch, head, i, j) },
          score: shared(selection, call, (other) => scores[indexOf(batch, other, i, j)]!, head),
        }));
      const ofRows = Array.from({ length: rows }, (_, i) => ofRow(i));
      const lines = selection.line === "all" ? [ofRows.flat()] : ofRows;
      for (const [i, line] of lines.entries()) {
        for (const [place, isKept] of keep(pointAt(i), line).entries()) chosen[line[place]!.at] = Number(isKept);
      }
    }
  }
  agree(selection, call, chosen, rows * columns);
  return { shape: [batches, heads, rows, columns], blocks: chosen };
}

/** How many blocks are chosen up to each, in its row and those before. */
export function countBlocks({ shape, blocks: chosen }: Blocks): Blocks {
  const [, , rows, columns] = shape;
  const blocks = Int32Array.from(chosen);
  for (const [index] of blocks.entries()) {
    const [i, j] = [Math.floor(index / columns) % rows, index % columns];
    const at = (up: number, left: number) => (i >= up && j >= left ? blocks[index - up * columns - left]! : 0);
    blocks[index] = chosen[index]! + at(1, 0) + at(0, 1) - at(1, 1);
  }
  return { shape, blocks };
}

/** The score of every block, head by head. */
function blockScores(selection: Selection, call: Case, bindings: Bindings, rowsOf: Spans, keysOf: Spans) {
  const [rows, columns] = [rowsOf.count, keysOf.count];
  const { batch: batches, heads } = call.shape;
  const scoreOf = evaluator(selection.score, "real", bindings);
  const products = selection.products.map(({ query, key }, place) => ({
    name: PRODUCTS[place]!,
    left: pooler(query, rowsOf, call, bindings),
    right: pooler(key, keysOf, call, bindings),
  }));
  const scores = new Float64Array(batches * heads * rows * columns);
  for (let batch = 0; batch < batches; batch++) {
    for (let head = 0; head < heads; head++) {
      const point = { ...startPoint(), batch, head, kv: kvHeadOf(head, call.shape) };
      const pools = products.map(({ name, left, right }) => ({
        name,
        left: Array.from({ length: rows }, (_, i) => left(point, i)),
        right: Array.from({ length: columns }, (_, j) => right(point, j)),
      }));
      for (point.query = 0; point.query < rows; point.query++) {
        for (point.key = 0; point.key < columns; point.key++) {
          for (const { name, left, right } of pools) {
            const other = right[point.key]!;
            point.quantities[name] = left[point.query]!.reduce((sum, element, d) => sum + element * other[d]!, 0);
          }
          scores[((batch * heads + head) * rows + point.query) * columns + point.key] = scoreOf(point) as number;
        }
      }
    }
  }
  return scores;
}

/** What is made of the rows of a block of a head. */
function pooler({ of, op, range, where }: Pool, spans: Spans, call: Case, bindings: Bindings) {
  const { heads, kvHeads, queries, keys, dim } = call.shape;
  const isQuery = of === "query";
  const values = floats(isQuery ? call.query : call.key);
  const takes = where && evaluator(where.takes, "decide", bindings);
  return ({ batch, head, kv }: Point, block: number): readonly number[] => {
    const { first: begin, end } = spans.of(batch, block);
    const last = range?.kind === "first" ? Math.min(end, begin + range.count) : end;
    const first = range?.kind === "last" ? Math.max(begin, end - range.count) : begin;
    const line = isQuery ? (batch * heads + head) * queries : (batch * kvHeads + kv) * keys;
    const rows = Array.from({ length: Math.max(0, last - first) }, (_, index) => first + index);
    const start = isQuery ? bindings.extent("queryStart", batch) : 0;
    const taken = takes ? rows.filter((row) => takes({ ...startPoint(), batch, head, kv, [of]: start + row })) : rows;
    return Array.from({ length: dim }, (_, d) => {
      const made = taken.reduce(
        (sum, row) => join(op, sum, values[(line + row) * dim + d]!),
        OF_NO_FLOATS[op] as number,
      );
      return where?.isMean ? made / Math.max(1, taken.length) : made;
    });
  };
}

/** How many heads in a row share. */
const membersOf = (over: "group" | "heads", call: Case) =>
  over === "heads" ? call.shape.heads : call.shape.heads / calledKvHeads(call);

/** The score that a head's choice goes by. */
function shared(selection: Selection, call: Case, scoreOf: (head: number) => number, head: number): number {
  const share = sharedScores(selection);
  if (!share) return scoreOf(head);
  const members = membersOf(share.over, call);
  const first = Math.floor(head / members) * members;
  const scores = Array.from({ length: members }, (_, member) => scoreOf(first + member));
  return share.how === "max" ? Math.max(...scores) : scores.reduce((sum, score) => sum + score, 0) / members;
}

/** What any or all of the heads that share choose is chosen by each of them. Heads lie one behind the other. */
function agree(selection: Selection, call: Case, chosen: Uint8Array, blocks: number): void {
  const share = sharedChoices(selection);
  if (!share) return;
  const members = membersOf(share.over, call);
  for (let first = 0; first < call.shape.batch * call.shape.heads; first += members) {
    for (let block = 0; block < blocks; block++) {
      const places = Array.from({ length: members }, (_, member) => (first + member) * blocks + block);
      const isChosen = (place: number) => chosen[place] === 1;
      const result = share.how === "any" ? places.some(isChosen) : places.every(isChosen);
      for (const place of places) chosen[place] = Number(result);
    }
  }
}

/** What a block is beside its score. */
type State = {
  /** May be chosen, or must be. */
  readonly listed: boolean;
  readonly forced: boolean;
  readonly holds: boolean;
  readonly added: boolean;
};

function blockStates(
  selection: Selection,
  bindings: Bindings,
  rowsOf: Spans,
  keysOf: Spans,
): (point: Point, j: number) => State {
  const test = (part: "among" | "holds" | "forced" | "added" | "visible" | "forcedByRow" | "addedByRow") =>
    evaluator(selection[part], "decide", bindings);
  const [among, holds, forced, added, visible] = [
    ...[test("among"), test("holds"), test("forced"), test("added"), test("visible")],
  ] as const;
  const [forcedByRow, addedByRow] = [test("forcedByRow"), test("addedByRow")];

  function hasPair(block: Point): boolean {
    const point = { ...block };
    const start = bindings.extent("queryStart", block.batch);
    const rows = rowsOf.of(block.batch, block.query);
    const keys = keysOf.of(block.batch, block.key);
    for (let row = rows.first; row < rows.end; row++) {
      point.query = (start + row) | 0;
      for (point.key = keys.first; point.key < keys.end; point.key++) if (visible(point)) return true;
    }
    return false;
  }

  const hasRow = (block: Point, holds: typeof visible) => {
    const start = bindings.extent("queryStart", block.batch);
    const { first, end } = rowsOf.of(block.batch, block.query);
    const queries = Array.from({ length: end - first }, (_, row) => (start + first + row) | 0);
    return queries.some((query) => holds({ ...block, query }));
  };

  return (from, j) => {
    const point = { ...from, key: j };
    if (!hasPair(point)) return { listed: false, forced: false, holds: false, added: false };
    const isForced = (forced(point) as boolean) || hasRow(point, forcedByRow);
    return {
      listed: isForced || (among(point) as boolean),
      forced: isForced,
      holds: holds(point) as boolean,
      added: (added(point) as boolean) || hasRow(point, addedByRow),
    };
  };
}

type Block = State & { readonly score: number };

/** Which blocks of a line are kept. */
function keeper({ rule, amount, least, most }: Selection, bindings: Bindings) {
  const [amountAt, leastAt, mostAt] = [amount, least, most].map((expr) => evaluator(expr, "decide", bindings));
  return (point: Point, blocks: readonly Block[]): readonly boolean[] => {
    const limit = Number(amountAt!(point));
    const listed = blocks.filter((block) => block.listed);
    const highest = listed.reduce((most, { score }) => Math.max(most, score), -Infinity);
    const mass = ({ score }: Block) => (score === -Infinity ? 0 : Math.exp(score - highest));
    const total = listed.reduce((sum, block) => sum + mass(block), 0);
    const ranked = blocks.map((block, j) => {
      const before = blocks.filter((other, at) => other.listed && comesBefore(other, at, block, j));
      return { rank: before.length, massBefore: before.reduce((sum, other) => sum + mass(other), 0) };
    });
    const takes = (block: Block, place: (typeof ranked)[number]): boolean => {
      switch (rule.kind) {
        case "top":
          return place.rank < limit;
        case "ratio":
          return place.rank < rounded(limit, listed.length, rule.rounding);
        case "mass":
          if (limit >= 1) return limit === 1 || rule.otherwise === "all";
          return place.massBefore + (rule.before ? mass(block) : 0) < limit * total;
        case "above":
          return block.forced || block.score > limit;
        case "where":
          return block.forced || block.holds;
      }
    };
    const count = blocks.filter((block, j) => block.listed && takes(block, ranked[j]!)).length;
    const wanted = Math.min(Math.max(count, Number(leastAt!(point))), Number(mostAt!(point)));
    return blocks.map((block, j) => block.added || (block.listed && (block.forced || ranked[j]!.rank < wanted)));
  };
}

/** Forced blocks first, then those that hold, then by score; ties go to the lower block. */
function comesBefore(a: Block, atA: number, b: Block, atB: number): boolean {
  if (a.forced !== b.forced) return a.forced;
  if (a.holds !== b.holds) return a.holds;
  return a.score > b.score || (a.score === b.score && atA < atB);
}

/** Ratios count in millionths. */
function rounded(ratio: number, count: number, rounding: "floor" | "ceil" | "round"): number {
  const millionths = Math.round(ratio * 1e6) * count;
  const offset = { floor: 0, ceil: 999_999, round: 500_000 }[rounding];
  return Math.floor((millionths + offset) / 1e6);
}
