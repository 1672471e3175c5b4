// Few query rows take a kernel of their own. Here every example and every mask and score of the standard library runs
// with some of 1 to 16 against the reference, each with other ones: groups of heads of several sizes, odd dims, lengths of
// batches with poison behind them, rows that see nothing, more keys than the heads of a group go over together. Grids set
// their own number of tokens; verify.test.ts has them.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { planRunner } from "../../src/execute/run-plan.ts";
import { wasmRelaxedRunner, wasmRunner } from "../../src/execute/run-wasm.ts";
import { makeCase, makeParams } from "../../src/verify/cases.ts";
import { runLevels } from "../../src/verify/levels.ts";
import { wasmSimd128 } from "../../targets/wasm-simd128.ts";
import { expectClean } from "../check.ts";

const folder = new URL("../../examples/", import.meta.url).pathname;
const files = readdirSync(folder).filter((name) => name.endsWith(".attn"));
const programs = Object.fromEntries(files.map((file) => [file, readFileSync(join(folder, file), "utf8")]));

/** What the standard library has, by itself; some of it stands in the examples too. */
const library = `
import { causal, sliding_window, local, dilated, prefix_lm, document, block_causal, sinks, global_tokens } from "std"
import { alibi, softcap, relative_bias } from "std"
attention of_causal { mask causal }
attention of_window(w: int in 1..) { mask sliding_window(w) }
attention of_local(w: int in 0..) { mask local(w, 3) }
attention of_dilated(w: int in 1.., d: int in 1..) { mask dilated(w, d) }
attention of_prefix(n: int in 0..) { mask prefix_lm(n) }
attention of_documents(doc: i32[batch, token]) { mask causal and document(doc) }
attention of_blocks(n: int in 1..) { mask block_causal(n) }
attention of_sinks(n: int in 0.., w: int in 1..) { mask causal and (sinks(n) or sliding_window(w)) }
attention of_global(n: int in 0..) { mask global_tokens(n) }
attention of_alibi(m: f32[head]) { mask causal score alibi(m) }
attention of_softcap(cap: float in 0.5..50) { score softcap(cap) output lse }
attention of_relative(t: f32[head, n]) { score relative_bias(t) }
attention of_empty { mask q > k + 40 output lse }
attention of_average { mask q > k + 40 empty uniform }
attention of_norms { scale 1.0 score cosine(Q, K) * 7.0 weight p / (1.0 + norm(V)) }
`;

/** Four numbers of query rows for the attention at a place; sixteen places have all of 1 to 16. */
const queriesAt = (place: number) => [0, 5, 10, 15].map((step) => 1 + ((place + step) % 16));
const HEADS = [
  [8, 2],
  [8, 8],
  [6, 2],
  [20, 1],
] as const;
const KEYS = [1, 64, 65, 300, 17, 130, 0, 257];
const DIMS = [72, 96, 1, 128, 5];

const turn = <T>(all: readonly T[], index: number): T => all[index % all.length]!;

const attentions = [...Object.values(programs), library]
  .flatMap((text) => expectClean(text).attentions)
  .filter(({ grid }) => !grid)
  .map((attention, place) => [attention.name.text, place, attention] as const);

test.each(attentions)("%s", async (_, place, attention) => {
  for (const queries of queriesAt(place)) {
    const [heads, kvHeads] = turn(HEADS, queries);
    const [dim, valueDim] = [turn(DIMS, place + queries), turn(DIMS, place + queries + (queries % 3))];
    const extents = { queries, keys: turn(KEYS, place + queries), dim, valueDim };
    const shape = { batch: 1 + (queries % 2), heads, kvHeads, axes: {}, ...extents };
    const swept = { keyLengths: queries % 3 === 0, queryStart: queries % 4 === 1 };
    const setting = { shape, profile: "normal", seed: queries, ...swept } as const;
    const call = makeCase(attention, setting, makeParams(attention, 1));
    const report = await runLevels(call, [planRunner, wasmRunner, wasmRelaxedRunner], wasmSimd128.errorUlps);
    expect(report.firstWrong, JSON.stringify({ setting, levels: report.levels }, null, 1)).toBeUndefined();
  }
});
