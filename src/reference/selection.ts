// Which blocks the sparsities of an attention choose, block by block and by their definition. Nothing is skipped and nothing
// is estimated: a block is a candidate if one of its pairs satisfies the mask, and its score is the expression's value.

import type { Case } from "../spec/case.ts";
import type { BlockSide, Region, Sparsity } from "../spec/choice.ts";
import { regionValue, ruleValue } from "../spec/parts.ts";
import type { Expr } from "../spec/spec.ts";
import { floats } from "../tensors/elements.ts";
import { compile } from "./evaluate.ts";
import { type Budget, type Candidate, kept } from "./keep.ts";
import { kvHead } from "./leaf.ts";
import type { Mask } from "./mask.ts";
import { type Point, startPoint } from "./point.ts";
import { scorerOf } from "./score.ts";
import type { StoredOrder } from "./stored-order.ts";
import { surroundingsOf } from "./surroundings.ts";

/** The blocks of one head: rows and keys of each, in stored order, and whether each pair of blocks is chosen. */
export type Chosen = {
  readonly rows: readonly (readonly number[])[];
  readonly keys: readonly (readonly number[])[];
  /** [row block][key block] */
  readonly chosen: readonly (readonly boolean[])[];
  /** What `always` puts on top, whatever the lines keep. */
  readonly added: readonly (readonly boolean[])[];
  /** What was chosen from: a line for each row of blocks, or one for all. */
  readonly lines: readonly Line[];
};

export type Line = {
  /** Absent where it holds the blocks of all rows. */
  readonly row?: number;
  readonly candidates: readonly Candidate[];
  readonly kept: readonly Candidate[];
  readonly budget: Budget;
  /** Heads whose scores went into the candidates' ones. */
  readonly heads: readonly number[];
};

export type Selection = (batch: number, head: number) => Chosen;

