// Orders of storage: each is a bijection, stays inside its segments and leaves the output as it was. PBS-Attn is written
// twice, from its own steps and with the parts of the other block-sparse systems, and both must agree.

import { describe, expect, test } from "vitest";
import { REORDERED, SYSTEMS } from "./all.ts";
import { BLADE_MEAN } from "./blade.ts";
import { attendToBlocks } from "./blocks.ts";
import { massOf, overRow } from "./choose.ts";
import { count, dense, gap, run } from "./compare.ts";
import {
  type Call,
  causal,
  dot,
  draw,
  everything,
  headsOf,
  mapOf,
  range,
  scaled,
  square,
  sum,
  sumOfRows,
} from "./dense.ts";
import { coordinates, morton, serpentine, tileOrder } from "./grids.ts";
import { PBS } from "./pbs.ts";
import { MORTON, TILES } from "./picture-orders.ts";
import { RESIDUES, STABLE } from "./sequence-orders.ts";

const [BLOCK, SEGMENT] = [8, 16];
const every = REORDERED.flatMap((system) => system.calls.map((call) => ({ name: system.name, system, call })));
const ascending = (list: readonly number[]) => [...list].sort((a, b) => a - b);

describe("orders", () => {
  test("are bijections wherever there is one", () => {
    const calls = SYSTEMS.flatMap((system) => system.calls.map((call) => ({ system, call })));
    const orders = calls.flatMap(({ system, call }) => run(system, call, 1).order ?? []);
    expect(orders.length).toBeGreaterThan(50);
    for (const order of orders) expect(ascending(order)).toEqual(range(order.length));
  });

  test.each(every)("$name: the output is that of dense attention", ({ system, call }) => {
    const inputs = draw(call, 2);
    const { radius = 2, window = 5, d = 4 } = inputs.scalar;
    const x = call.sizes.axes?.x ?? 1;
    const back = (head: { row0: number }, r: number, k: number) => head.row0 + r - k;
    const sees = system.attn.includes("radius")
      ? (head: { row0: number }, r: number, k: number) => {
          const q = head.row0 + r;
          const rows = Math.abs(Math.floor(q / x) - Math.floor(k / x));
          return Math.max(rows, Math.abs((q % x) - (k % x))) <= radius;
        }
      : system === RESIDUES
        ? (head: { row0: number }, r: number, k: number) => range(window).some((step) => back(head, r, k) === step * d)
        : system === STABLE
          ? everything
          : causal;
    expect(gap(system.run(inputs).out, dense(inputs, sees))).toBeLessThan(1e-12);
  });

  test("are stable: residues and ties keep the older token first", () => {
    expect(run(RESIDUES, { sizes: square(10), scalar: { d: 3 } }, 1).order![0]).toEqual([0, 3, 6, 9, 1, 4, 7, 2, 5, 8]);
    expect(run(STABLE, { sizes: square(12) }, 1).order![0]).toEqual([0, 3, 6, 9, 1, 2, 4, 5, 7, 8, 10, 11]);
  });

  test("tiles, of which the last are smaller", () => {
    expect(tileOrder([3, 3], [2, 2])).toEqual([0, 1, 3, 4, 2, 5, 6, 7, 8]);
    expect(tileOrder([2, 2, 2], [2, 1, 2])).toEqual([0, 1, 4, 5, 2, 3, 6, 7]);
    expect(run(TILES, { sizes: square(32, { axes: { y: 4, x: 8 } }) }, 1).order![0]!.slice(14, 18)).toEqual([
      26, 27, 4, 5,
    ]);
    expect(coordinates(23, [2, 3, 4])).toEqual([1, 2, 3]);
  });

  test("Morton's curve goes through quarters", () => {
    expect(range(8).map((i) => morton(Math.floor(i / 4), i % 4))).toEqual([0, 1, 4, 5, 2, 3, 6, 7]);
    expect([morton(7, 0), morton(0, 11), morton(63, 63)]).toEqual([42, 69, 4095]);
    const order = run(MORTON, { sizes: square(64, { axes: { y: 8, x: 8 } }) }, 1).order![0]!;
    expect(ascending(order.slice(0, 16))).toEqual(range(16).map((i) => 8 * Math.floor(i / 4) + (i % 4)));
  });

  test.each([[[3, 5, 7]], [[4, 4, 6]], [[2, 5]]])("the curve through %j goes from neighbor to neighbor", (extents) => {
    const place = serpentine(extents);
    const path = range(place.length).map((at) => coordinates(place.indexOf(at), extents));
    const steps = path.slice(1).map((to, i) => sum(to.map((x, a) => Math.abs(x - path[i]![a]!))));
    expect(steps).toEqual(steps.map(() => 1));
  });
});

