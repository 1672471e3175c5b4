// What the rules of choosing blocks promise, and that the systems keep it.

import { describe, expect, test } from "vitest";
import { BIFORMER } from "./biformer.ts";
import { BLOCK_TOP_P, BLOCK_TOP_P_BEFORE, BLOCK_TOP_P_BOUNDED, BLOCK_TOP_P_EMPTY, MRA } from "./block-mass.ts";
import { cut, meanScore, onDiagonal, type Pair } from "./blocks.ts";
import { massOf, overAll, overRow, top, topShare, topWithForced } from "./choose.ts";
import { count, dense, gap, run } from "./compare.ts";
import { draw, everything, headsOf, range, type System, square } from "./dense.ts";
import { DHSA, DHSA_SHARED } from "./dhsa.ts";
import { PBS } from "./pbs.ts";
import { BLOCK_TOP_K, BLOCK_TOP_K_GROUP, BLOCK_TOP_K_WITHIN } from "./top-blocks.ts";

describe("rules", () => {
  const none: boolean[] = [];
  const logs = [0.2, 0.5, 0.3].map(Math.log);

  test("the best n, ties to the lower index, what is no candidate never", () => {
    expect(top(2)([1, 3, undefined, 3, 3], none).chosen).toEqual([false, true, false, true, false]);
    expect(top(9)([undefined, 2, 1], none).chosen).toEqual([false, true, true]);
    expect(top(0)([1, 2], none).chosen).toEqual([false, false]);
    expect(top(1)([1, 4, 2.5], none).margin).toBe(1.5);
  });

  test("forced ones count, and all of them stay", () => {
    expect(topWithForced(2)([5, 1, 4], [false, true, false]).chosen).toEqual([true, true, false]);
    expect(topWithForced(1)([5, 1, 4], [false, true, true]).chosen).toEqual([false, true, true]);
  });

  test("mass includes the crossing block, or does not", () => {
    expect(massOf(0.6)(logs, none).chosen).toEqual([false, true, true]);
    expect(massOf(0.6, { beforeCrossing: true })(logs, none).chosen).toEqual([false, true, false]);
    expect(massOf(0.4, { beforeCrossing: true })(logs, none).chosen).toEqual([false, false, false]);
    expect(massOf(0.4)(logs, none).chosen).toEqual([false, true, false]);
    expect(massOf(0.6)(logs, none).margin).toBeCloseTo(0.1, 12);
  });

  test("bounds of the count, of which the upper wins", () => {
    expect(count(massOf(0.1, { atLeast: 2 })(logs, none).chosen)).toBe(2);
    expect(count(massOf(0.9, { atMost: 1 })(logs, none).chosen)).toBe(1);
    expect(count(massOf(0.6, { atLeast: 3, atMost: 1 })(logs, none).chosen)).toBe(1);
    expect(count(massOf(0.1, { atLeast: 9 })([1, undefined], none).chosen)).toBe(1);
  });

  test("what never reaches the mass takes everything or nothing", () => {
    expect(massOf(1.5)(logs, none).chosen).toEqual([true, true, true]);
    expect(massOf(1.5, { unreached: "none" })(logs, none).chosen).toEqual([false, false, false]);
    expect(massOf(0.5)([undefined, undefined], none).chosen).toEqual([false, false]);
  });

  test("over all: a row may have nothing, ties go to the earlier row", () => {
    expect(
      overAll(top(2))(
        [
          [1, 5],
          [5, 5],
        ],
        [[], []],
      ).chosen,
    ).toEqual([
      [false, true],
      [true, false],
    ]);
    expect(
      overRow(top(1))(
        [
          [1, 5],
          [5, 5],
        ],
        [[], []],
      ).chosen,
    ).toEqual([
      [false, true],
      [true, false],
    ]);
    expect(topShare(0.5)([1, 2, 3, undefined, 4, 5], none).chosen).toEqual([false, false, false, false, true, true]);
  });
});

