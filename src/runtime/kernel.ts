// A kernel on the thread of its caller: checks a call, lays its tensors out in the kernel's memory, runs the steps, and
// copies the results out.

import { type Arena, makeArena } from "./arena.ts";
import { type CheckedCall, checkInputs } from "./check-inputs.ts";
import type { KernelDescription } from "./description.ts";
import { disposed } from "./errors.ts";
import type { KernelInputs, KernelOutputs, ResidentArrays, ResidentTensor } from "./inputs.ts";
import { chooseModule, type KernelBytes, type KernelModules } from "./modules.ts";
import { placeCall, readResults, writeCall } from "./place-call.ts";
import { makeResident } from "./resident.ts";

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
  const { bytes, relaxed } = chooseModule(modules);
  const arena = makeArena(description.memory);
  const { instance } = await WebAssembly.instantiate(bytes, { attnc: { memory: arena.memory } });
  const steps = description.steps.map((name) => instance.exports[name] as Step);
  let loaded: { readonly arena: Arena; readonly steps: readonly Step[] } | undefined = { arena, steps };
  const inUse = () => {
    if (!loaded) throw disposed();
    return loaded;
  };
  return {
    description,
    relaxed,
    get memory() {
      return inUse().arena.memory;
    },
    allocate: (shape, element) => makeResident(inUse().arena, shape, element),
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
