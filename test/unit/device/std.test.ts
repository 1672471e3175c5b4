// Every entry of the standard library in a kernel for CUDA, against the reference.

import { describe, expect, test } from "vitest";
import { cudaRunner } from "../../../src/cli/cuda/run-cuda.ts";
import { STD_NAMES } from "../../../src/diagnostics/std-names.ts";
import { verifyAttention } from "../../../src/verify/verify.ts";
import { cudaSimt } from "../../../targets/cuda-simt.ts";
import { attentionOf } from "../../check.ts";
import { available, devices } from "../../device.ts";
import { ORDERS_AND_SPARSITIES } from "../std/not-masks.ts";

/** What stands between the parentheses and the braces of an attention that uses the entry. */
const USES: Readonly<Record<string, readonly [params: string, clauses: string]>> = {
  causal: ["", "mask causal"],
  sliding_window: ["", "mask sliding_window(5)"],
  local: ["", "mask local(3, 2)"],
  dilated: ["", "mask dilated(3, 2)"],
  prefix_lm: ["n: int in 0.. = 4", "mask prefix_lm(n)"],
  document: ["doc: i32[batch, token]", "mask document(doc)"],
  block_causal: ["", "mask block_causal(4)"],
  sinks: ["", "mask sinks(2) or q == k"],
  global_tokens: ["", "mask global_tokens(2)"],
  neighborhood: ["", "grid (y, x) mask neighborhood(q.y, k.y, len(y), 3, 1) mask neighborhood(q.x, k.x, len(x), 5, 2)"],
  neighborhood_strided: ["", "grid (y) mask neighborhood_strided(q.y, k.y, len(y), 5, 1, 2)"],
  neighborhood_causal: ["", "grid (y) mask neighborhood_causal(q.y, k.y, len(y), 4, 2)"],
  alibi: ["slope: f32[head]", "score alibi(slope)"],
  alibi_slope: ["", "score s + alibi_slope(h, len(head)) * (k - q)"],
  softcap: ["", "score softcap(20.0)"],
  relative_bias: ["table: f32[head, n]", "score relative_bias(table)"],
  keep: ["", "weight p * keep(0.2, 3, b, h, q, k)"],
};

test("no entry is forgotten", () => {
  expect([...Object.keys(USES), ...ORDERS_AND_SPARSITIES].toSorted()).toEqual([...STD_NAMES].toSorted());
});

describe("standard library", () => {
  const running = devices({ CUDA: available(cudaRunner) });
  for (const [name, [params, clauses]] of Object.entries(USES)) {
    running(name, async () => {
      const text = `import { ${name} } from "std"\nattention t(${params}) { ${clauses} }`;
      const only = (index: number) => index % 12 === 3;
      const extents = { dim: 8, value_dim: 12 };
      const sweep = { sweep: "quick", seed: 2, params: {}, extents, accuracy: cudaSimt.errorUlps } as const;
      let ran = 0;
      for await (const outcome of verifyAttention(attentionOf(text), { ...sweep, runners: [cudaRunner], only })) {
        expect(outcome).toMatchObject({ kind: "ran", report: { levels: [{ verdict: { agrees: true } }] } });
        ran += 1;
      }
      expect(ran).toBeGreaterThan(2);
    });
  }
});