export function selectionOf(
  call: Case,
  sparsity: Sparsity,
  mask: Mask,
  orderOf: (batch: number, head: number) => StoredOrder,
): Selection {
  const { shape } = call;
  const plain = surroundingsOf(call);
  const scorer = scorerOf(plain);
  const look = (point: Point) => {
    scorer.score(point);
    return mask.visible(point.batch, point.head, point.row, point.key);
  };
  const around = { ...plain, look };
  const real = (value: Expr | undefined) => value && compile(value, around, "real");
  const decide = (value: Expr | undefined) => value && compile(value, around, "decide");
  const { rule } = sparsity.keep;
  const scoreAt = real(sparsity.score) ?? (() => 0);
  const amongAt = decide(sparsity.among) ?? (() => 1);
  const holdsAt = rule.kind === "where" ? decide(rule.condition)! : () => 1;
  const amountAt = rule.kind === "where" ? () => 0 : real(ruleValue(rule))!;
  const leastAt = decide(sparsity.keep.least) ?? (() => 0);
  const mostAt = decide(sparsity.keep.most) ?? (() => Infinity);
  const regions = sparsity.always.map(({ within, region }) => ({ within, holds: regionTest(region, decide) }));

  function blocksOf(batch: number, head: number) {
    const { query, key } = orderOf(batch, head);
    const alive = Math.min(shape.keys, plain.length("key", batch));
    return {
      rows: cut(query, sizesOf(sparsity.rows, query.length, batch)),
      keys: cut(key.slice(0, alive), sizesOf(sparsity.keys, alive, batch)),
    };
  }

  function sizesOf(side: BlockSide, total: number, batch: number): readonly number[] {
    if (side.kind === "size") {
      const size = decide(side.size)!({ ...startPoint(), batch });
      return Array.from({ length: Math.ceil(total / size) }, (_, block) => Math.min(size, total - block * size));
    }
    const { axes } = call.attention.tensors.find(({ name }) => name === side.tensor)!;
    const { shape: extents, data } = { ...call.tensors[side.tensor]!, data: floats(call.tensors[side.tensor]!) };
    const count = extents.at(-1)!;
    const first = axes[0]?.kind === "implicit" ? batch * count : 0;
    // The first chunk begins with the first token, whatever its bound says.
    const bounds = Array.from({ length: count }, (_, chunk) =>
      chunk === 0 ? 0 : Math.max(0, Math.min(data[first + chunk]!, total)),
    );
    return bounds.map((bound, chunk) => (bounds[chunk + 1] ?? total) - bound);
  }

  /** Everything that is asked of a block of one head. */
  function tableOf(batch: number, head: number) {
    const { rows, keys } = blocksOf(batch, head);
    const at = (i: number, j: number): Point => {
      const members = { query: rows[i]!, key: keys[j]! };
      const point = { ...startPoint(), batch, head, i, j, members };
      point.scale = scorer.scale(point);
      return point;
    };
    const each = <T>(make: (point: Point, i: number, j: number) => T): T[][] =>
      rows.map((_, i) => keys.map((_, j) => make(at(i, j), i, j)));
    const { key: stored } = orderOf(batch, head);
    const positionOf = (row: number) => (plain.queryStart(batch) + row) | 0;
    const scene = { rows, keys, stored, positionOf };
    return {
      rows,
      keys,
      at,
      scores: each((point) => scoreAt(point)),
      candidates: each(
        (point, i, j) =>
          amongAt(point) === 1 && rows[i]!.some((row) => keys[j]!.some((key) => mask.visible(batch, head, row, key))),
      ),
      alive: each((_, i, j) => rows[i]!.some((row) => keys[j]!.some((key) => mask.visible(batch, head, row, key)))),
      holds: each((point) => holdsAt(point) === 1),
      forced: each((point) => regions.some(({ within, holds }) => within && holds(point, scene))),
      added: each((point) => regions.some(({ within, holds }) => !within && holds(point, scene))),
    };
  }

  type Table = ReturnType<typeof tableOf>;

  function budgetAt(point: Point): Budget {
    const { otherwise } = sparsity.keep;
    return { rule, amount: amountAt(point), least: leastAt(point), most: mostAt(point), otherwise };
  }

  /** The choice of one head by its own budget, from scores that heads may share. */
  function choose(table: Table, scores: readonly (readonly number[])[], scored: readonly number[]): Choice {
    const { rows, keys, at, candidates, alive, holds, forced, added } = table;
    const ofRows: Candidate[][] = rows.map((_, i) =>
      keys.flatMap((_, j) => {
        const isForced = forced[i]![j]! && alive[i]![j]!;
        if (!candidates[i]![j]! && !isForced) return [];
        return [{ i, j, score: scores[i]![j]!, holds: holds[i]![j]!, forced: isForced }];
      }),
    );
    const together = sparsity.keep.over === "all";
    const onTop = rows.map((_, i) => keys.map((_, j) => added[i]![j]! && alive[i]![j]!));
    const chosen = onTop.map((row) => [...row]);
    const lines = (together ? [ofRows.flat()] : ofRows).flatMap((list, i): Line[] => {
      if (list.length === 0) return [];
      const budget = budgetAt(at(i, 0));
      return [{ ...(!together && { row: i }), candidates: list, kept: kept(list, budget), budget, heads: scored }];
    });
    for (const block of lines.flatMap((line) => line.kept)) chosen[block.i]![block.j] = true;
    return { chosen, added: onTop, lines };
  }

  const tables = remembered(tableOf);
  const ownScores = (batch: number, head: number) => tables(batch, head).scores;
  const peers = (head: number): readonly number[] => {
    const { share } = sparsity;
    const all = Array.from({ length: shape.heads }, (_, other) => other);
    if (share?.over === "heads") return all;
    return share ? all.filter((other) => kvHead(other, shape) === kvHead(head, shape)) : [head];
  };
  const how = sparsity.share?.how;
  const own = remembered((batch, head) => {
    const scored = how === "mean" || how === "max" ? peers(head) : [head];
    const scores = scored.map((other) => ownScores(batch, other));
    return choose(tables(batch, head), combined(scores, how === "max" ? "max" : "mean"), scored);
  });
  return remembered((batch, head) => {
    const { rows, keys } = tables(batch, head);
    const choices = how === "any" || how === "all" ? peers(head).map((other) => own(batch, other)) : [own(batch, head)];
    const agree = (test: (one: Choice) => boolean) => (how === "all" ? choices.every(test) : choices.some(test));
    const agreed = (of: (one: Choice) => readonly (readonly boolean[])[]) =>
      rows.map((_, i) => keys.map((_, j) => agree((one) => of(one)[i]![j]!)));
    return {
      ...{ rows, keys, lines: choices.flatMap(({ lines }) => lines) },
      ...{ chosen: agreed(({ chosen }) => chosen), added: agreed(({ added }) => added) },
    };
  });
}

