// One call on one target, with what can go wrong in words: `run` and `demo` go through here.

import type { Target } from "../../targets/target.ts";
import type { Runner } from "../execute/runner.ts";
import { attend, InputError } from "../reference/attention.ts";
import { AttentionInputError } from "../runtime/errors.ts";
import type { Case, Result } from "../spec/case.ts";
import { CommandError, failure, wrongUsage } from "./command-error.ts";
import { targetNamed } from "./tiles.ts";

/** What came out, and what ran it, where that can be one of several. */
export type Ran = { readonly result: Result; readonly place?: string | undefined };

/** Runs the call. `reference` is the dense interpreter, every other name a target.
 *  Problems: E0709, E0710 and E0713 of the call, E0806 where the target is not there. */
export async function runCall(call: Case, target: string): Promise<Ran> {
  try {
    if (target === "reference") return { result: attend(call) };
    const found = targetNamed(target);
    if (isWebgpu(found)) return await runOnWebgpu(call, found);
    const runner = await runnerOf(target);
    const available = runner.available();
    if (available !== true) throw cannotRun(target, available);
    return await runOn(runner, call);
  } catch (error) {
    throw asFailure(error);
  }
}

const runOn = async (runner: Runner, call: Case): Promise<Ran> => ({
  result: await runner.run(call),
  place: runner.where?.(),
});

const cannotRun = (target: string, why: string) => failure("E0806", `target \`${target}\` cannot run here: ${why}`);

const isWebgpu = (target: Target): target is Target<"wgsl"> => target.backend === "wgsl";

/** The device is let go of at once, or Node would not exit. */
async function runOnWebgpu(call: Case, target: Target<"wgsl">): Promise<Ran> {
  const { openWebgpu } = await import("./webgpu/target.ts");
  const opened = await openWebgpu(true, target);
  if (!opened.runner) throw cannotRun(target.name, opened.why);
  try {
    return await runOn(opened.runner, call);
  } finally {
    opened.close();
  }
}

/** Refuses a name that is no target before anything is read. */
export function checkTarget(name: string): void {
  if (name === "reference") return;
  try {
    targetNamed(name);
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    throw wrongUsage(error.message, `${error.hint}, and \`reference\``);
  }
}

async function runnerOf(target: string): Promise<Runner> {
  if (targetNamed(target).backend === "cuda") return (await import("./cuda/run-cuda.ts")).cudaRunner;
  const { wasmRelaxedRunner, wasmRunner } = await import("../execute/run-wasm.ts");
  return targetNamed(target).features.includes("relaxed-simd") ? wasmRelaxedRunner : wasmRunner;
}

function asFailure(error: unknown): unknown {
  if (error instanceof AttentionInputError) return failure(error.code, error.message.replace(/^E\d{4}: /, ""));
  if (!(error instanceof InputError)) return error;
  return failure(error.message.startsWith("no key") ? "E0710" : "E0713", error.message);
}
