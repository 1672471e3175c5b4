// `attnc demo`: the whole tool on one example, in the order in which people meet it: the file, the check, the kernel, a
// run on random tensors, the comparison with the reference, the picture of the mask.

import { existsSync } from "node:fs";
import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import { compileWasm, type WasmAttention } from "../../artefacts/compile-wasm.ts";
import { blockClasses } from "../../execute/block-classes.ts";
import type { Attention } from "../../spec/spec.ts";
import { makeCase, makeParams } from "../../verify/cases.ts";
import type { Setting } from "../../verify/sweep.ts";
import { maskCall } from "../calls.ts";
import { printedAlready } from "../command-error.ts";
import { denseMask } from "../dense-mask.ts";
import type { Io } from "../io.ts";
import { describeProblems, type Loaded, loadSound } from "../load.ts";
import { printPicture } from "../pictures.ts";
import { runCall } from "../run-call.ts";
import { selectOne } from "../selection.ts";
import { completeShape } from "../shapes.ts";
import { pictureTile } from "../tiles.ts";
import { chooseTargets, compareOnce, percentText } from "../verification.ts";

/** A real model's layer, with a window that shows at the demo's sizes. */
const EXAMPLE = { file: "examples/06-gemma2.attn", name: "gemma2_local" };
const WINDOW = { run: 64, picture: 20 };
const DIM = 64;
const TOKENS = { run: 192, picture: 40 };

export async function run(io: Io): Promise<0 | 1> {
  const path = examplePath();
  const loaded = loadSound(io, path);
  const attention = selectOne(loaded.attentions, { path, name: EXAMPLE.name });
  const say = (title: string, text: string) => io.out.write(`${io.out.style("bold", title.padEnd(9))} ${text}\n`);

  say("file", `${path}\n`);
  for (const line of loaded.sources[0]!.text.trimEnd().split("\n")) io.out.write(`    ${io.out.style("cyan", line)}\n`);
  io.out.write("\n");
  say("check", "no problems");
  const compiled = compile(io, attention, loaded);
  say(
    "compile",
    `${attention.name.text} for WebAssembly: ${compiled.kernel.plain.bytes.length} bytes in ${compiled.ms} ms`,
  );
  const agrees = await runAndVerify(attention, say);
  io.out.write("\n");
  await drawMask(io, attention);
  io.out.write(
    `\nNext: ${io.out.style("bold", `attnc build ${path}`)}, or read ${io.out.style("bold", "attnc --help")}.\n`,
  );
  return agrees ? 0 : 1;
}

/** From the sources and from the built command alike. */
function examplePath(): string {
  const places = ["../../../", "../../"].map((up) => fileURLToPath(new URL(up + EXAMPLE.file, import.meta.url)));
  const found = places.find((path) => existsSync(path)) ?? places[0]!;
  const shown = relative(process.cwd(), found);
  return shown.startsWith("..") ? found : shown;
}

function compile(
  io: Io,
  attention: Attention,
  { sources }: Loaded,
): { readonly kernel: WasmAttention; readonly ms: string } {
  const started = performance.now();
  const settings = { dims: { dim: DIM, valueDim: DIM }, consts: makeParams(attention, 1) };
  const { value, problems } = compileWasm({ attention, source: sources[attention.span.file]! }, settings);
  const [kernel] = value;
  if (kernel) return { kernel, ms: (performance.now() - started).toFixed(0) };
  describeProblems(io.err, problems, sources);
  throw printedAlready();
}

async function runAndVerify(attention: Attention, say: (title: string, text: string) => void): Promise<boolean> {
  const params = { ...makeParams(attention, 1), window: WINDOW.run };
  const shape = completeShape(attention, params, { heads: 4, kv_heads: 2, dim: DIM, queries: TOKENS.run });
  const setting: Setting = { shape, profile: "normal", keyLengths: false, queryStart: false, seed: 1 };
  const call = makeCase(attention, setting, params);
  await runCall(call, "wasm");
  const started = performance.now();
  await runCall(call, "wasm");
  const ms = (performance.now() - started).toFixed(1);
  say(
    "run",
    `${shape.heads} heads, ${shape.kvHeads} KV heads, ${shape.keys} tokens, dim ${DIM}, random tensors: ${ms} ms`,
  );
  const { runners } = await chooseTargets(["wasm"]);
  const summary = await compareOnce(call, setting, runners);
  for (const { name, agrees, worst, failed } of summary) {
    const error = worst ? Math.abs(worst.element.got - worst.element.wanted).toExponential(1) : "none";
    const share = worst ? `, ${percentText(worst.element.ratio)} of what f32 allows` : "";
    say(
      name === summary[0]!.name ? "verify" : "",
      `${name.padEnd(13)} ${failed ? failed.why : `worst error ${error}${share}: ${agrees ? "agrees" : "WRONG"}`}`,
    );
  }
  return summary.every(({ agrees }) => agrees);
}

async function drawMask(io: Io, attention: Attention): Promise<void> {
  const set = [`window=${WINDOW.picture}`];
  const { call, reads } = maskCall(attention, { set }, { queries: TOKENS.picture });
  const tile = pictureTile({}, call.shape);
  await printPicture(io, {
    call,
    mask: denseMask(call, reads),
    tile,
    classes: blockClasses(call, tile),
    batch: 0,
    head: 0,
  });
}
