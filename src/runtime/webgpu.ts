// Runs compiled attention on a caller's GPUDevice: makes its pipelines, checks a call, encodes it into the caller's pass, or
// runs it on typed arrays. Works in a browser and wherever WebGPU does: no Node API, no imports from the compiler.

import { checkInputs } from "./check-inputs.ts";
import { deviceLost } from "./errors.ts";
import type { AnyInputs } from "./inputs.ts";
import { type BufferInputs, checkBuffers } from "./webgpu-buffers.ts";
import type { WebgpuDescription } from "./webgpu-description.ts";
import { type EncodedCall, encodeCall } from "./webgpu-encode.ts";
import { pipelinesOf } from "./webgpu-pipelines.ts";
import { runCall, type WebgpuOutputs } from "./webgpu-run.ts";

/** A kernel on one device. */
export type WebgpuKernel = {
  readonly description: WebgpuDescription;
  readonly device: GPUDevice;
  /** Runs one call on typed arrays; results are copies. Throws AttentionInputError E0701 to E0710, E0717 and E0718. */
  run(inputs: AnyInputs): Promise<WebgpuOutputs>;
  /** Puts one call on buffers of the device into a compute pass of the caller. Throws AttentionInputError E0701 to E0709, E0717
   *  and E0718, before anything is encoded. */
  encode(pass: GPUComputePassEncoder, inputs: BufferInputs): EncodedCall;
};

/** @param shaders texts of the steps, by file
 *  Throws AttentionInputError E0716 where the device cannot run the kernel, E0718 where it is lost. */
export async function createKernel(
  device: GPUDevice,
  description: WebgpuDescription,
  shaders: Readonly<Record<string, string>>,
): Promise<WebgpuKernel> {
  let lost: GPUDeviceLostInfo | undefined;
  device.lost.then((why) => {
    lost = why;
  });
  const demandAlive = () => {
    if (lost) throw deviceLost(lost.message);
  };
  const kernel = { device, description, pipelines: await pipelinesOf(device, description, shaders) };
  demandAlive();
  return {
    ...{ device, description },
    async run(inputs) {
      demandAlive();
      return runCall(kernel, checkInputs(inputs, description));
    },
    encode(pass, inputs) {
      demandAlive();
      return encodeCall(kernel, pass, checkBuffers(device, inputs, description));
    },
  };
}
