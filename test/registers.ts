// `npm run registers`: registers and spills of every example's kernels, as the table that docs/cuda.md holds.

import { readdirSync, readFileSync } from "node:fs";
import { compileWarpgroups } from "../src/artefacts/compile-cuda.ts";
import { cudaTargetOf } from "../src/backend/cuda/choose-target.ts";
import { ARCHITECTURES, type Usage, usageOf } from "../src/cli/cuda/compile-device.ts";
import { compileAttention } from "../src/compile.ts";
import type { Attention } from "../src/spec/spec.ts";
import type { RowElement } from "../targets/target.ts";
import { expectClean } from "./check.ts";

/** Dims of kernels of warpgroups: one tile each way. */
const WARPGROUP_DIMS = [128, 256];

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

/** The kernels of warpgroups, or why the attention has none. */
export async function warpgroupUsage(attention: Attention, dim: number): Promise<Usage[] | string> {
  const settings = { dims: { dim, valueDim: dim }, element: "bf16", consts: {} } as const;
  const compiled = compileWarpgroups(attention, settings);
  if (typeof compiled === "string") return compiled;
  const { program, emission } = compiled;
  const files = Object.fromEntries(emission.files.map(({ name, text }) => [name, text]));
  return usageOf(files, `${program.name}.cu`, ["90a"]);
}

/** Lines of the second table: what each kernel takes by dim, those of few rows aside. */
async function* warpgroupTable(attention: Attention): AsyncGenerator<string> {
  const cells = [];
  for (const dim of WARPGROUP_DIMS) {
    const usage = await warpgroupUsage(attention, dim);
    if (typeof usage === "string") return yield `| \`${attention.name.text}\` | ${usage} |`;
    const passes = usage.filter(({ kernel }) => /_(attend|statistics|replay)$/.test(kernel));
    const spilled = passes.reduce((sum, { spilledBytes }) => sum + spilledBytes, 0);
    cells.push(`${passes.map(({ registers }) => registers).join(" ")}, ${spilled} bytes`);
    cells.push(passes.flatMap(({ remarks }) => remarks).join(" ") || "none");
  }
  yield `| \`${attention.name.text}\` | ${cells.join(" | ")} |`;
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
  const files = readdirSync(folder).filter((name) => name.endsWith(".attn"));
  const attentions = files.flatMap((file) => expectClean(readFileSync(new URL(file, folder), "utf8")).attentions);
  for (const attention of attentions) for await (const line of table(attention)) console.log(line);
  const special = WARPGROUP_DIMS.flatMap((dim) => [`registers and spills at dim ${dim}`, "remarks"]);
  console.log(`\n| sm_90a, bf16 | ${special.join(" | ")} |\n|---|${"---|".repeat(special.length)}`);
  for (const attention of attentions) for await (const line of warpgroupTable(attention)) console.log(line);
}
