// Runs the compiled CUDA kernel of a call's attention, text and all: on this machine's device where it has one and nvcc, and
// else emulated on the CPU. A program of its own runs each call, so that a kernel that goes wrong takes nothing with it.

import { spawn } from "node:child_process";
import { cudaWgmma } from "../../../targets/cuda-wgmma.ts";
import type { Target } from "../../../targets/target.ts";
import { compileWarpgroups } from "../../artefacts/compile-cuda.ts";
import { cudaTargetOf } from "../../backend/cuda/choose-target.ts";
import { printHarness } from "../../backend/cuda/harness.ts";
import { compileFor, keptKernels, refusalOf } from "../../execute/kept-kernels.ts";
import type { Level, Runner } from "../../execute/runner.ts";
import { settingsOf } from "../../execute/settings.ts";
import { isHalf } from "../../ir/scalar.ts";
import { emptyRows } from "../../runtime/errors.ts";
import type { Program } from "../../schedule/plan.ts";
import type { Case, Result } from "../../spec/case.ts";
import { decodeResults, encodeCall } from "./call-bytes.ts";
import { compileCuda, placeOfRuns } from "./compile-cuda.ts";
import { findCapability } from "./toolchain.ts";

/** Kernels for the rows of a call, as `attnc build` would compile them. */
export const cudaRunner: Runner = runnerFor("cuda", ({ attention, query, key, value }) => {
  const { dtype } = query;
  return cudaTargetOf(attention, isHalf(dtype) && key.dtype === dtype && value.dtype === dtype ? dtype : "f32");
});

/** The kernels of warpgroups, which `attnc build` adds for compute capability 9.0. */
export const cudaWgmmaRunner: Runner = {
  ...runnerFor("cuda-wgmma", () => cudaWgmma),
  available: availableFor90,
  unsuited: (call) => {
    const compiled = compileWarpgroups(call.attention, settingsOf(call, cudaWgmma));
    return typeof compiled === "string" ? compiled : undefined;
  },
};

type Built = { readonly program: Program; readonly executable: string };

/** The kernel for the CUDA target that a call asks for. Not available where there is neither a device nor a C++ compiler. */
export function runnerFor(level: Level, targetOf: (call: Case) => Target<"cuda">): Runner {
  const kernelFor = keptKernels(build);
  return {
    level,
    accuracy: (call) => targetOf(call).errorUlps,
    available: () => {
      const place = placeOfRuns();
      return place.kind === "nowhere" ? place.why : true;
    },
    unsuited: (call) => refusalOf(call, targetOf(call)),
    where: () => {
      const place = placeOfRuns();
      return place.kind === "device" ? `on ${place.name}` : "emulated on the CPU";
    },
    // What goes wrong is said where the call is run.
    prepare: (call) => void kernelFor(call, targetOf(call)).catch(() => undefined),
    async run(call) {
      return runOnce(await kernelFor(call, targetOf(call)), call);
    },
  };
}

/** A device of another architecture is none for these. */
function availableFor90(): true | string {
  const place = placeOfRuns();
  if (place.kind === "nowhere") return place.why;
  const capability = place.kind === "device" ? findCapability() : cudaWgmma.limits.capability;
  return capability === cudaWgmma.limits.capability || `the device has another architecture than sm_90a`;
}

async function build(call: Case, target: Target<"cuda">): Promise<Built> {
  const { program, emission } = compileFor(call, target);
  const files = Object.fromEntries(emission.files.map(({ name, text }) => [name, text]));
  return { program, executable: await compileCuda({ ...files, "main.cu": printHarness(program) }, "main.cu") };
}

async function runOnce({ program, executable }: Built, call: Case): Promise<Result> {
  const { emptyRows: count, ...result } = decodeResults(
    program,
    call,
    await pipe(executable, encodeCall(program, call)),
  );
  if (count > 0) throw emptyRows(count);
  return result;
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
