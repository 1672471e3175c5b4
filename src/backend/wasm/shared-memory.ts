// A module over a memory that threads share. It is the module without threads but for the limits of the memory that it imports,
// and assembling it a second time would double most of the time of a compile.

/** Bytes in front of the first section. */
const HEADER = 8;
const IMPORT_SECTION = 2;
/** Limits of a memory: kind and number of pages. */
const OWN = [0x00, 1];
const SHARED = [0x03, 1];

/** Bytes of a page of WebAssembly's. */
const PAGE = 65536;

/** The module over a shared memory.
 *  @param bytes a module whose last import is a memory of one page and no limit
 *  @param memoryBytes the most that the memory may grow to, in bytes
 *  Source: WebAssembly core specification, binary format of modules; threads proposal, limits. */
export function overSharedMemory(bytes: Uint8Array<ArrayBuffer>, memoryBytes: number): Uint8Array<ArrayBuffer> {
  const { at, start, end } = sectionOf(bytes, IMPORT_SECTION);
  const limits = end - OWN.length;
  if (OWN.some((byte, index) => bytes[limits + index] !== byte)) throw new Error("the memory is another: a bug");
  const shared = [...SHARED, ...unsigned(Math.floor(memoryBytes / PAGE))];
  const head = [IMPORT_SECTION, ...unsigned(limits - start + shared.length)];
  return joined([bytes.subarray(0, at), head, bytes.subarray(start, limits), shared, bytes.subarray(end)]);
}

function joined(parts: readonly ArrayLike<number>[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** Where a section begins, where its content begins, and where both end. */
function sectionOf(bytes: Uint8Array, wanted: number) {
  for (let at = HEADER; at < bytes.length; ) {
    const { value: size, end: start } = readUnsigned(bytes, at + 1);
    if (bytes[at] === wanted) return { at, start, end: start + size };
    at = start + size;
  }
  throw new Error("the module imports nothing: a bug");
}

// Numbers are written seven bits a byte, lowest first; the highest bit of a byte says that more follow (LEB128).

function readUnsigned(bytes: Uint8Array, at: number): { readonly value: number; readonly end: number } {
  let value = 0;
  for (let index = at, weight = 1; ; index += 1, weight *= 128) {
    const byte = bytes[index]!;
    value += (byte % 128) * weight;
    if (byte < 128) return { value, end: index + 1 };
  }
}

const unsigned = (value: number): readonly number[] =>
  value < 128 ? [value] : [(value % 128) + 128, ...unsigned(Math.floor(value / 128))];
