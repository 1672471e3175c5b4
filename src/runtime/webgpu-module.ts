// Runs compiled attention on a caller's GPUDevice. Everything that generated bindings need is here and beside it.

export { AttentionInputError, INPUT_ERRORS, type InputErrorCode } from "./errors.ts";
export type * from "./inputs.ts";
export { createKernel, type WebgpuKernel } from "./webgpu.ts";
export type * from "./webgpu-buffers.ts";
export type * from "./webgpu-description.ts";
export type { EncodedCall } from "./webgpu-encode.ts";
export { bindGroupLayoutOf } from "./webgpu-pipelines.ts";
