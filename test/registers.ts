// `npm run registers`: registers and spills of every example's kernels, as the table that docs/cuda.md holds.

import { readdirSync, readFileSync } from "node:fs";
import { cudaTargetOf } from "../src/backend/cuda/choose-target.ts";
import { type Usage, usageOf } from "../src/cli/cuda/compile-device.ts";
import { compileAttention } from "../src/compile.ts";
import type { Attention } from "../src/spec/spec.ts";
import type { RowElement } from "../targets/target.ts";
import { expectClean } from "./check.ts";

/** The architectures that kernels are compiled for without a device. */
const ARCHITECTURES = ["80", "90"];

export function kernelUsage(attention: Attention, dim: number, element: RowElement): Promise<Usage[]> {
  const settings = { dims: { dim, valueDim: dim }, element, consts: {} };
  const { program, emission } = compileAttention(attention, cudaTargetOf(attention, element), settings).value[0]!;
  const files = Object.fromEntries(emission.files.map(({ name, text }) => [name, text]));
  return usageOf(files, `${program.name}.cu`, ARCHITECTURES);
}

if (process.argv[1] === new URL(import.meta.url).pathname) {
  const folder = new URL("../examples/", import.meta.url);
  console.log("| kernel | sm_80 | sm_90 | bytes spilled |\n|---|---|---|---|");
  for (const file of readdirSync(folder).filter((name) => name.endsWith(".attn"))) {
    for (const attention of expectClean(readFileSync(new URL(file, folder), "utf8")).attentions) {
      const usage = await kernelUsage(attention, 64, "f32");
      for (const kernel of new Set(usage.map((each) => each.kernel))) {
        const own = usage.filter((each) => each.kernel === kernel);
        const registers = (name: string) => own.find(({ architecture }) => architecture === name)?.registers;
        const spilled = own.reduce((sum, { spilledBytes }) => sum + spilledBytes, 0);
        console.log(`| \`${kernel}\` | ${registers("sm_80")} | ${registers("sm_90")} | ${spilled} |`);
      }
    }
  }
}
