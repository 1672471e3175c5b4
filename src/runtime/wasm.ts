// Runs compiled attention kernels, on one thread or on several. Everything that generated bindings need is here and beside
// it. Works wherever WebAssembly does: no Node API, no imports from the compiler.

export type * from "./description.ts";
export { AttentionInputError, INPUT_ERRORS, type InputErrorCode } from "./errors.ts";
export type * from "./inputs.ts";
export { instantiate, type Kernel } from "./kernel.ts";
export type { KernelBytes, KernelModules } from "./modules.ts";
export { instantiateThreads, type ThreadedKernel } from "./threads.ts";
export { type KernelFiles, readKernel } from "./wasm-file.ts";
export type { StartWorker, WorkerClass } from "./worker-port.ts";
