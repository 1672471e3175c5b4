// Runs compiled attention kernels: loads the module, checks a call, lays its tensors out in the kernel's memory, runs the
// steps, and copies the results out. Everything that generated bindings need is here and beside it. Works wherever
// WebAssembly does: no Node API, no imports from the compiler.

import { type Arena, makeArena } from "./arena.ts";
import { demandShape } from "./check-captured.ts";
import { type CheckedCall, checkInputs, contiguous, type Lengths, type Strided } from "./check-inputs.ts";
import type { KernelDescription, ScratchExtent } from "./description.ts";
import { AttentionInputError } from "./errors.ts";
import type { KernelInputs, KernelOutputs, ResidentArrays, ResidentTensor, TensorOutput } from "./inputs.ts";

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

type Views = { readonly [Element in keyof ResidentArrays]: View<Element> };
type View<Element extends keyof ResidentArrays> = {
  readonly bytes: number;
  view(buffer: ArrayBufferLike, address: number, length: number): ResidentArrays[Element];
};

const VIEWS: Views = {
  f32: { bytes: 4, view: (buffer, address, length) => new Float32Array(buffer, address, length) },
  f16: { bytes: 2, view: (buffer, address, length) => new Uint16Array(buffer, address, length) },
};
const GONE = new ArrayBuffer(0);

function makeResident<Shape extends readonly number[], Element extends keyof ResidentArrays>(
  shape: Shape,
  { bytes, view }: View<Element>,
  arena: Arena,
): ResidentTensor<Shape, Element> {
  let address: number | undefined = arena.hold(bytes * sizeOf(shape));
  return {
    shape,
    get data() {
      return address === undefined ? view(GONE, 0, 0) : view(arena.memory.buffer, address, sizeOf(shape));
    },
    free() {
      if (address !== undefined) arena.release(address);
      address = undefined;
    },
  };
}

function runCall(
  call: CheckedCall,
  description: KernelDescription,
  arena: Arena,
  steps: readonly Step[],
): KernelOutputs {
  const { lengths } = call;
  const place = placeCall(call, description, arena);
  arena.commit();
  writeCall(call, description, place, arena.memory);
  for (const step of steps) step(place.block);
  const block = new DataView(arena.memory.buffer, place.block, description.memory.blockBytes);
  const emptyRows = block.getInt32(description.memory.words.emptyRows!, true);
  if (emptyRows > 0) {
    throw new AttentionInputError(
      "E0710",
      "",
      `${emptyRows} query rows see no key, which this attention calls an error`,
    );
  }
  const out = readTensor(arena.memory, place.out, outShape(call));
  if (!description.outputs.lse) return { out };
  return { out, lse: readTensor(arena.memory, place.lse, [lengths.batch!, lengths.heads!, lengths.queries!]) };
}

function outShape({ lengths, layout }: CheckedCall): number[] {
  const { batch, heads, queries, valueDim } = lengths as Record<"batch" | "heads" | "queries" | "valueDim", number>;
  return layout === "bhnd" ? [batch, heads, queries, valueDim] : [batch, queries, heads, valueDim];
}

/** A copy: the memory may grow or be written again. */
function readTensor(memory: WebAssembly.Memory, address: number, shape: readonly number[]): TensorOutput {
  return { data: new Float32Array(memory.buffer, address, sizeOf(shape)).slice(), shape };
}

const sizeOf = (shape: readonly number[]) => shape.reduce((product, extent) => product * extent, 1);

type Placed = ReturnType<typeof placeCall>;

