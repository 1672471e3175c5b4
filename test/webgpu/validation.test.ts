// Every shader is accepted by a device with the least limits that WebGPU promises and no feature,
// and barriers are met by all threads of a workgroup. Faults are planted, to see that this would find them.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { gpuFeatures } from "../../src/backend/wgsl/describe.ts";
import { compileAttention } from "../../src/compile.ts";
import type { Attention } from "../../src/spec/spec.ts";
import { makeParams } from "../../src/verify/cases.ts";
import { TARGETS } from "../../targets/index.ts";
import type { RowElement, Target } from "../../targets/target.ts";
import { webgpu } from "../../targets/webgpu.ts";
import { webgpuMatrices } from "../../targets/webgpu-matrices.ts";
import { expectClean } from "../check.ts";
import { attentionOf } from "../unit/execute/calls.ts";
import { features } from "../unit/execute/features.ts";
import { orders } from "../unit/execute/orders.ts";
import { selections } from "../unit/execute/selections.ts";
import { openValidator, textErrors, validate } from "./validator.ts";

const folder = new URL("../../examples/", import.meta.url).pathname;
const files = readdirSync(folder).filter((name) => name.endsWith(".attn"));
const examples = files.flatMap((file) =>
  expectClean(readFileSync(join(folder, file), "utf8")).attentions.map(
    (each) => [`${file}#${each.name.text}`, each] as const,
  ),
);
const texts = Object.entries({ ...features, ...selections, ...orders });
const attentions = [...examples, ...texts.map(([name, text]) => [name, attentionOf(text)] as const)];
/** Those that bind more buffers than every device has, which is said; of them the texts alone are looked at. */
const MORE_BUFFERS: Readonly<Record<string, number>> = {
  "distances with rows and keys": 9,
  "27-flashmask.attn#flashmask": 10,
  "the KV head of a head that sorts for itself": 10,
};

const targets = TARGETS.filter((target): target is Target<"wgsl"> => target.backend === "wgsl");
/** The default, a dim that nothing divides, and the largest. */
const DIMS = [
  { dim: 64, valueDim: 64 },
  { dim: 9, valueDim: 11 },
  { dim: 256, valueDim: 256 },
];

const emit = (attention: Attention, target: Target<"wgsl">, dims: (typeof DIMS)[number], element: RowElement) => {
  const consts = makeParams({ ...attention, params: attention.params.filter((param) => param.const) }, 1);
  const { value, problems } = compileAttention(attention, target, { dims, element, consts });
  expect(problems).toEqual([]);
  return value[0]!.emission;
};

describe.each(targets)("$name", (target) => {
  const device = openValidator(gpuFeatures(target));
  for (const element of Object.keys(target.rows) as RowElement[]) {
    test.each(attentions)(`accepts ${element} of %s`, async (name, attention) => {
      for (const dims of DIMS) {
        const emission = emit(attention, target, dims, element);
        const accepted = validate(await device, emission);
        const buffers = MORE_BUFFERS[name];
        if (!buffers) await accepted;
        else {
          await expect(accepted).rejects.toThrow(`maxStorageBuffersPerShaderStage: ${buffers}`);
          expect(await textErrors(await device, emission)).toEqual([]);
        }
      }
    });
  }
});

describe("a planted fault is found", () => {
  const emission = emit(attentionOf("attention t { mask q >= k }"), webgpu, DIMS[0]!, "f32");
  const planted = (from: string, to: string) => {
    const [file] = emission.files;
    expect(file!.text).toContain(from);
    return { ...emission, files: [{ ...file!, text: file!.text.replace(from, to) }] };
  };
  const faults = {
    "a barrier that some threads miss": ["workgroupBarrier();", "if (strip == 0) { workgroupBarrier(); }", /uniform/],
    "a walk that threads take apart": ["var next_key = 0;", "var next_key = strip * 32;", /uniform/],
    "a vector of another type": ["var score0 = vec4f();", "var score0 = vec4i();", /vec4/],
    "more memory than is promised": [
      "var<workgroup> told: array<vec4f, 64>",
      "var<workgroup> told: array<vec4f, 1024>",
      /workgroup/,
    ],
    "more threads than are promised": ["@workgroup_size(64)", "@workgroup_size(512)", /512|workgroup/],
  } as const;
  test.each(Object.entries(faults))("%s", async (_, [from, to, message]) => {
    const device = await openValidator();
    await expect(validate(device, planted(from, to))).rejects.toThrow(message);
    if (!message.source.includes("workgroup"))
      expect((await textErrors(device, planted(from, to))).join()).toMatch(message);
  });
});

test("matrices of subgroups need whole ones, and a device that knows the experiment", async () => {
  const emission = emit(attentionOf("attention t { mask q >= k }"), webgpuMatrices, DIMS[0]!, "f32");
  const [file] = emission.files;
  const halved = { ...file!, text: file!.text.replace("@workgroup_size(128)", "@workgroup_size(64)") };
  const device = await openValidator(gpuFeatures(webgpuMatrices));
  await expect(validate(device, { ...emission, files: [halved] })).rejects.toThrow("maxSubgroupSize");
  await expect(validate(await openValidator(["subgroups"]), emission)).rejects.toThrow(
    "the feature chromium-experimental-subgroup-matrix",
  );
});
