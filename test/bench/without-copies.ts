// What a kernel takes by itself: its steps again over what the last call left in its memory.

import type { Run } from "../../src/cli/bench/measure.ts";
import type { Kernel } from "../../src/runtime/wasm.ts";

/** The steps of the module, on the memory of the kernel that was made of it. */
export function withoutCopies(bytes: Uint8Array<ArrayBuffer>, kernel: Kernel): Run {
  const memory = kernel.memory as WebAssembly.Memory;
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), { attnc: { memory } });
  const steps = kernel.description.steps.map((name) => exports[name] as (block: number) => void);
  // The parameter block is the first thing that a call lays down.
  const block = kernel.description.memory.firstByte;
  return () => {
    for (const step of steps) step(block);
  };
}
