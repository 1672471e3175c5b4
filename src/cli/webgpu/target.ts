// The target `wgsl` on this machine: its runner, or why there is none.

import type { Target } from "../../../targets/target.ts";
import { webgpu } from "../../../targets/webgpu.ts";
import { gpuFeatures } from "../../backend/wgsl/describe.ts";
import { wgslRunner } from "../../execute/run-wgsl.ts";
import type { Runner } from "../../execute/runner.ts";
import { isExperimental, openAdapter, type Wishes } from "./adapter.ts";

export type OpenedTarget =
  | { readonly runner: Runner; close(): void }
  | { readonly runner?: undefined; readonly why: string; close(): void };

/** SwiftShader beside another adapter, so that two drivers are compared. Opened after the other one: Vulkan's loader is told of
 *  one driver at a time.
 *  @param first what `wgsl` runs on */
export async function openSecond(first: Runner | undefined): Promise<OpenedTarget> {
  if (first?.where?.().includes("SwiftShader")) return { why: "`wgsl` runs on SwiftShader already", close() {} };
  return openWebgpu(true, webgpu, { isPackaged: true });
}

/** @param isAsked false where all targets are run that this machine has: a software adapter takes a second for each shader,
 *  so it is used for who asks for it */
export async function openWebgpu(
  isAsked: boolean,
  target: Target<"wgsl"> = webgpu,
  wishes: Pick<Wishes, "isPackaged"> = {},
): Promise<OpenedTarget> {
  const features = gpuFeatures(target);
  if (!isAsked && features.some(isExperimental)) {
    return { why: `an experiment; --targets ${target.name} runs it where a device offers it`, close() {} };
  }
  const adapter = await openAdapter({ ...wishes, features });
  if (typeof adapter === "string") return { why: adapter, close() {} };
  const missing = features.find((feature) => !adapter.device.features.has(feature));
  if (missing) {
    adapter.close();
    return { why: `${adapter.name} has no ${missing}`, close() {} };
  }
  if (!adapter.isSoftware || isAsked) {
    return { runner: wgslRunner(adapter.device, adapter.name, target), close: () => adapter.close() };
  }
  adapter.close();
  return { why: `this machine has no GPU; --targets ${target.name} runs it on ${adapter.name}`, close() {} };
}
