// The target `wgsl` on this machine: its runner, or why there is none.

import { wgslRunner } from "../../execute/run-wgsl.ts";
import type { Runner } from "../../execute/runner.ts";
import { openAdapter } from "./adapter.ts";

export type OpenedTarget =
  | { readonly runner: Runner; close(): void }
  | { readonly runner?: undefined; readonly why: string; close(): void };

/** @param isAsked false where all targets are run that this machine has: a software adapter takes a second for each shader,
 *  so it is used for who asks for it */
export async function openWebgpu(isAsked: boolean): Promise<OpenedTarget> {
  const adapter = await openAdapter();
  if (typeof adapter === "string") return { why: adapter, close() {} };
  if (!adapter.isSoftware || isAsked) {
    return { runner: wgslRunner(adapter.device, adapter.name), close: () => adapter.close() };
  }
  adapter.close();
  return { why: `this machine has no GPU; --targets wgsl runs it on ${adapter.name}`, close() {} };
}
