// Time from text to Wasm, in two figures: the median of a warm compiler, and the first compile of a fresh process with
// everything that it imports. A compile makes both modules, with relaxed SIMD and without. Each comes from several processes and is printed with its spread and the machine.
//
//     npm run bench -- compile-time        the sources as they stand, and the built package where there is one

import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { cpus, loadavg } from "node:os";
import { fileURLToPath } from "node:url";

const GOALS = { warm: 50, first: 400 };
const PROCESSES = 7;
const WARM_UP = 20;
const REPEATS = 31;
const EXAMPLES = ["01-causal", "06-gemma2", "12-neighborhood-2d"];
const FORMS = { source: "../../src/index.ts", built: "../../dist/index.js" };

type Form = keyof typeof FORMS;
/** Milliseconds. All but `warm` count from the start of the process, so that Node's own start is in them. `cpu` is what
 *  the main thread itself worked until the first kernel was there: on a busy machine it says more than the clock. */
type Sample = { readonly imports: number; readonly first: number; readonly cpu: number; readonly warm: number };

const [form, example] = process.argv.slice(2) as [Form?, string?];
if (form && example) console.log(JSON.stringify(await measure(form, example)));
else compareForms();

/** Runs in a process of its own. */
async function measure(form: Form, example: string): Promise<Sample> {
  const { compile } = (await import(new URL(FORMS[form], import.meta.url).href)) as typeof import("../../src/index.ts");
  const imports = performance.now();
  const source = readFileSync(new URL(`../../examples/${example}.attn`, import.meta.url), "utf8");
  /** Both modules of every attention, plain and relaxed. */
  const toWasm = (text: string) => compile(text).kernels;
  toWasm(source);
  const first = performance.now();
  const { user, system } = process.threadCpuUsage();
  const warm: number[] = [];
  for (let round = 0; round < WARM_UP + REPEATS; round++) {
    const start = performance.now();
    // Every text is new, so that nothing that is remembered by its text can help.
    toWasm(`${source}\n// ${round}\n`);
    if (round >= WARM_UP) warm.push(performance.now() - start);
  }
  return { imports, first, cpu: (user + system) / 1000, warm: quantile(warm, 0.5) };
}

function compareForms(): void {
  const load = loadavg()[0]!.toFixed(1);
  console.log(`${cpus()[0]?.model}, ${cpus().length} threads, load ${load}, Node ${process.version}`);
  console.log(`milliseconds: median [smallest .. largest] of ${PROCESSES} processes\n`);
  const titles = ["imports", `first compile (goal ${GOALS.first})`, "its CPU time", `warm (goal ${GOALS.warm})`];
  console.log(row("", "example", ...titles));
  const built = existsSync(new URL(FORMS.built, import.meta.url));
  for (const form of built ? (["source", "built"] as const) : (["source"] as const)) {
    for (const example of EXAMPLES) {
      const samples = Array.from({ length: PROCESSES }, () => sampleInChild(form, example));
      const figure = (name: keyof Sample) => spread(samples.map((sample) => sample[name]));
      console.log(row(form, example, figure("imports"), figure("first"), figure("cpu"), figure("warm")));
    }
  }
  if (!built) console.log("\nthe package is not built: `npm run build` first to see what a user gets");
}

function sampleInChild(form: Form, example: string): Sample {
  const script = fileURLToPath(import.meta.url);
  return JSON.parse(execFileSync(process.execPath, [script, form, example], { encoding: "utf8" }));
}

function spread(values: readonly number[]): string {
  const [low, middle, high] = [0, 0.5, 1].map((share) => quantile(values, share).toFixed(1));
  return `${middle} [${low} .. ${high}]`;
}

function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((left, right) => left - right);
  return sorted[Math.round((sorted.length - 1) * share)]!;
}

function row(...cells: readonly string[]): string {
  const widths = [8, 20, 26, 28, 26, 24];
  return cells.map((cell, column) => cell.padEnd(widths[column]!)).join("");
}
