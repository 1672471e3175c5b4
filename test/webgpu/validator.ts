// What Dawn has to say of a kernel's shaders, on a device that computes nothing: its limits are the least that WebGPU
// promises, so what passes here is a shader for every device.

import { expect } from "vitest";
import { create } from "webgpu";
import type { Emission } from "../../src/backend/backend.ts";
import { isExperimental } from "../../src/cli/webgpu/adapter.ts";
import { pipelinesOf } from "../../src/runtime/webgpu-pipelines.ts";

/** Freed with the object, and the process would crash: kept as long as the tests run. */
const gpu = create(["backend=null"]);
/** One that offers experiments as well, and so refuses less. */
const experimental = create(["backend=null", "enable-dawn-features=allow_unsafe_apis"]);

/** A device that has these features and no more. */
export async function openValidator(features: readonly GPUFeatureName[] = []): Promise<GPUDevice> {
  const adapter = await (features.some(isExperimental) ? experimental : gpu).requestAdapter();
  const device = await adapter!.requestDevice({ requiredFeatures: [...features] });
  expect(device.limits.maxComputeWorkgroupStorageSize).toBe(16384);
  expect(device.limits.maxComputeInvocationsPerWorkgroup).toBe(256);
  return device;
}

/** Throws where a shader is refused, or needs more than the least of a limit. */
export async function validate(device: GPUDevice, { files, description }: Emission<"wgsl">): Promise<void> {
  await pipelinesOf(device, description, Object.fromEntries(files.map(({ name, text }) => [name, text])));
}

/** What is wrong with the texts alone: layouts and limits are not asked about. */
export async function textErrors(device: GPUDevice, { files }: Emission<"wgsl">): Promise<readonly string[]> {
  device.pushErrorScope("validation");
  const modules = files.map(({ text }) => device.createShaderModule({ code: text }).getCompilationInfo());
  const messages = (await Promise.all(modules)).flatMap((found) => found.messages);
  await device.popErrorScope();
  return messages.filter(({ type }) => type === "error").map(({ message }) => message);
}