describe("PBS-Attn", () => {
  const seeds = [1, 2, 3];

  test.each(PBS.calls)("sorts inside complete segments by falling importance, call %#", (call) => {
    for (const seed of seeds) {
      const { keys } = call.sizes;
      const complete = Math.floor(keys / SEGMENT);
      for (const [index, order] of run(PBS, call, seed).order!.entries()) {
        const head = headsOf(draw(call, seed))[index]!;
        const estimate = mapOf(head, (_, __, k) => k < complete * SEGMENT).slice(-BLOCK);
        const importance = (k: number) => sum(estimate.map((row) => row[k]!));
        for (const segment of range(complete)) {
          const slots = order.slice(segment * SEGMENT, (segment + 1) * SEGMENT);
          expect(ascending(slots)).toEqual(range(SEGMENT).map((k) => segment * SEGMENT + k));
          expect(slots.slice(1).every((k, at) => importance(slots[at]!) >= importance(k))).toBe(true);
          expect(slots).not.toEqual(ascending(slots));
        }
        expect(order.slice(complete * SEGMENT)).toEqual(range(keys).slice(complete * SEGMENT));
      }
    }
  });

  test("heads of a group sort keys differently", () => {
    const { order } = run(PBS, PBS.calls[1]!, 1);
    expect(order![0]).not.toEqual(order![1]);
  });

  test.each(PBS.calls)("agrees with the blocks of the other systems, call %#", (call: Call) => {
    for (const seed of seeds) {
      const inputs = draw(call, seed);
      const own = PBS.run(inputs);
      const segmentOf = (block: number) => Math.floor((block * BLOCK) / SEGMENT);
      const other = attendToBlocks(inputs, {
        ...{ size: [BLOCK, BLOCK], mask: causal, order: ({ index }) => own.order![index]! },
        score: ({ head, rows, keys }) =>
          (head.scale *
            dot(sumOfRows(rows.map((r) => head.Q[r]!)), scaled(sumOfRows(keys.map((k) => head.K[k]!)), 1 / BLOCK))) /
          BLOCK,
        among: ({ i, j }) => j <= i && segmentOf(i) !== segmentOf(j),
        keep: overRow(massOf(Math.fround(call.scalar?.coverage ?? 0.9), { unreached: "none" })),
        always: ({ i, j, keys }) => segmentOf(i) === segmentOf(j) || keys.includes(0),
      });
      expect(other.selected).toEqual(own.selected);
      expect(gap(other.out, own.out)).toBeLessThan(1e-12);
    }
  });

  test("shorter than a segment it is dense causal attention, in the order of the tokens", () => {
    const inputs = draw(PBS.calls[4]!, 1);
    expect(gap(PBS.run(inputs).out, dense(inputs))).toBeLessThan(1e-12);
    expect(PBS.run(inputs).order![0]).toEqual(range(13));
  });

  test("reads later blocks of the own segment, and the block of token 0 wherever it went", () => {
    const { selected, order } = run(PBS, { sizes: square(96), scalar: { coverage: 0.1 } }, 1);
    const later = selected!.flatMap((rows) => rows.flatMap((row, i) => row.filter((yes, j) => yes && j > i)));
    expect(later.length).toBeGreaterThan(0);
    for (const [at, rows] of selected!.entries()) {
      expect(rows.every((row) => row[Math.floor(order![at]!.indexOf(0) / BLOCK)])).toBe(true);
    }
    const moved = seeds
      .flatMap((seed) => run(PBS, { sizes: square(96) }, seed).order!)
      .filter((o) => o.indexOf(0) >= BLOCK);
    expect(moved.length).toBeGreaterThan(0);
  });

  test("sees all of the segment so far, so only earlier keys are lost", () => {
    const inputs = draw({ sizes: square(96), scalar: { coverage: 0.1 } }, 1);
    const [sparse, full] = [PBS.run(inputs), dense(inputs)];
    const firstSegment = (i: number) => Math.floor(i / 4) % 96 < SEGMENT;
    expect(Math.max(...sparse.out.map((x, i) => (firstSegment(i) ? Math.abs(x - full[i]!) : 0)))).toBeLessThan(1e-12);
    expect(gap(sparse.out, full)).toBeGreaterThan(0.01);
    expect(count(sparse.selected!.flat(2))).toBeLessThan(2 * 78);
  });
});

test("Video-BLADE's clamp: the upper bound wins", () => {
  const { selected } = run(BLADE_MEAN, BLADE_MEAN.calls[4]!, 1);
  expect(selected!.flat().every((row) => count(row) === 1)).toBe(true);
});
