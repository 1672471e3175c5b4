// `attnc bench`: its answer adds up. How fast a kernel is, no test says.

import { describe, expect, test } from "vitest";
import { attnc, makeFolder } from "./command.ts";

const folder = makeFolder();
const near = folder.write("near.attn", "attention near(window: int in 1..) { mask 0 <= q - k < window }");
const packed = folder.write("packed.attn", "attention packed(doc: i32[batch, token]) { mask doc[q] == doc[k] }");

type Line = {
  readonly target: string;
  readonly milliseconds: { readonly median: number; readonly smallest: number; readonly largest: number };
  readonly gflops: number;
  readonly ceilingGflops: number;
  readonly gigabytesPerSecond: number;
};

const bench = async (...args: string[]) => {
  const { status, out, err } = await attnc("bench", ...args, "--rounds", "2");
  expect(status, err).toBe(0);
  return out;
};

describe("bench", () => {
  test("credits visible pairs alone, and bytes once", async () => {
    const shape = "heads=6,kv_heads=2,queries=100,dim=16,value_dim=24";
    const lines = JSON.parse(await bench(near, "--shape", shape, "--set", "window=10", "--json")) as Line[];
    expect(lines.map(({ target }) => target)).toEqual(["wasm", "wasm-relaxed"]);
    const pairs = 6 * (100 * 10 - 45);
    for (const { milliseconds, gflops, ceilingGflops, gigabytesPerSecond } of lines) {
      const { median, smallest, largest } = milliseconds;
      expect(smallest).toBeLessThanOrEqual(median);
      expect(median).toBeLessThanOrEqual(largest);
      expect(gflops * median * 1e6).toBeCloseTo(2 * pairs * (16 + 24), 3);
      expect(gigabytesPerSecond * median * 1e6).toBeCloseTo(4 * (6 + 2) * 100 * (16 + 24), 3);
      expect(ceilingGflops).toBeGreaterThan(0);
    }
  });

  test("makes up the tensors that an attention captures, and takes one build alone", async () => {
    const out = await bench(packed, "--shape", "queries=64,dim=8", "--targets", "wasm");
    expect(out).toMatch(/^wasm {2,}\S+ \[\S+ \.\. \S+\] ms {2,}\S+ GFLOP\/s, \d+ % of the core's \S+; \S+ GB\/s\n$/);
  });

  test.each([
    [2, [near, "--targets", "cuda"], /measures no target `cuda`/],
    [2, [near, "--rounds", "0"], /--rounds is `0`/],
    [1, [near], /`window`/],
  ] as const)("exits with %i where it cannot measure: %s", async (code, args, words) => {
    const { status, out, err } = await attnc("bench", ...args);
    expect([status, out]).toEqual([code, ""]);
    expect(err).toMatch(words);
  });
});
