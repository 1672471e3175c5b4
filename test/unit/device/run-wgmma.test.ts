// The kernel of warpgroups of every feature against the reference, emulated unless there is a device of compute capability
// 9.0: ragged tiles, more of them than the ring has stages and than blocks run at once, NaN behind the last key of a shorter batch.

import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { compileWarpgroups } from "../../../src/artefacts/compile-cuda.ts";
import { cudaWgmmaRunner } from "../../../src/cli/cuda/run-cuda.ts";
import { compileAttention } from "../../../src/compile.ts";
import type { Case } from "../../../src/spec/case.ts";
import { floats, makeTensor } from "../../../src/tensors/elements.ts";
import type { Tensor } from "../../../src/tensors/tensor.ts";
import { runLevels } from "../../../src/verify/levels.ts";
import { cudaWgmma } from "../../../targets/cuda-wgmma.ts";
import { expectClean } from "../../check.ts";
import { available, devices } from "../../device.ts";
import { attentionOf, type CallOptions, callOf } from "../execute/calls.ts";
import { features } from "../execute/features.ts";

const running = devices({ "cuda-wgmma": available(cudaWgmmaRunner) });

function halvesOf(text: string, element: "f16" | "bf16", options: CallOptions): Case {
  const as = (tensor: Tensor) => makeTensor(element, tensor.shape, floats(tensor));
  const call = callOf(attentionOf(text), options);
  return { ...call, query: as(call.query), key: as(call.key), value: as(call.value) };
}

async function expectAgreement(call: Case) {
  const { levels } = await runLevels(call, [cudaWgmmaRunner], cudaWgmma.errorUlps);
  expect(levels, JSON.stringify(levels)).toMatchObject([{ kind: "compared", verdict: { agrees: true } }]);
}

/** Weights that no softmax bounds stay f32 rather than become f16. */
const elementOf = (text: string) => (/normalize (sum|none)/.test(text) || text.length % 2 === 0 ? "bf16" : "f16");

describe.each(Object.entries(features))("%s", (name, text) => {
  // More rows than those that are split over their keys, on two tiles; a batch without keys.
  const shape = {
    batch: 3,
    heads: 2,
    kvHeads: 1,
    queries: 130,
    keys: name === "grid" ? 9 : 150,
    dim: 16,
    valueDim: 24,
  };
  const lengths = { keyLengths: [shape.keys, 6, 0], queryStart: [-2, 0, 12] };
  running("agrees", () => expectAgreement(halvesOf(text, elementOf(text), { shape, ...lengths })));
});

/** Every shape of a product: stretches of 64 columns, one to four of them, and dims between. */
describe.each([
  { name: "run-time window", dim: 64, valueDim: 128, queries: 130, keys: 700 },
  { name: "documents per batch", dim: 72, valueDim: 96, queries: 40, keys: 300 },
  { name: "causal", dim: 128, valueDim: 64, queries: 260, keys: 260 },
  { name: "square of p with a sink", dim: 96, valueDim: 72, queries: 17, keys: 300 },
  { name: "rows that see nothing, averaged", dim: 192, valueDim: 160, queries: 150, keys: 200 },
  { name: "softcap", dim: 256, valueDim: 256, queries: 40, keys: 330 },
])("$name at dims $dim and $valueDim", ({ name, ...shape }) => {
  running("agrees over many tiles", () =>
    expectAgreement(
      halvesOf(features[name]!, "bf16", {
        shape: { batch: 2, heads: 2, kvHeads: 1, ...shape },
        keyLengths: [shape.keys, 65],
      }),
    ),
  );
});

/** Few rows a head, of heads that share keys: tiles of 64 × 2 rows, of 32 × 4, and of heads that no power of two divides. */
describe.each([
  { name: "causal", heads: 8, kvHeads: 2, queries: 40 },
  { name: "parameters per head", heads: 8, kvHeads: 1, queries: 20 },
  { name: "square of p with a sink", heads: 6, kvHeads: 2, queries: 33 },
])("$name with $heads heads on $kvHeads", ({ name, ...shape }) => {
  running("agrees where a tile has rows of several heads", () =>
    expectAgreement(
      halvesOf(features[name]!, "bf16", {
        shape: { batch: 2, keys: 140, dim: 64, valueDim: 40, ...shape },
        keyLengths: [140, 65],
      }),
    ),
  );
});

