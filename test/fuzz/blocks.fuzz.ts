// The laws of block facts on random programs, from their text on: the same programs as `attnc fuzz --only blocks --seed 1`
// draws, a few thousand of them. The long run is the command.

import { expect, test } from "vitest";
import { judgeTrial } from "../../src/fuzz/judge.ts";
import { add, NO_STATISTICS, shortfalls } from "../../src/fuzz/statistics.ts";

const SEED = 1;
const PROGRAMS = 2000;

// A minute on a quiet machine; a busy one may take its time, because the law is not about speed.

test("no block is called empty or full that is not", async () => {
  let statistics = NO_STATISTICS;
  for (let path = 0; statistics.programs < PROGRAMS; path++) {
    const verdict = await judgeTrial(SEED, path);
    expect(verdict.failure?.file, `seed ${SEED}, path ${path}`).toBeUndefined();
    statistics = add(statistics, verdict.statistics);
  }
  console.log(JSON.stringify({ seed: SEED, ...statistics }));
  expect(shortfalls(statistics)).toEqual([]);
  expect(statistics.kernels.wasm).toBeGreaterThan(PROGRAMS / 25);
  const { blocks, found } = statistics;
  expect(found.classifier.empty! / blocks.empty!).toBeGreaterThan(0.9);
  expect(found.classifier.full! / blocks.full!).toBeGreaterThan(0.9);
  expect(found.walk.empty! / blocks.empty!).toBeGreaterThan(0.5);
  expect(found.walk.full! / blocks.full!).toBeGreaterThan(0.6);
}, 600_000);