describe("blocks", () => {
  const call = { sizes: square(100, { heads: 6, kvHeads: 2 }) };
  const rowsOf = (result: ReturnType<System["run"]>) => result.selected!.flat();

  test("the mean of a ragged block divides by what there is", () => {
    const inputs = {
      ...draw({ sizes: square(5, { heads: 1, dim: 1 }) }, 1),
      query: [1, 2, 3, 4, 10],
      key: [1, 1, 2, 2, 8],
    };
    const head = headsOf(inputs)[0]!;
    const pair = (rows: number[], keys: number[]): Pair => ({ i: 0, j: 0, rows, keys, head, peers: [head] });
    expect(meanScore(pair([0, 1, 2, 3], [0, 1, 2, 3]))).toBe(2.5 * 1.5);
    expect(meanScore(pair([4], [4]))).toBe(80);
    expect(cut([1, 2, 3, 4, 5], 2)).toEqual([[1, 2], [3, 4], [5]]);
  });

  test.each([
    ["the best n", BLOCK_TOP_K, { n: 99 }],
    ["mass", BLOCK_TOP_P, { coverage: 1 }],
  ] as const)("everything by %s is dense causal attention", (_, system, scalar) => {
    const inputs = draw({ ...call, scalar }, 4);
    expect(gap(system.run(inputs).out, dense(inputs))).toBeLessThan(1e-12);
    expect(count(system.run(inputs).selected!.flat(2))).toBe(6 * 28);
  });

  test("where nothing is masked, everything is dense attention", () => {
    const inputs = draw({ ...call, scalar: { n: 49 } }, 4);
    expect(gap(MRA.run(inputs).out, dense(inputs, everything))).toBeLessThan(1e-12);
  });

  test.each([
    ["n", BLOCK_TOP_K, [0, 1, 2, 3, 5]],
    ["coverage", BLOCK_TOP_P, [0.1, 0.4, 0.6, 0.8, 0.95]],
    ["coverage", PBS, [0.1, 0.4, 0.6, 0.8]],
    ["n", DHSA, [1, 2, 4, 7]],
  ] as const)("a larger %s chooses no less", (name, system, budgets) => {
    const runs = budgets.map((budget) => run(system, { ...call, scalar: { [name]: budget } }, 5).selected!.flat(2));
    for (const [less, more] of runs.slice(1).map((more, i) => [runs[i]!, more] as const)) {
      expect(less.filter((yes, i) => yes && !more[i])).toEqual([]);
      expect(count(more)).toBeGreaterThan(count(less));
    }
  });

  test("before crossing drops just the block that crosses", () => {
    const at = { ...call, scalar: { coverage: 0.7 } };
    const [on, before] = [rowsOf(run(BLOCK_TOP_P, at, 6)), rowsOf(run(BLOCK_TOP_P_EMPTY, at, 6))];
    expect(on.map((row, i) => count(row) - count(before[i]!))).toEqual(on.map(() => 1));
    expect(before.some((row) => count(row) === 0)).toBe(true);
    const forced = rowsOf(run(BLOCK_TOP_P_BEFORE, at, 6));
    expect(forced.every((row, i) => row[i % 7]! && before[i]!.every((yes, j) => !yes || row[j]))).toBe(true);
  });

  test("bounds hold wherever there are enough candidates", () => {
    for (const coverage of [0.01, 0.5, 0.999]) {
      const rows = rowsOf(run(BLOCK_TOP_P_BOUNDED, { ...call, scalar: { coverage } }, 7));
      expect(rows.every((row, i) => count(row) >= Math.min(2, (i % 7) + 1) && count(row) <= 3)).toBe(true);
    }
  });

  test("equal scores choose the first blocks", () => {
    const inputs = draw({ ...call, scalar: { n: 2 } }, 8);
    const flat = { ...inputs, query: Array.from(inputs.query, () => 0) };
    expect(BLOCK_TOP_K.run(flat).selected![0]!.map((row) => row.flatMap((yes, j) => (yes ? [j] : [])))).toEqual([
      [0],
      [0, 1],
      ...[2, 3, 4, 5, 6].map((i) => [0, 1, i]),
    ]);
  });

  test("without a budget there are the first block and the own one, by number", () => {
    const { selected } = run(BLOCK_TOP_K, { sizes: square(90, { queries: 40 }), scalar: { n: 0 } }, 1);
    const numbers = selected![1]!.map((row) => row.flatMap((yes, j) => (yes ? [j] : [])));
    expect(numbers).toEqual([[0], [0, 1], [0, 2]]);
  });

  test("a group agrees and groups differ", () => {
    const selected = run(BLOCK_TOP_K_GROUP, { ...call, scalar: { n: 1 } }, 9).selected!;
    expect([1, 2].map((h) => selected[h])).toEqual([selected[0], selected[0]]);
    expect(selected[4]).toEqual(selected[3]);
    expect(selected[3]).not.toEqual(selected[0]);
    const own = run(BLOCK_TOP_K, { ...call, scalar: { n: 1 } }, 9).selected!;
    expect(own[1]).not.toEqual(own[0]);
  });

  test("the diagonal is where the queries stand, not where they are numbered", () => {
    const head = headsOf(draw({ sizes: square(90, { queries: 40, heads: 1 }) }, 1))[0]!;
    const pair = (rows: number[], keys: number[]): Pair => ({ i: 0, j: 0, rows, keys, head, peers: [head] });
    expect(head.row0).toBe(50);
    expect(onDiagonal(pair([0, 1], [0, 1]))).toBe(false);
    expect(onDiagonal(pair([0, 1], [51, 52]))).toBe(true);
    const { selected } = run(BLOCK_TOP_K_WITHIN, { sizes: square(90, { queries: 40 }), scalar: { n: 0 } }, 1);
    const numbers = selected![0]!.map((row) => row.flatMap((yes, j) => (yes ? [j] : [])));
    expect(numbers).toEqual([
      [0, 3, 4],
      [0, 4, 5],
      [0, 5],
    ]);
  });

  test("the sums of a chunk are divided by the root of its length", () => {
    // One head of one channel: chunks of 8 ones and of a single 2 weigh 8 / sqrt(8) = 2.83 and 2.
    const inputs = draw({ sizes: square(9, { heads: 1, dim: 1 }), scalar: { n: 1 } }, 1);
    const at = (last: number) =>
      DHSA.run({ ...inputs, query: range(9).map(() => 1), key: range(9).map((k) => (k < 8 ? 1 : last)) }).selected![0];
    expect(at(2)).toEqual([[true, false]]);
    expect(at(2.9)).toEqual([[false, true]]);
  });

  test("regions are routed by the channels of all heads together", () => {
    const sizes = square(24, { axes: { y: 4, x: 6 }, heads: 2, kvHeads: 2, dim: 1 });
    const inputs = draw({ sizes, scalar: { n: 1 } }, 1);
    // The first head prefers region 1 by 1, the second region 0 by 3.
    const key = range(48).map((at) => (at < 24 ? (at % 6 < 3 ? 0 : 1) : at % 6 < 3 ? 3 : 0));
    const { selected } = BIFORMER.run({ ...inputs, query: range(48).map(() => 1), key });
    expect(selected).toEqual([0, 1].map(() => [0, 1].map(() => [true, false])));
  });

  test("all heads agree in DHSA, but the order of mean and product matters", () => {
    const [vectors, scores] = [DHSA, DHSA_SHARED].map((one) => run(one, { ...call, scalar: { n: 2 } }, 10).selected!);
    for (const selected of [vectors!, scores!]) {
      for (const one of selected) expect(one).toEqual(selected[0]);
    }
    expect(vectors).not.toEqual(scores);
  });

  test("with one head per KV head and one head in all, both orders of DHSA are one", () => {
    const single = { sizes: square(97, { heads: 1 }), scalar: { n: 3 } };
    expect(run(DHSA, single, 11).selected).toEqual(run(DHSA_SHARED, single, 11).selected);
  });
});