/** Addresses of everything that the call needs, and what must be copied there: tensors that live in the memory stay. */
function placeCall(call: CheckedCall, description: KernelDescription, arena: Arena) {
  const { lengths } = call;
  const { scratch, blockBytes } = description.memory;
  const rows = lengths.batch! * lengths.heads! * lengths.queries!;
  const paddedKeys = Math.ceil(lengths.keys! / scratch.keyMultiple) * scratch.keyMultiple;
  const copies: { readonly address: number; readonly data: ArrayBufferView }[] = [];
  const locate = (data: ArrayBufferView) => {
    if (arena.holds(data)) return data.byteOffset;
    const address = arena.place(data.byteLength);
    copies.push({ address, data });
    return address;
  };
  arena.reset();
  return {
    copies,
    block: arena.place(blockBytes),
    query: locate(call.query.data),
    key: locate(call.key.data),
    value: locate(call.value.data),
    keyLengths: call.keyLengths ? locate(call.keyLengths) : 0,
    queryStart: call.queryStart ? locate(call.queryStart) : 0,
    tensors: Object.fromEntries(Object.entries(call.tensors).map(([name, { data }]) => [name, locate(data)])),
    out: arena.place(rows * lengths.valueDim! * 4),
    lse: description.outputs.lse ? arena.place(rows * 4) : 0,
    buffers: Object.fromEntries(
      description.buffers.map(({ name, extents, mostBytes = Number.POSITIVE_INFINITY }) => {
        const bytes = bufferBytes(extents, lengths);
        return [name, bytes > mostBytes ? 0 : arena.place(bytes)];
      }),
    ),
    scratch: arena.place(scratch.fixedBytes + scratch.bytesPerKey * paddedKeys),
  };
}

const bufferBytes = (extents: readonly ScratchExtent[], lengths: Lengths) =>
  4 * sizeOf(extents.map((extent) => scratchLength(extent, lengths)));

function scratchLength(extent: ScratchExtent, lengths: Lengths): number {
  if (typeof extent === "number") return extent;
  if (typeof extent === "string") return lengths[extent]!;
  return Math.ceil(scratchLength(extent.stretches, lengths) / extent.of);
}

/** Copies the tensors in and fills the parameter block. */
function writeCall(call: CheckedCall, description: KernelDescription, place: Placed, memory: WebAssembly.Memory): void {
  const { words, blockBytes } = description.memory;
  const bytes = new Uint8Array(memory.buffer);
  const block = new DataView(memory.buffer, place.block, blockBytes);
  const setInt = (name: string, value: number) => block.setInt32(words[name]!, value, true);
  const setTensor = (name: string, address: number, strides: Strided["strides"], elementBytes: number) => {
    setInt(name, address);
    for (const [index, axis] of ["batch", "head", "row"].entries())
      setInt(`${name}.${axis}`, strides[index]! * elementBytes);
  };

  for (const { address, data } of place.copies)
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), address);
  for (const name of ["batch", "heads", "kvHeads", "queries", "keys"]) setInt(name, call.lengths[name]!);
  for (const { name } of description.axes) setInt(`axis.${name}`, call.lengths[`axis:${name}`]!);
  for (const name of ["scratch", "keyLengths", "queryStart", "lse"] as const) setInt(name, place[name]);
  setInt("emptyRows", 0);
  for (const name of ["query", "key", "value"] as const)
    setTensor(name, place[name], call[name].strides, call[name].data.BYTES_PER_ELEMENT);
  const [batch, second, third] = contiguous(outShape(call)) as [number, number, number];
  setTensor("out", place.out, call.layout === "bhnd" ? [batch, second, third] : [batch, third, second], 4);
  for (const [name, { data }] of Object.entries(call.tensors)) {
    setInt(`tensor.${name}`, place.tensors[name]!);
    // An index into an empty tensor is clamped to 0, and what is read there is 0.
    if (data.length === 0) bytes.fill(0, place.tensors[name]!, place.tensors[name]! + 4);
  }
  for (const { name } of description.buffers) setInt(`buffer.${name}`, place.buffers[name]!);
  for (const { name, type } of description.params) {
    const value = Number(call.params[name]!);
    if (type === "float") block.setFloat32(words[`param.${name}`]!, value, true);
    else setInt(`param.${name}`, value);
  }
}
