// Properties of the systems written by hand that need no compiler: a mistake in one of them would be taken for a mistake of
// the compiler's otherwise.

import { describe, expect, test } from "vitest";
import { REORDERED, SPARSE, SYSTEMS, WITH_OUTPUTS } from "./all.ts";
import { COLUMN_MASS, VOTES } from "./column-outputs.ts";
import { count, dense, gap, run } from "./compare.ts";
import { causal, draw, headsOf, type Inputs, mapOf, range, type System, square, sum } from "./dense.ts";
import { MAP_CALLS } from "./maps.ts";
import { ORDERED_GROUPS } from "./ordered-blocks.ts";
import { LAST_ROWS } from "./pooled-blocks.ts";
import { LONGATTN, REASONING, ROWS } from "./row-outputs.ts";

const every = (systems: readonly System[]) =>
  systems.flatMap((system) => system.calls.map((call, at) => ({ name: `${system.name}, call ${at}`, system, call })));
const withOnes = (inputs: Inputs): Inputs => ({ ...inputs, value: Array.from(inputs.value, () => 1) });

/** Rows may see nothing of what is chosen for others: for the last of their block, or for all heads of their group. */
const MISSES: readonly System[] = [LAST_ROWS, ORDERED_GROUPS];

describe("all systems", () => {
  test("have different names and name their source", () => {
    expect(new Set(SYSTEMS.map(({ name }) => name)).size).toBe(SYSTEMS.length);
    expect(SYSTEMS.filter(({ source, attn }) => source === "" || !attn.includes("attention "))).toEqual([]);
  });

  test.each(every(SYSTEMS.filter(({ attn }) => !attn.includes("normalize none"))))(
    "$name: weights of a row add up to 1, or to 0 where it sees nothing",
    ({ system, call }) => {
      const { out } = system.run(withOnes(draw(call, 2)));
      const { batch, heads, queries, valueDim } = call.sizes;
      expect(out.length).toBe(batch * heads * queries * valueDim);
      expect(Math.max(...out.map((x) => Math.min(Math.abs(x - 1), Math.abs(x))))).toBeLessThan(1e-12);
    },
  );

  test.each(every(SPARSE))(
    "$name: a row is 0 exactly where its block chose nothing that it sees",
    ({ system, call }) => {
      const { out, selected, inhabited } = system.run(withOnes(draw(call, 2)));
      const ofRows = selected!.flatMap((rows, head) => rows.filter((_, i) => inhabited?.[head]?.[i] ?? true));
      const emptyRows = ofRows.filter((row) => count(row) === 0).length;
      const zeros = [...out].filter((x) => x < 0.5);
      if (emptyRows > 0) expect(zeros.length).toBeGreaterThan(0);
      else if (!MISSES.includes(system)) expect(zeros).toEqual([]);
    },
  );

  test.each(every(SPARSE))("$name: choices are not taken by a hair with the first seed", ({ system, call }) => {
    expect(run(system, call, 1).margin).toBeGreaterThan(1e-5);
  });

  test.each(every([...SPARSE, ...REORDERED].filter(({ attn }) => attn.includes("mask ") && attn.includes("causal"))))(
    "$name: a value reaches no earlier row",
    ({ system, call }) => {
      const inputs = draw(call, 3);
      const { keys, queries, valueDim } = call.sizes;
      const at = Math.floor(keys / 2);
      const value = Array.from(inputs.value, (v, i) => (Math.floor(i / valueDim) % keys === at ? v + 1000 : v));
      const [before, after] = [system.run(inputs).out, system.run({ ...inputs, value }).out];
      const earlier = (i: number) => keys - queries + (Math.floor(i / valueDim) % queries) < at;
      expect(before.filter((x, i) => earlier(i) && x !== after[i])).toEqual(new Float64Array());
    },
  );
});

