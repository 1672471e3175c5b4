// A kernel on several threads: workers share the memory and the pieces of every step, and the caller's thread stays free
// while they are at it. The results are those of one thread, bit for bit.

import { type Arena, makeArena } from "./arena.ts";
import { storedLengths } from "./call-shapes.ts";
import { type CheckedCall, checkInputs } from "./check-inputs.ts";
import { type Crew, startCrew } from "./crew.ts";
import type { KernelDescription, SharedStep } from "./description.ts";
import { AttentionInputError, disposed } from "./errors.ts";
import type { KernelInputs, KernelOutputs } from "./inputs.ts";
import type { Kernel } from "./kernel.ts";
import { cancel, makeShare, sizeOfShare } from "./make-share.ts";
import { chooseModule, type KernelBytes, type KernelModules } from "./modules.ts";
import { type PlacedCall, placeCall, readResults, writeCall } from "./place-call.ts";
import { makeResident } from "./resident.ts";
import type { StepFunctions } from "./share.ts";
import type { StartWorker } from "./worker-port.ts";

export type ThreadedKernel = Omit<Kernel, "run"> & {
  readonly threads: number;
  /** Runs one call, after those that were made before it. Its inputs must not change until it is done. Rejects with
   *  AttentionInputError E0701 to E0711 and E0715; the next call runs all the same. */
  run(inputs: KernelInputs): Promise<KernelOutputs>;
};

/** Loads the build of a kernel for threads. Throws AttentionInputError E0705 where `threads` is no number of them, E0712
 *  where the engine lacks SIMD or threads, E0714 where the page may not share memory, E0715 where a worker does not start. */
export async function instantiateThreads(
  modules: KernelModules | KernelBytes,
  description: KernelDescription,
  threads: number,
  start: StartWorker,
): Promise<ThreadedKernel> {
  demandThreads(threads);
  const { bytes, relaxed } = chooseModule(modules);
  const arena = makeArena(description.memory, true);
  const { memory } = arena;
  const module = await WebAssembly.compile(bytes);
  const { exports } = await WebAssembly.instantiate(module, { attnc: { memory } });
  const crew = await startCrew(threads, { module, memory }, start);
  let loaded: Loaded | undefined = { description, arena, functions: exports as StepFunctions, crew, threads };
  const inUse = () => {
    if (!loaded) throw disposed();
    return loaded;
  };
  let last: Promise<unknown> = Promise.resolve();
  return {
    ...{ description, relaxed, threads },
    get memory() {
      return inUse().arena.memory;
    },
    allocate: (shape, element) => makeResident(inUse().arena, shape, element),
    run(inputs) {
      const outputs = last.then(() => runOnThreads(checkInputs(inputs, description), inUse()));
      last = outputs.catch(() => {});
      return outputs;
    },
    dispose() {
      loaded = undefined;
      crew.end();
    },
  };
}

function demandThreads(threads: number): void {
  if (!Number.isInteger(threads) || threads < 1)
    throw new AttentionInputError("E0705", "threads", `\`threads\` is ${threads}, not a whole number from 1 on`);
  // Node and others have no pages, and nothing to isolate.
  const isIsolated = typeof crossOriginIsolated === "undefined" || crossOriginIsolated;
  if (typeof SharedArrayBuffer === "function" && isIsolated) return;
  throw new AttentionInputError(
    "E0714",
    "",
    "threads share memory, which a page may do only where it is served with `Cross-Origin-Opener-Policy: same-origin` and " +
      "`Cross-Origin-Embedder-Policy: require-corp`",
  );
}

type Loaded = {
  readonly description: KernelDescription;
  readonly arena: Arena;
  /** Of the caller's own instance. */
  readonly functions: StepFunctions;
  readonly crew: Crew;
  readonly threads: number;
};

async function runOnThreads(call: CheckedCall, kernel: Loaded): Promise<KernelOutputs> {
  const { description, arena, threads, functions } = kernel;
  const place = placeCall(call, description, arena, threads);
  try {
    arena.commit();
    writeCall(call, description, place, arena.memory);
    if (isSmall(call, description)) for (const step of description.steps) functions[step]!(place.blocks[0]!);
    else for (const step of description.steps) await runStep(step, call, place, kernel);
    return readResults(call, description, place, arena.memory);
  } finally {
    arena.reset();
  }
}

function isSmall({ lengths }: CheckedCall, { threads }: KernelDescription): boolean {
  const { batch, heads, queries, keys, dim, valueDim } = lengths;
  return batch! * heads! * queries! * keys! * (dim! + valueDim!) < (threads?.leastWork ?? 0);
}

/** The caller's own thread does what cannot be shared and is of few rows; other steps that cannot be shared are one worker's. */
async function runStep(step: string, call: CheckedCall, place: PlacedCall, kernel: Loaded): Promise<void> {
  const { description, crew, functions, arena } = kernel;
  const shared = description.shared[step];
  const [block] = place.blocks as [number];
  if (!shared) return crew.run([{ step, block }], () => {});
  const share = makeShare(
    shared,
    storedLengths(description, call.lengths),
    weightsOf(shared, call, place, arena.memory),
  );
  if (sizeOfShare(share) < 2) functions[step]!(block);
  else
    await crew.run(
      place.blocks.map((own) => ({ step, block: own, share })),
      () => cancel(share),
    );
}

/** How many key tiles a tile of query rows visits, where a list says so. Elsewhere, later rows are taken to see more. */
function weightsOf(
  { counts, queries: rows }: SharedStep,
  call: CheckedCall,
  place: PlacedCall,
  { buffer }: Arena["memory"],
) {
  const { lengths, keyLengths } = call;
  const address = counts === undefined ? 0 : place.buffers[counts]!;
  if (address === 0 || rows === undefined)
    return (batch: number, tile: number) => (keyLengths?.[batch] ?? lengths.keys!) * (tile + 1);
  const tiles = Math.ceil(lengths.queries! / rows);
  const counted = new Int32Array(buffer, address, lengths.batch! * tiles);
  return (batch: number, tile: number) => counted[batch * tiles + tile]!;
}
