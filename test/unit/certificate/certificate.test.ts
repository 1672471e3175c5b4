// What the walk claims of the examples holds, by a checker that looks at every pair; and the checker refuses what does not.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Certificate } from "../../../src/certificate/certificate.ts";
import { certificateOf } from "../../../src/certificate/certify.ts";
import { checkCertificate } from "../../../src/certificate/check.ts";
import { planCase } from "../../../src/execute/run-plan.ts";
import { lowerAttention } from "../../../src/ir/lower.ts";
import { optimize } from "../../../src/passes/index.ts";
import { planProgram } from "../../../src/schedule/choose.ts";
import type { Case } from "../../../src/spec/case.ts";
import { wasmSimd128 } from "../../../targets/wasm-simd128.ts";
import { attentionOf, specOf } from "../../check.ts";
import { BLOCK_CALLS, blockCase } from "../../examples/block-calls.ts";

const root = new URL("../../../", import.meta.url).pathname;

/** The certificate as somebody else reads it, from a file. */
const certified = (call: Case, tile: Certificate["tile"]): Certificate => {
  const attention = optimize(lowerAttention(call.attention, { consts: call.params }));
  const program = planProgram(attention, { ...wasmSimd128, tile }, { dim: 4, valueDim: 4 }).value;
  return JSON.parse(JSON.stringify(certificateOf(program, call)));
};

describe("the certificates of the examples hold", () => {
  const files = readdirSync(join(root, "examples")).filter((name) => name.endsWith(".attn"));
  const attentions = files.flatMap((file) =>
    specOf(readFileSync(join(root, "examples", file), "utf8")).attentions.map(
      (attention) => [`${file.replace(".attn", "")}#${attention.name.text}`, attention] as const,
    ),
  );
  test.each(attentions)("%s", (name, attention) => {
    for (const blockCall of BLOCK_CALLS[name]!) {
      const call = blockCase(attention, blockCall);
      expect(checkCertificate(certified(call, { queries: 16, keys: 32 }), call)).toEqual([]);
    }
  });
});

describe("a certificate", () => {
  const attention = attentionOf(`
    import { causal, sinks, sliding_window } from "std"
    attention streaming(w: int in 1..) { mask causal and (sinks(4) or sliding_window(w)) }`);
  const call = blockCase(attention, { shape: { queries: 90, keys: 120, batch: 2, heads: 2 }, scalar: { w: 20 } });
  const short = { ...call, keyLengths: [120, 37] };
  const tile = { queries: 16, keys: 16 };

  test("names the claims of every tile, and the terms that prove them", () => {
    const { claims, because } = certified(call, tile);
    expect(claims).toHaveLength(2);
    expect(claims[1]![0]!).toEqual(["pppjjjjj", "ppppjjjj", "pjpppjjj", "pjjpppjj", "pjjjpppj", "pjjjjppp"]);
    expect(because.j).toHaveLength(2);
    expect(because.j[0]).toBe("0 ‥ min(lastQuery, 3)");
    expect(because.j[1]).toContain("add(sub(firstQuery, w), 1)");
    expect(because.e.join()).toContain("firstKey");
    expect(because.f.join()).toContain("lastKey");
  });

  test("speaks of the keys that are alive", () => {
    const certificate = certified(short, tile);
    expect(certificate.claims.map(([rows]) => rows![0]!.length)).toEqual([8, 3]);
    expect(checkCertificate(certificate, short)).toEqual([]);
    expect(checkCertificate(certificate, call)).toHaveLength(12);
  });

  test("of the plan that the plan runner runs is the same", () => {
    expect(checkCertificate(certificateOf(planCase(call), call), call)).toEqual([]);
  });

  /** The certificate with one letter changed. */
  const withLetter = (
    { claims, ...rest }: Certificate,
    [b, h, i, j]: readonly number[],
    letter: string,
  ): Certificate => ({
    ...rest,
    claims: claims.map((heads, batch) =>
      heads.map((rows, head) =>
        rows.map((row, query) =>
          batch === b && head === h && query === i ? row.slice(0, j) + letter + row.slice(j! + 1) : row,
        ),
      ),
    ),
  });

  test.each([
    ["e", [0, 1, 2, 3], "batch 0, head 1, query tile 2, key tile 3: it is called empty, but row 32 sees key 48"],
    ["j", [1, 0, 0, 0], "batch 1, head 0, query tile 0, key tile 0: it is jumped over, but row 0 sees key 0"],
    [
      "f",
      [0, 0, 5, 7],
      "batch 0, head 0, query tile 5, key tile 7: it is called full, but row 80 does not see key 112",
    ],
    ["f", [0, 0, 0, 7], "batch 0, head 0, query tile 0, key tile 7: it is called full, but row 0 does not see key 112"],
    ["x", [0, 0, 0, 7], "batch 0, head 0, query tile 0, key tile 7: `x` is no claim"],
  ])("that says %s at %j is refused", (letter, place, message) => {
    expect(checkCertificate(withLetter(certified(call, tile), place, letter), call)).toEqual([message]);
  });

  test("may say less than is true", () => {
    expect(checkCertificate(withLetter(certified(call, tile), [0, 0, 0, 7], "p"), call)).toEqual([]);
  });

  test("that leaves something out, or names no term, is refused", () => {
    const whole = certified(call, tile);
    const [first, second] = whole.claims;
    expect(checkCertificate({ ...whole, claims: [first!] }, call)).toEqual(["it has 1 batches instead of 2"]);
    const fewer = [[first![0]!.slice(1), first![1]!], second!];
    expect(checkCertificate({ ...whole, claims: fewer }, call)).toEqual([
      "it has 5 query tiles of batch 0, head 0 instead of 6",
    ]);
    const unexplained = { ...whole, because: { ...whole.because, j: [] } };
    expect(checkCertificate(unexplained, call)[0]).toContain("no term is named for `j`");
    expect(checkCertificate({ ...whole, attention: "another" }, call)).toEqual(["it is about `another`"]);
    expect(checkCertificate({ ...whole, tile: { queries: 0, keys: 16 } }, call)).toEqual(["its tile is 0 × 16"]);
  });

  test("for other parameters does not hold", () => {
    const wider = { ...call, params: { w: 50 } };
    expect(checkCertificate(certified(call, tile), wider).length).toBeGreaterThan(10);
  });
});

test("the checker shares the meaning of operations with the compiler and nothing else", () => {
  const reached = new Set<string>();
  const waiting = [join(root, "src/certificate/check.ts")];
  for (let file = waiting.pop(); file; file = waiting.pop()) {
    if (reached.has(file)) continue;
    reached.add(file);
    for (const [, path] of readFileSync(file, "utf8").matchAll(/from "(\.[^"]+)"/g))
      waiting.push(join(file, "..", path!));
  }
  const folders = new Set([...reached].map((file) => file.slice(root.length).split("/").slice(0, 2).join("/")));
  expect([...folders].sort()).toEqual([
    "src/certificate",
    "src/ops",
    "src/reference",
    "src/source",
    "src/spec",
    "src/tensors",
  ]);
});