describe("outputs", () => {
  const call = MAP_CALLS[1]!;
  const { batch, heads, kvHeads, queries, keys } = call.sizes;
  const maps = headsOf(draw(call, 5)).map((head) => mapOf(head, causal));

  test.each(every(WITH_OUTPUTS))(
    "$name: outputs are finite, and out is dense causal attention where nothing else is said",
    ({ system, call }) => {
      const inputs = draw(call, 4);
      if (!/normalize|sparsity/.test(system.attn))
        expect(gap(system.run(inputs).out, dense(inputs))).toBeLessThan(1e-12);
      for (const values of Object.values(system.run(inputs).outputs!))
        expect([...values].every(Number.isFinite)).toBe(true);
    },
  );

  test("the masses of the columns of a head add up to its rows, and the first column's is its own", () => {
    const { mass, received } = run(COLUMN_MASS, call, 5).outputs!;
    expect(mass!.length).toBe(batch * heads * keys);
    expect(received!.length).toBe(batch * keys);
    for (const index of range(batch * heads)) {
      expect(sum([...mass!.slice(index * keys, (index + 1) * keys)])).toBeCloseTo(queries, 10);
      expect(mass![index * keys]).toBeCloseTo(sum(maps[index]!.map((row) => row[0]!)), 12);
    }
    expect(sum([...received!])).toBeCloseTo(batch * queries, 10);
  });

  test("fewer rows than the window of votes are averaged over those that there are", () => {
    const { recent, shared, pooled } = run(VOTES, call, 5).outputs!;
    expect(sum([...recent!])).toBeCloseTo(batch * heads, 10);
    expect(shared!.length).toBe(batch * kvHeads * keys);
    expect(shared![7]).toBeCloseTo((recent![7]! + recent![keys + 7]! + recent![2 * keys + 7]!) / 3, 12);
    // The second KV head is read by heads 3, 4 and 5.
    const second = [3, 4, 5].map((h) => recent![h * keys + 7]!);
    expect(shared![keys + 7]).toBeCloseTo(sum(second) / 3, 12);
    expect(pooled![0]).toBeCloseTo((shared![0]! + shared![1]! + shared![2]!) / 5, 12);
    expect(pooled![9]).toBeCloseTo(sum([...shared!.slice(7, 12)]) / 5, 12);
    // Of 50 rows only the last 8.
    const all = run(VOTES, MAP_CALLS[0]!, 5).outputs!.recent!;
    const last = headsOf(draw(MAP_CALLS[0]!, 5))[1]!;
    expect(all[50 + 3]).toBeCloseTo(
      sum(
        mapOf(last, causal)
          .slice(42)
          .map((row) => row[3]!),
      ) / 8,
      12,
    );
  });

  test("the entropy of a row lies between 0 and the logarithm of its keys", () => {
    const { entropy, largest, square: squares } = run(ROWS, MAP_CALLS[0]!, 6).outputs!;
    expect(entropy![0]).toBeCloseTo(0, 12);
    expect(largest![0]).toBe(1);
    const keysOf = (i: number) => (i % 50) + 1;
    expect([...entropy!].every((x, i) => x >= 0 && x <= Math.log(keysOf(i)) + 1e-12)).toBe(true);
    expect([...largest!].every((x, i) => x >= 1 / keysOf(i) - 1e-12 && x <= 1)).toBe(true);
    expect([...squares!].every((x, i) => x <= largest![i]! + 1e-12 && x >= largest![i]! ** 2)).toBe(true);
    const flat = { ...draw(MAP_CALLS[0]!, 6), query: new Float64Array(2 * 50 * 8) };
    expect(ROWS.run(flat).outputs!.entropy![49]).toBeCloseTo(Math.log(50), 12);
  });

  test("LongAttn's numbers, of a flat map of 8 tokens by hand", () => {
    const flat = { ...draw({ sizes: square(8, { heads: 1 }) }, 6), query: new Float64Array(8 * 8) };
    const { proportion, uniformity } = LONGATTN.run(flat).outputs!;
    // Three quarters of 8 are 6, so pairs at least 2 apart count: q - 1 of the q + 1 keys of row q.
    const rows = [2, 3, 4, 5, 6, 7].map((q) => ({ n: q - 1, p: 1 / (q + 1) }));
    const total = sum(rows.map(({ n, p }) => n * p));
    expect(proportion![0]).toBeCloseTo(total / 8, 12);
    const squares = sum(rows.map(({ n, p }) => n * p * p));
    expect(uniformity![0]).toBeCloseTo((squares - (total / 8) ** 2) / 63, 12);
  });

  test("distance and influence of a flat map of 3 tokens by hand", () => {
    const flat = {
      ...draw({ sizes: square(3, { heads: 1 }), scalar: { width: 1 } }, 6),
      query: new Float64Array(3 * 8),
    };
    const { distance, influence } = REASONING.run(flat).outputs!;
    for (const [i, x] of [0, 1 / 2, 2 / 3].entries()) expect(distance![i]).toBeCloseTo(x, 12);
    for (const [i, x] of [(1 / 2 + 1 / 3) / 2, 1 / 3, 0].entries()) expect(influence![i]).toBeCloseTo(x, 12);
  });
});
