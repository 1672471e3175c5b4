// The adapter of these tests: the first that there is, and said aloud. On Linux x64 there is always one, because SwiftShader
// comes with the packages; elsewhere a test without one says why it was not run.

import { test } from "vitest";
import { openAdapter } from "../../src/cli/webgpu/adapter.ts";

const opened = await openAdapter();
if (typeof opened === "string") {
  if (process.platform === "linux" && process.arch === "x64") throw new Error(opened);
  console.warn(`WebGPU is not tested here: ${opened}`);
} else console.info(`WebGPU is tested on ${opened.name}`);

/** Undefined where there is none. */
export const device = typeof opened === "string" ? undefined : opened.device;
export const closeAdapter = () => (typeof opened === "string" ? undefined : opened.close());

/** A test that needs a device. */
export const onDevice = test.skipIf(device === undefined);
