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

/** Files whose kernels are compiled for warpgroups too. */
const SPECIAL = files.filter((_, place) => place % (2 * STRIDE) === 1);

describe.each(SPECIAL.map((file, place) => [file, place] as const))("%s for warpgroups", (file, place) => {
  const dim = [128, 64, 256, 96][place % 4]!;
  for (const attention of expectClean(readFileSync(join(folder, file), "utf8")).attentions) {
    compiling(`${attention.name.text} at dim ${dim} spills nothing, and its products run together`, async () => {
      const usage = await warpgroupUsage(attention, dim);
      if (typeof usage === "string") return expect(usage).toMatch(/stored in another order|smaller than tiles/);
      expect(usage.some(({ kernel }) => kernel.endsWith("_attend"))).toBe(true);
      expect(usage.filter(({ spilledBytes, remarks }) => spilledBytes > 0 || remarks.length > 0)).toEqual([]);
    });
  }
});

compiling("products that wait for each other are found", async () => {
  const text = readFileSync(new URL("serialised.cu", import.meta.url), "utf8");
  const [usage] = await usageOf({ "main.cu": text }, "main.cu", ["90a"]);
  expect(usage!.remarks.join()).toMatch(/C7511.*serialized/);
});
