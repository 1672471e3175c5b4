// `npm run registers`: registers and spills of every example's kernels, as the table that docs/cuda.md holds.

import { readdirSync, readFileSync } from "node:fs";
import { cudaTargetOf } from "../src/backend/cuda/choose-target.ts";
import { ARCHITECTURES, type Usage, usageOf } from "../src/cli/cuda/compile-device.ts";
import { compileAttention } from "../src/compile.ts";
import type { Attention } from "../src/spec/spec.ts";
import type { RowElement } from "../targets/target.ts";
import { expectClean } from "./check.ts";

/** Rows of the table's columns: number by number, and with the matrix units. */
const ROWS: readonly (readonly [RowElement, number])[] = [
  ["f32", 64],
  ["bf16", 128],
];

export function kernelUsage(attention: Attention, dim: number, element: RowElement): Promise<Usage[]> {
  const settings = { dims: { dim, valueDim: dim }, element, consts: {} };
  const { program, emission } = compileAttention(attention, cudaTargetOf(attention, element), settings).value[0]!;
  const files = Object.fromEntries(emission.files.map(({ name, text }) => [name, text]));
  return usageOf(files, `${program.name}.cu`, ARCHITECTURES);
}

/** Lines of the table. */
async function* table(attention: Attention): AsyncGenerator<string> {
  const usage = await Promise.all(ROWS.map(([element, dim]) => kernelUsage(attention, dim, element)));
  for (const kernel of new Set(usage.flat().map((each) => each.kernel))) {
    const own = usage.map((each) => each.filter((one) => one.kernel === kernel));
    const registers = own.flatMap((each) =>
      ARCHITECTURES.map((name) => each.find(({ architecture }) => architecture === `sm_${name}`)!.registers),
    );
    const spilled = own.flat().reduce((sum, { spilledBytes }) => sum + spilledBytes, 0);
    yield `| \`${kernel}\` | ${registers.join(" | ")} | ${spilled} |`;
  }
}

if (process.argv[1] === new URL(import.meta.url).pathname) {
  const folder = new URL("../examples/", import.meta.url);
  const columns = ROWS.flatMap(([element, dim]) => ARCHITECTURES.map((name) => `${element} ${dim}, sm_${name}`));
  console.log(`| kernel | ${columns.join(" | ")} | bytes spilled |\n|---|${"---|".repeat(columns.length + 1)}`);
  for (const file of readdirSync(folder).filter((name) => name.endsWith(".attn"))) {
    for (const attention of expectClean(readFileSync(new URL(file, folder), "utf8")).attentions) {
      for await (const line of table(attention)) console.log(line);
    }
  }
}
