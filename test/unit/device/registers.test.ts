// Every kernel compiles for real devices, and keeps what it works on in registers: some of the examples here, all of them in
// `npm run registers`, which prints the table of docs/cuda.md.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { ARCHITECTURES, usageOf } from "../../../src/cli/cuda/compile-device.ts";
import { missingNvcc } from "../../../src/cli/cuda/toolchain.ts";
import { expectClean } from "../../check.ts";
import { devices } from "../../device.ts";
import { kernelUsage, warpgroupUsage } from "../../registers.ts";

const compiling = devices({ nvcc: missingNvcc() });
const folder = new URL("../../../examples/", import.meta.url).pathname;
const files = readdirSync(folder).filter((name) => name.endsWith(".attn"));

/** One file in so many, and the dims that its kernels have. */
const STRIDE = 5;
const DIMS = [64, 128, 40, 256];

describe.each(files.filter((_, place) => place % STRIDE === 0).map((file, place) => [file, place] as const))(
  "%s",
  (file, place) => {
    const dim = DIMS[place % DIMS.length]!;
    for (const attention of expectClean(readFileSync(join(folder, file), "utf8")).attentions) {
      const element = place % 2 === 0 ? "bf16" : "f32";
      compiling(`${attention.name.text} on ${element} at dim ${dim} spills nothing`, async () => {
        const usage = await kernelUsage(attention, dim, element);
        expect(new Set(usage.map(({ architecture }) => architecture))).toEqual(
          new Set(ARCHITECTURES.map((name) => `sm_${name}`)),
        );
        expect(usage.filter(({ spilledBytes }) => spilledBytes > 0)).toEqual([]);
      });
    }
  },
);

/** What spilled once. */
describe.each([
  ["18-video-neighborhood", 128],
  ["36-slices", 128],
  ["47-video-top-k", 128],
] as const)("%s", (file, dim) => {
  const [attention] = expectClean(readFileSync(join(folder, `${file}.attn`), "utf8")).attentions;
  compiling(`spills nothing on bf16 at dim ${dim}`, async () => {
    const usage = await kernelUsage(attention!, dim, "bf16");
    expect(usage.filter(({ spilledBytes }) => spilledBytes > 0)).toEqual([]);
  });
});

/** What is compiled for warpgroups too: every shape of a product, scores ahead and not, walks of few parts and of many; and
 *  what spilled once. */
describe.each([
  ["01-causal", 64],
  ["08-alibi", 72],
  ["06-gemma2", 96],
  ["17-cosine-attention", 128],
  ["12-neighborhood-2d", 192],
  ["03-sliding-window", 256],
  ["03-sliding-window", 128],
  ["19-speculative-tree", 128],
  ["27-flashmask", 128],
  ["36-slices", 256],
] as const)("%s for warpgroups at dim %d", (file, dim) => {
  const [attention] = expectClean(readFileSync(join(folder, `${file}.attn`), "utf8")).attentions;
  compiling("spills nothing, and its products run together", async () => {
    const usage = await warpgroupUsage(attention!, dim);
    if (typeof usage === "string") throw new Error(usage);
    expect(usage.some(({ kernel }) => kernel.endsWith("_attend"))).toBe(true);
    expect(usage.filter(({ spilledBytes, remarks }) => spilledBytes > 0 || remarks.length > 0)).toEqual([]);
  });
});

compiling("products that wait for each other are found", async () => {
  const text = readFileSync(new URL("serialised.cu", import.meta.url), "utf8");
  const [usage] = await usageOf({ "main.cu": text }, "main.cu", ["90a"]);
  expect(usage!.remarks.join()).toMatch(/C7511.*serialized/);
});
