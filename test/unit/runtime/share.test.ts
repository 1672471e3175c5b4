// The order in which pieces are taken, and that each is taken once.

import { expect, test } from "vitest";
import { cancel, makeShare, sizeOfShare } from "../../../src/runtime/make-share.ts";
import { type Share, work } from "../../../src/runtime/share.ts";

const step = { queries: 64, wholeQueries: 16 };
const lengths = { batch: 2, heads: 6, kvHeads: 3, queries: 200, keys: 300 };
const later = (_: number, tile: number) => tile;

/** What a thread calls; `during` may let others work in the middle of it. */
function record(share: Share, during: (call: string) => void = () => {}) {
  const calls: string[] = [];
  const note = (name: string) => {
    return (...args: number[]) => {
      const call = `${name} ${args.join(" ")}`;
      calls.push(call);
      during(call);
      return 0;
    };
  };
  work("attend", 64, share, { "attend.enter": note("enter"), "attend.piece": note("piece") });
  return calls;
}

test("heavy tiles come before light ones, the heads of a group side by side", () => {
  const share = makeShare(step, { ...lengths, batch: 1 }, later);
  expect(sizeOfShare(share)).toBe(3 * 2 * 4);
  const calls = record(share);
  expect(calls.slice(0, 9)).toEqual([
    "enter 64 0 0",
    ...[
      "piece 0 192",
      "piece 1 192",
      "piece 0 128",
      "piece 1 128",
      "piece 0 64",
      "piece 1 64",
      "piece 0 0",
      "piece 1 0",
    ],
  ]);
  expect(calls.length).toBe(3 * 9);
  expect(record(share)).toEqual([]);
});

test("heavy batches come first, and their tiles in their own order", () => {
  const weight = (batch: number, tile: number) => [1, 3, 5, 2].at(tile)! * (batch + 1);
  const calls = record(makeShare(step, lengths, weight));
  expect(calls.slice(0, 3)).toEqual(["enter 64 1 0", "piece 0 128", "piece 1 128"]);
  expect(calls.indexOf("enter 64 0 0")).toBe(3 * 9);
});

test("a second thread begins another head, and helps where most is left", () => {
  const share = makeShare(step, { ...lengths, batch: 1, heads: 2, kvHeads: 2 }, later);
  let other: string[] = [];
  const calls = record(share, (call) => {
    if (call === "piece 0 192") other = record(share);
  });
  // It takes the second head, and all of the first but what is at hand.
  expect(other.slice(0, 2)).toEqual(["enter 64 0 1", "piece 1 192"]);
  expect(other.slice(5)).toEqual(["enter 64 0 0", "piece 0 128", "piece 0 64", "piece 0 0"]);
  expect(calls).toEqual(["enter 64 0 0", "piece 0 192"]);
});

test("nobody packs a head for its last piece", () => {
  const share = makeShare(step, { ...lengths, batch: 1, heads: 1, kvHeads: 1, queries: 128 }, later);
  let other: string[] = ["not asked"];
  record(share, (call) => {
    if (call === "piece 0 64") other = record(share);
  });
  expect(other).toEqual([]);
});

test("few query rows are entered head by head", () => {
  const share = makeShare(step, { ...lengths, queries: 16 }, later);
  expect(sizeOfShare(share)).toBe(6);
  expect(record(share)).toEqual([0, 1].flatMap((batch) => [0, 1, 2].map((kv) => `enter 64 ${batch} ${kv}`)));
});

test("what is cancelled gives nothing more", () => {
  const share = makeShare(step, lengths, later);
  const calls = record(share, (call) => {
    if (call.startsWith("piece")) cancel(share);
  });
  expect(calls.length).toBe(2);
  expect(record(share)).toEqual([]);
});