describe("what it is not for", () => {
  const whyOf = (text: string, element: "f32" | "f16" | "bf16", dim = 64) => {
    const call = halvesOf(text, "f16", { shape: { dim, valueDim: 64 } });
    const as = (tensor: Tensor) => makeTensor(element, tensor.shape, floats(tensor));
    return cudaWgmmaRunner.unsuited!({ ...call, query: as(call.query), key: as(call.key), value: as(call.value) });
  };
  const choosing = (blocks: string) => `sparsity c { blocks ${blocks} keep where i == j }\nattention t { sparsity c }`;
  test.each([
    [whyOf("attention t { mask q >= k }", "f32"), /rows of f32/],
    [whyOf("attention t { normalize none }", "f16"), /too large for f16/],
    [whyOf("attention t { mask q >= k }", "bf16", 20), /rows of 20 elements are no multiple of 16 bytes/],
    [whyOf(choosing("64 x 64"), "bf16"), /blocks of 64 × 64 that a call chooses are smaller than tiles of 128 × 64/],
  ])("%s", (why, words) => expect(why).toMatch(words));
  test.each(["attention t { mask q >= k }", "attention t { normalize none }", choosing("128 x 128")])(
    "but for %s",
    (text) => expect(whyOf(text, "bf16")).toBeUndefined(),
  );
});

test("a walk of many parts beside wide values leaves too few registers", () => {
  const compiled = (name: string, dim: number) => {
    const text = readFileSync(new URL(`../../../examples/${name}.attn`, import.meta.url), "utf8");
    const settings = { dims: { dim, valueDim: dim }, element: "bf16", consts: {} } as const;
    return compileWarpgroups(expectClean(text).attentions[0]!, settings);
  };
  expect(compiled("18-video-neighborhood", 256)).toMatch(
    /a walk with 72 values leaves no registers for rows of 256 sums/,
  );
  expect(compiled("18-video-neighborhood", 192)).toMatchObject({ program: { name: "video" } });
  expect(compiled("23-concentric", 256)).toMatchObject({ program: { name: "concentric" } });
});

test("a block goes over tiles, dealt out or counted as the plan says, in C and in Python", () => {
  const settings = { dims: { dim: 64, valueDim: 64 }, element: "bf16", consts: {} } as const;
  const filesOf = (text: string) => {
    const { files } = compileAttention(attentionOf(text), cudaWgmma, settings).value[0]!.emission;
    const textOf = (kind: string) => files.find((file) => file.kind === kind)!.text;
    const { steps, scratch } = JSON.parse(textOf("json")) as {
      readonly steps: readonly { readonly kernel: string; readonly persistent: boolean }[];
      readonly scratch: readonly { readonly field: string; readonly cleared: boolean }[];
    };
    return {
      cu: textOf("cu"),
      persistent: steps.filter(({ persistent }) => persistent).map(({ kernel }) => kernel),
      cleared: scratch.filter(({ cleared }) => cleared).map(({ field }) => field),
    };
  };
  const known = filesOf("attention t { mask q >= k }");
  expect(known.cu).toMatch(/launch\("t_attend", .*, attnc::persistent_blocks\(device, call.batch/);
  expect(known.cu).not.toMatch(/attnc::clear|count_up/);
  expect(known).toMatchObject({ persistent: ["t_attend"], cleared: [] });
  const found = filesOf("attention t(doc: i32[batch, token] sorted) { mask doc[q] == doc[k] }");
  expect(found.cu).toMatch(/launch\("t_attend", .*, attnc::persistent_blocks\(device, call.batch/);
  for (const each of [/count_up\(call.attend_tiles_\)/, /attnc::clear\(call.attend_tiles_, /])
    expect(found.cu).toMatch(each);
  expect(found).toMatchObject({ persistent: ["t_attend"], cleared: ["attend_tiles_"] });
});

test("few rows are still split, by warps", () => {
  const settings = { dims: { dim: 64, valueDim: 64 }, element: "bf16", consts: {} } as const;
  const [kernel] = compileAttention(attentionOf("attention t { mask q >= k }"), cudaWgmma, settings).value;
  const text = kernel!.emission.files.find(({ kind }) => kind === "cu")!.text;
  expect(text).toMatch(/namespace attend_step[\s\S]*multiply_tiles<Brain, KEYS>[\s\S]*multiply_registers<Brain/);
  expect(text).toMatch(/namespace split_step[\s\S]*mma_16816<Brain>/);
});