/** How many blocks a side has in a call, which is as many as the longest batch has. */
export function blockCount(side: BlockSide, length: number, call: Case): number {
  if (side.kind === "bounds") return call.tensors[side.tensor]!.shape.at(-1)!;
  return Math.ceil(length / compile(side.size, surroundingsOf(call), "decide")(startPoint()));
}

type Choice = {
  readonly chosen: boolean[][];
  readonly added: readonly (readonly boolean[])[];
  readonly lines: readonly Line[];
};

/** Whether every sparsity chose the block of a pair. */
export function chosenPairs(selections: readonly Selection[], call: Case) {
  const pairs = remembered((batch, head) => {
    const { queries, keys } = call.shape;
    const counts = new Uint8Array(queries * keys);
    for (const selection of selections) {
      const { rows, keys: columns, chosen } = selection(batch, head);
      chosen.forEach((line, i) => {
        line.forEach((isChosen, j) => {
          if (!isChosen) return;
          for (const row of rows[i]!) for (const key of columns[j]!) counts[row * keys + key]! += 1;
        });
      });
    }
    return counts;
  });
  return (batch: number, head: number, row: number, key: number): boolean =>
    selections.length === 0 || pairs(batch, head)[row * call.shape.keys + key] === selections.length;
}

type Scene = {
  readonly rows: readonly (readonly number[])[];
  readonly keys: readonly (readonly number[])[];
  readonly stored: readonly number[];
  positionOf(row: number): number;
};

function regionTest(
  region: Region,
  decide: (value: Expr) => ((point: Point) => number) | undefined,
): (point: Point, scene: Scene) => boolean {
  if (region.kind === "diagonal") {
    return ({ i, j }, { rows, keys, positionOf }) => rows[i]!.some((row) => keys[j]!.includes(positionOf(row)));
  }
  const value = decide(regionValue(region)!)!;
  switch (region.kind) {
    case "where":
      return (point) => value(point) === 1;
    case "first":
      return (point) => point.j < value(point);
    case "last":
      return (point, { keys }) => point.j >= keys.length - value(point);
    case "contains":
      return (point, { keys }) => keys[point.j]!.includes(value(point));
  }
}

function cut(places: readonly number[], sizes: readonly number[]): readonly (readonly number[])[] {
  let first = 0;
  return sizes.map((size) => {
    const block = places.slice(first, first + size);
    first += size;
    return block;
  });
}

/** The scores of several heads as one. */
function combined(tables: readonly (readonly (readonly number[])[])[], how: "mean" | "max"): number[][] {
  return tables[0]!.map((line, i) =>
    line.map((_, j) => {
      const values = tables.map((table) => table[i]![j]!);
      return how === "max" ? Math.max(...values) : values.reduce((sum, value) => sum + value, 0) / values.length;
    }),
  );
}

function remembered<T>(compute: (batch: number, head: number) => T): (batch: number, head: number) => T {
  const known = new Map<string, T>();
  return (batch, head) => {
    const name = `${batch} ${head}`;
    if (!known.has(name)) known.set(name, compute(batch, head));
    return known.get(name)!;
  };
}
