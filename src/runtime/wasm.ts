// Runs compiled attention kernels: loads the module, checks a call, lays its tensors out in the kernel's memory, runs the
// steps, and copies the results out. Everything that generated bindings need is here and beside it. Works wherever
// WebAssembly does: no Node API, no imports from the compiler.

import { type Arena, makeArena } from "./arena.ts";
import { demandShape } from "./check-captured.ts";
import { type CheckedCall, checkInputs } from "./check-inputs.ts";
import type { KernelDescription } from "./description.ts";
import { AttentionInputError } from "./errors.ts";
import type { KernelInputs, KernelOutputs, ResidentArrays, ResidentTensor } from "./inputs.ts";
import { placeCall, readResults, writeCall } from "./place-call.ts";
import { makeResident, VIEWS, type View } from "./resident.ts";

export type * from "./description.ts";
export { AttentionInputError, INPUT_ERRORS, type InputErrorCode } from "./errors.ts";
export type * from "./inputs.ts";
export { type KernelFiles, readKernel } from "./wasm-file.ts";

/** A module's bytes. Named here, so that the types of a kernel need neither those of a browser nor those of Node. */
export type KernelBytes = ArrayBuffer | Uint8Array<ArrayBuffer>;

/** The same kernel with and without relaxed SIMD; which one is used depends on the engine. */
export type KernelModules = { readonly plain: KernelBytes; readonly relaxed?: KernelBytes };

/** A kernel in memory. One call at a time; calls reuse the memory, which grows to the largest of them and to what is allocated. */
export type Kernel = {
  readonly description: KernelDescription;
  /** True where the module with relaxed SIMD was chosen. */
  readonly relaxed: boolean;
  /** The kernel's memory. Below `description.memory.firstByte` lie its constants; what else lies in it between
   *  calls means nothing. */
  readonly memory: { readonly buffer: ArrayBufferLike };
  /** Makes a tensor in the kernel's memory, of f32 where no element type is given, for inputs that stay from call to call.
   *  Throws AttentionInputError E0704 where the shape is no list of lengths, E0709 and E0711. */
  allocate<Shape extends readonly number[], Element extends keyof ResidentArrays = "f32">(
    shape: Shape,
    element?: Element,
  ): ResidentTensor<Shape, Element>;
  /** Runs one call; results are copies that nothing changes later. Throws AttentionInputError E0701 to E0711. */
  run(inputs: KernelInputs): KernelOutputs;
  /** Lets go of the memory; further calls throw E0711. */
  dispose(): void;
};

type Step = (parameterBlock: number) => void;

/** Loads a kernel. Throws AttentionInputError E0712 where the engine has no SIMD. */
export async function instantiate(
  modules: KernelModules | KernelBytes,
  description: KernelDescription,
): Promise<Kernel> {
  const { plain, relaxed } = "plain" in modules ? modules : { plain: modules, relaxed: undefined };
  const usesRelaxed = relaxed !== undefined && WebAssembly.validate(relaxed);
  const bytes = usesRelaxed ? relaxed : plain;
  if (!WebAssembly.validate(bytes)) {
    throw new AttentionInputError("E0712", "", "this engine does not accept the kernel: it lacks WebAssembly SIMD");
  }
  const arena = makeArena(description.memory);
  const { instance } = await WebAssembly.instantiate(bytes, { attnc: { memory: arena.memory } });
  const steps = description.steps.map((name) => instance.exports[name] as Step);
  let loaded: { readonly arena: Arena; readonly steps: readonly Step[] } | undefined = { arena, steps };
  const inUse = () => {
    if (!loaded) throw new AttentionInputError("E0711", "", "the kernel was disposed of");
    return loaded;
  };
  return {
    description,
    relaxed: usesRelaxed,
    get memory() {
      return inUse().arena.memory;
    },
    allocate<Shape extends readonly number[], Element extends keyof ResidentArrays = "f32">(
      shape: Shape,
      element = "f32" as Element,
    ) {
      demandShape("shape", shape);
      return makeResident(shape, VIEWS[element] as View<Element>, inUse().arena);
    },
    run(inputs) {
      const kernel = inUse();
      return runCall(checkInputs(inputs, description), description, kernel.arena, kernel.steps);
    },
    dispose() {
      loaded = undefined;
    },
  };
}

function runCall(
  call: CheckedCall,
  description: KernelDescription,
  arena: Arena,
  steps: readonly Step[],
): KernelOutputs {
  const place = placeCall(call, description, arena);
  try {
    arena.commit();
    writeCall(call, description, place, arena.memory);
    for (const step of steps) step(place.blocks[0]!);
    return readResults(call, description, place, arena.memory);
  } finally {
    arena.reset();
  }
}
