// Runs one attention in a page: on the GPU where the browser offers one, else in WebAssembly. Both modules are those that
// `attnc build` wrote into `built`; they take the same call and give the same result.

import { type Gemma2LocalCall, type Gemma2LocalResult, load as loadWasm } from "./built/wasm/gemma2_local.js";
import { load as loadWebgpu, requiredFeatures, requiredLimits } from "./built/wgsl/gemma2_local.js";

type Engine = { readonly name: string; run(call: Gemma2LocalCall): Promise<Gemma2LocalResult> };

const CALLS = 5;

async function openWasm(): Promise<Engine> {
  const attention = await loadWasm();
  return { name: "WebAssembly", run: async (call) => attention.run(call) };
}

/** Undefined where there is no WebGPU, or no adapter for it. */
async function openWebgpu(): Promise<Engine | undefined> {
  const adapter = await navigator.gpu?.requestAdapter();
  if (!adapter) return undefined;
  const { description, architecture, vendor } = adapter.info;
  const device = await adapter.requestDevice({ requiredFeatures, requiredLimits });
  const attention = await loadWebgpu(device);
  return { name: `WebGPU: ${description || architecture || vendor}`, run: attention.run };
}

/** Numbers between −1 and 1, the same in every run. */
function rows(seed: number, heads: number, tokens: number) {
  const data = Float32Array.from({ length: heads * tokens * 64 }, (_, index) => Math.sin(seed + index * index));
  return { data, shape: [1, heads, tokens, 64] as const };
}

const callOf = (tokens: number, window: number): Gemma2LocalCall => ({
  ...{ query: rows(1, 4, tokens), key: rows(2, 2, tokens), value: rows(3, 2, tokens) },
  params: { window },
});

async function timed<Result>(work: () => Promise<Result>): Promise<readonly [Result, number]> {
  const start = performance.now();
  return [await work(), performance.now() - start];
}

/** Blue is below zero and red above, as strong as the largest is. */
function draw({ data, shape: [, , tokens, dim] }: Gemma2LocalResult["out"]): void {
  const canvas = document.querySelector("canvas")!;
  Object.assign(canvas, { width: dim, height: tokens });
  const pixels = new ImageData(dim, tokens);
  const head = data.subarray(0, tokens * dim);
  const most = head.reduce((largest, value) => Math.max(largest, Math.abs(value)), 1e-9);
  for (const [at, value] of head.entries()) {
    const faded = 255 * (1 - Math.abs(value) / most);
    pixels.data.set(value < 0 ? [faded, faded, 255, 255] : [255, faded, faded, 255], 4 * at);
  }
  canvas.getContext("2d")!.putImageData(pixels, 0, 0);
}

const say = (id: string, text: string) => {
  document.getElementById(id)!.textContent = text;
};

const wasm = await openWasm();
const [engine, loading] = await timed(async () => (await openWebgpu()) ?? wasm);
say("engine", engine === wasm ? "WebAssembly, because this browser has no WebGPU adapter" : engine.name);
say("loading", `${loading.toFixed(0)} ms`);

async function run(form: HTMLFormElement): Promise<void> {
  document.body.dataset.state = "running";
  const numbers = new FormData(form);
  const call = callOf(Number(numbers.get("tokens")), Number(numbers.get("window")));
  const times: number[] = [];
  let out = (await engine.run(call)).out;
  for (let turn = 0; turn < CALLS; turn++) {
    const [result, time] = await timed(() => engine.run(call));
    out = result.out;
    times.push(time);
  }
  const [median] = times.sort((left, right) => left - right).slice(CALLS >> 1);
  say("timing", `${median!.toFixed(2)} ms, the median of ${CALLS}`);
  say("row", [...out.data.subarray(-64, -60)].map((value) => value.toFixed(6)).join("  "));
  const other = (await wasm.run(call)).out.data;
  const most = out.data.reduce((largest, value, at) => Math.max(largest, Math.abs(value - other[at]!)), 0);
  say("difference", engine === wasm ? "this is it" : `at most ${most.toExponential(1)} apart`);
  draw(out);
  document.body.dataset.state = "done";
}

const form = document.querySelector("form")!;
form.addEventListener("submit", (event) => {
  event.preventDefault();
  run(form);
});
run(form);
