// The laws of block facts where tokens are stored in another order: what a mask reads of one token alone is a tensor then, whose bounds
// no pair may contradict. Masks of remainders, bits and distances under orders of all kinds, in calls whose rows lie anywhere.

import { expect, test } from "vitest";
import { wasmRunner } from "../../src/execute/run-wasm.ts";
import { checkFacts } from "../../src/fuzz/facts.ts";
import { truthOf } from "../../src/fuzz/truth.ts";
import type { Case } from "../../src/spec/case.ts";
import { makeCase } from "../../src/verify/cases.ts";
import { runLevels } from "../../src/verify/levels.ts";
import { numbersOf } from "../../src/verify/numbers.ts";
import { wasmSimd128 } from "../../targets/wasm-simd128.ts";
import { attentionOf } from "../check.ts";

const SEED = 1;
const PROGRAMS = 150;
/** One program in so many is run as a kernel too. */
const KERNELS = 25;

const MASKS = [
  "q % d == k % d",
  "(q - k) % d == 0",
  "(k - q) % d != 0",
  "abs(q - k) % d == 0 and abs(q - k) <= w",
  "0 <= q - k < w * d and (q - k) % d == 0",
  "(q - k) % d == 1",
  "(q - k) % (d - w) == 0 or k < w",
  "not ((q - k) % d == 0) and q >= k",
  "q // d == k % d",
  "(k & 5) < (q & 3)",
  "(k ^ 9) % d < w or (q | 3) == (k << 1)",
  "table[k % d] > q % w",
  "(q % d) * 3 - k // d >= w",
  "k % (len(key) // 2 + 1) == q % d",
  "random(1, k % d) < 0.5 and q % 2 == 0",
  "if k % d < w then q >= k else q % d == k % d",
  "(q - k - kv) % d == 0 and k % (len(group) + 1) != 1",
];
const SORTS = ["k % d, k // d", "k % d descending", "-k", "k & 3", "k * k % 7, k % 2", "k * 37 % 101", "0 - k // w"];
/** By what the call captures, and each head in an order of its own. */
const OTHERS = ["turn[k % 9], k % d", "turn[k] descending", "k * (h + 2) % 7", "turn[k - h] // 8, k % 2"];
const SEGMENTS = ["", "", "within 16", "within 24 complete"];

test("no stored block is called empty or full that is not", async () => {
  const found = { empty: 0, full: 0 };
  const truly = { empty: 0, full: 0 };
  for (let path = 0; path < PROGRAMS; path++) {
    const { text, call, tile } = trial(path);
    const truth = truthOf(call, tile);
    const report = checkFacts(call, tile, truth);
    expect(report.wrong, `seed ${SEED}, path ${path}\n${text}`).toEqual([]);
    for (const kind of ["empty", "full"] as const) {
      found[kind] += report.found.walk[kind];
      truly[kind] += truth.counts[kind];
    }
    if (path % KERNELS !== 0) continue;
    const { firstWrong, levels } = await runLevels(call, [wasmRunner], wasmSimd128.errorUlps);
    expect(firstWrong, `seed ${SEED}, path ${path}\n${text}\n${JSON.stringify(levels)}`).toBeUndefined();
  }
  console.log(JSON.stringify({ seed: SEED, programs: PROGRAMS, truly, found }));
  expect(truly.empty).toBeGreaterThan(500);
  expect(found.empty / truly.empty).toBeGreaterThan(0.25);
  expect(found.full / truly.full).toBeGreaterThan(0.25);
}, 600_000);

function trial(path: number): { text: string; call: Case; tile: { queries: number; keys: number } } {
  const { unit } = numbersOf(SEED, path);
  const below = (count: number) => Math.floor(unit() * count);
  const pick = <T>(all: readonly T[]): T => all[below(all.length)]!;
  const side = pick(["token", "token", "key", "query"]);
  const mask = pick(MASKS);
  const place = pick([...SORTS, ...OTHERS]);
  const sort = side === "query" ? place.replaceAll("k", "q") : place;
  const per = sort.includes("h") ? "per head" : "";
  const turn = sort.includes("turn") ? { declared: ", turn: i32[m]", passed: ", turn" } : { declared: "", passed: "" };
  const tensor = mask.includes("table") ? ", table: i32[n]" : "";
  const text = `permutation stored(d: int, w: int${turn.declared}) { of ${side} ${per} ${pick(SEGMENTS)} order by ${sort} }
attention a(d: int, w: int${tensor}${turn.declared}) { mask ${mask} permute stored(d, w${turn.passed}) }`;
  const attention = attentionOf(text);
  const keys = 1 + below(90);
  const shape = {
    batch: 1 + below(2),
    heads: 2,
    kvHeads: 1 + below(2),
    queries: 1 + below(90),
    keys,
    dim: 4,
    valueDim: 4,
    axes: {},
  };
  const setting = { shape, profile: "normal", keyLengths: below(3) === 0, queryStart: false, seed: path } as const;
  const params = { d: pick([1, 2, 3, 4, 7, 8, 0, -3]), w: pick([1, 2, 5, 30]) };
  const made = makeCase(attention, setting, params);
  const starts = [0, keys - shape.queries, -50, 1000, -(2 ** 30), -(2 ** 31), -(2 ** 31) + 40, 2 ** 31 - 20];
  const queryStart = Array.from({ length: shape.batch }, () => pick(starts));
  return {
    text: `${text}\n${JSON.stringify({ shape, params, queryStart })}`,
    call: { ...made, queryStart: queryStart },
    tile: pick([
      { queries: 8, keys: 16 },
      { queries: 16, keys: 8 },
      { queries: 4, keys: 4 },
    ]),
  };
}
