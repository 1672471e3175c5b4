// One call in the memory of a kernel: where its tensors lie, the parameter block that says so, and the results.

import type { Arena } from "./arena.ts";
import { elementsOf, lseShape, outShape, outStrides, sizeOf, storedLengths } from "./call-shapes.ts";
import type { CheckedCall, Strided } from "./check-inputs.ts";
import type { KernelDescription } from "./description.ts";
import { emptyRows } from "./errors.ts";
import type { KernelOutputs, TensorOutput } from "./inputs.ts";

export type PlacedCall = ReturnType<typeof placeCall>;

/** Addresses of everything that the call needs, and what must be copied there: tensors that live in the memory stay. Each
 *  thread has a parameter block and scratch of its own. The arena keeps the places until it is reset. */
export function placeCall(call: CheckedCall, description: KernelDescription, arena: Arena, threads = 1) {
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
  const buffers = Object.fromEntries([
    ...description.buffers.map(({ name, extents, mostBytes = Number.POSITIVE_INFINITY }) => {
      const bytes = 4 * elementsOf(extents, lengths);
      return [name, bytes > mostBytes ? 0 : arena.place(bytes)] as const;
    }),
    ...namedOutputs(description).map(
      ({ name, extents }) => [name, arena.place(4 * elementsOf(extents, lengths))] as const,
    ),
  ]);
  const placeForEach = (bytes: number) => Array.from({ length: threads }, () => arena.place(bytes));
  return {
    copies,
    blocks: placeForEach(blockBytes),
    query: locate(call.query.data),
    key: locate(call.key.data),
    value: locate(call.value.data),
    keyLengths: call.keyLengths ? locate(call.keyLengths) : 0,
    queryStart: call.queryStart ? locate(call.queryStart) : 0,
    tensors: Object.fromEntries(Object.entries(call.tensors).map(([name, { data }]) => [name, locate(data)])),
    out: arena.place(rows * lengths.valueDim! * 4),
    lse: description.outputs.lse ? arena.place(rows * 4) : (buffers.lse ?? 0),
    buffers,
    scratches: placeForEach(scratch.fixedBytes + scratch.bytesPerKey * paddedKeys),
  };
}

/** Copies the tensors in and fills the parameter blocks. */
export function writeCall(
  call: CheckedCall,
  description: KernelDescription,
  place: PlacedCall,
  memory: WebAssembly.Memory,
): void {
  const { words, blockBytes } = description.memory;
  const bytes = new Uint8Array(memory.buffer);
  const [first, ...others] = place.blocks as [number, ...number[]];
  const block = new DataView(memory.buffer, first, blockBytes);
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
  for (const name of ["keyLengths", "queryStart", "lse"] as const) setInt(name, place[name]);
  setInt("scratch", place.scratches[0]!);
  setInt("emptyRows", 0);
  for (const name of ["query", "key", "value"] as const)
    setTensor(name, place[name], call[name].strides, call[name].data.BYTES_PER_ELEMENT);
  setTensor("out", place.out, outStrides(call), 4);
  if (words["stored.key"] !== undefined) placeStored(call, description, place, setTensor);
  for (const [name, { data }] of Object.entries(call.tensors)) {
    setInt(`tensor.${name}`, place.tensors[name]!);
    // An index into an empty tensor is clamped to 0, and what is read there is 0.
    if (data.length === 0) bytes.fill(0, place.tensors[name]!, place.tensors[name]! + 4);
  }
  for (const { name } of [...description.buffers, ...namedOutputs(description)])
    setInt(`buffer.${name}`, place.buffers[name]!);
  for (const { name, type } of description.params) {
    const value = Number(call.params[name]!);
    if (type === "float") block.setFloat32(words[`param.${name}`]!, value, true);
    else setInt(`param.${name}`, value);
  }
  for (const [index, other] of others.entries()) {
    bytes.copyWithin(other, first, first + blockBytes);
    new DataView(memory.buffer).setInt32(other + words.scratch!, place.scratches[index + 1]!, true);
  }
}

/** Where rows lie in stored order: scratch without gaps. */
function placeStored(
  { lengths, key }: CheckedCall,
  description: KernelDescription,
  place: PlacedCall,
  setTensor: SetTensor,
): void {
  const stored = storedLengths(description, lengths) as Readonly<Record<string, number>>;
  const { heads, kvHeads, queries, keys, dim, valueDim } = stored;
  const tensors = [
    { name: "query", heads: heads!, rows: queries!, width: dim!, bytes: 4 },
    { name: "key", heads: kvHeads!, rows: keys!, width: dim!, bytes: key.data.BYTES_PER_ELEMENT },
    { name: "value", heads: kvHeads!, rows: keys!, width: valueDim!, bytes: key.data.BYTES_PER_ELEMENT },
    { name: "out", heads: heads!, rows: queries!, width: valueDim!, bytes: 4 },
    { name: "lse", heads: heads!, rows: queries!, width: 1, bytes: 4 },
  ];
  const stridesOf = (of: number, rows: number, width: number) => [of * rows * width, rows * width, width] as const;
  for (const { name, heads: of, rows, width, bytes } of tensors) {
    setTensor(`stored.${name}`, place.buffers[`stored.${name}`] ?? 0, stridesOf(of, rows, width), bytes);
  }
  setTensor("lse.rows", place.lse, stridesOf(heads!, queries!, 1), 4);
}

type SetTensor = (name: string, address: number, strides: Strided["strides"], elementBytes: number) => void;

/** What a call gives, of a memory in which its steps have run. Throws AttentionInputError E0710. */
export function readResults(
  call: CheckedCall,
  description: KernelDescription,
  place: PlacedCall,
  memory: WebAssembly.Memory,
): KernelOutputs {
  const view = new DataView(memory.buffer);
  const emptyCount = place.blocks.reduce(
    (sum, block) => sum + view.getInt32(block + description.memory.words.emptyRows!, true),
    0,
  );
  if (emptyCount > 0) throw emptyRows(emptyCount);
  const out = readTensor(memory, place.out, outShape(call));
  const named = namedOutputs(description).map(({ name, element, extents }) => {
    const shape = extents.map((extent) => elementsOf([extent], call.lengths));
    const data = new ELEMENTS[element](memory.buffer, place.buffers[name]!, sizeOf(shape)).slice();
    return [name, { data, shape }] as const;
  });
  return {
    out,
    ...(description.outputs.lse && { lse: readTensor(memory, place.lse, lseShape(call)) }),
    ...(named.length > 0 && { named: Object.fromEntries(named) }),
  };
}

const namedOutputs = ({ outputs: { named = [] } }: KernelDescription) => named;

const ELEMENTS = { f32: Float32Array, i32: Int32Array } as const;

/** A copy: the memory may grow or be written again. */
function readTensor({ buffer }: WebAssembly.Memory, address: number, shape: readonly number[]): TensorOutput {
  return { data: new Float32Array(buffer, address, sizeOf(shape)).slice(), shape };
}
