// Runs the compiled CUDA kernel of a call's attention, text and all: on this machine's device where it has one and nvcc, and
// else emulated on the CPU. A program of its own runs each call, so that a kernel that goes wrong takes nothing with it.

import { spawn } from "node:child_process";
import type { Target } from "../../../targets/target.ts";
import { cudaTargetOf } from "../../backend/cuda/choose-target.ts";
import { printHarness } from "../../backend/cuda/harness.ts";
import { compileAttention } from "../../compile.ts";
import type { Runner } from "../../execute/runner.ts";
import { settingsOf } from "../../execute/settings.ts";
import { AttentionInputError } from "../../runtime/errors.ts";
import type { Program } from "../../schedule/plan.ts";
import type { Case, Result } from "../../spec/case.ts";
import type { Attention } from "../../spec/spec.ts";
import { decodeResults, encodeCall } from "./call-bytes.ts";
import { compileCuda, placeOfRuns } from "./compile-cuda.ts";

/** Kernels for the rows of a call, as `attnc build` would compile them. */
export const cudaRunner: Runner = runnerFor(({ attention, query, key, value }) => {
  const { dtype } = query;
  const isHalf = (dtype === "f16" || dtype === "bf16") && key.dtype === dtype && value.dtype === dtype;
  return cudaTargetOf(attention, isHalf ? dtype : "f32");
});

type Built = { readonly program: Program; readonly executable: string };

/** The kernel for the CUDA target that a call asks for. Not available where there is neither a device nor a C++ compiler. */
export function runnerFor(targetOf: (call: Case) => Target<"cuda">): Runner {
  const kernels = new WeakMap<Attention, Map<string, Promise<Built>>>();
  return {
    level: "cuda",
    accuracy: (call) => targetOf(call).errorUlps,
    available: () => {
      const place = placeOfRuns();
      return place.kind === "nowhere" ? place.why : true;
    },
    where: () => {
      const place = placeOfRuns();
      return place.kind === "device" ? `on ${place.name}` : "emulated on the CPU";
    },
    async run(call) {
      const known = kernels.get(call.attention) ?? new Map<string, Promise<Built>>();
      kernels.set(call.attention, known);
      const target = targetOf(call);
      const key = JSON.stringify([target.name, settingsOf(call, target)]);
      const kernel = known.get(key) ?? build(call, target);
      known.set(key, kernel);
      return runOnce(await kernel, call);
    },
  };
}

async function build(call: Case, target: Target<"cuda">): Promise<Built> {
  const { value, problems } = compileAttention(call.attention, target, settingsOf(call, target));
  const [kernel] = value;
  if (!kernel) throw new Error(`${target.name} cannot run ${call.attention.name.text}: ${problems[0]?.kind}`);
  const files = Object.fromEntries(kernel.emission.files.map(({ name, text }) => [name, text]));
  const { program } = kernel;
  return { program, executable: await compileCuda({ ...files, "main.cu": printHarness(program) }, "main.cu") };
}

async function runOnce({ program, executable }: Built, call: Case): Promise<Result> {
  const { emptyRows, ...result } = decodeResults(program, call, await pipe(executable, encodeCall(program, call)));
  if (emptyRows === 0) return result;
  throw new AttentionInputError("E0710", "", `${emptyRows} query rows see no key, which this attention calls an error`);
}

/** What the program writes, given what it reads. Throws with its words where it fails. */
async function pipe(executable: string, input: Buffer): Promise<Buffer> {
  const child = spawn(executable, { stdio: ["pipe", "pipe", "pipe"] });
  const output: Buffer[] = [];
  const words: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => output.push(chunk));
  child.stderr.on("data", (chunk: Buffer) => words.push(chunk));
  // A program that fails early closes its end; its words say why.
  child.stdin.on("error", () => undefined);
  child.stdin.end(input);
  const status = await new Promise<number | string | null>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) => resolve(code ?? signal));
  });
  if (status === 0) return Buffer.concat(output);
  throw new Error(Buffer.concat(words).toString().trim() || `the kernel's program ended with ${status}`);
}
