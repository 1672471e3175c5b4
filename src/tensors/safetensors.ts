// The safetensors format: eight bytes of header length, a JSON header with the type, shape and place of each tensor,
// then the elements. Strict like the format's own description: every byte after the header belongs to one tensor.

import { fromBytes, toBytes } from "./bytes.ts";
import { bytesPerElement } from "./elements.ts";
import { demand, TensorFileError } from "./file-error.ts";
import type { DType, Tensor } from "./tensor.ts";

const spelling: Readonly<Record<DType, string>> = {
  f64: "F64",
  f32: "F32",
  f16: "F16",
  bf16: "BF16",
  i32: "I32",
  u8: "U8",
  bool: "BOOL",
};
const dtypeOf = new Map(Object.entries(spelling).map(([dtype, text]) => [text, dtype as DType]));

/** The format's own limit on the header, in bytes. */
const maxHeaderBytes = 100_000_000;

/** What the header says of one tensor, its claims checked for form only. */
type Entry = { readonly name: string; readonly dtype: DType; readonly shape: number[]; readonly offsets: number[] };

/** The tensors of a file by name, in the order of the header. Throws `TensorFileError`. */
export function readSafetensors(bytes: Uint8Array): Map<string, Tensor> {
  const headerBytes = headerLength(bytes);
  const entries = parseHeader(bytes.subarray(8, 8 + headerBytes));
  const body = bytes.subarray(8 + headerBytes);
  checkOffsets(entries, body.length);
  return new Map(
    entries.map(({ name, dtype, shape, offsets }) => [
      name,
      fromBytes(dtype, shape, body.subarray(offsets[0], offsets[1]), `tensor "${name}"`),
    ]),
  );
}

/** A file of these tensors; wide elements come first, so that each starts at an address its type likes. */
export function writeSafetensors(tensors: ReadonlyMap<string, Tensor>): Uint8Array {
  const ordered = [...tensors].sort(([, a], [, b]) => bytesPerElement(b.dtype) - bytesPerElement(a.dtype));
  const header: [string, object][] = [];
  let end = 0;
  for (const [name, { dtype, shape, data }] of ordered) {
    header.push([name, { dtype: spelling[dtype], shape, data_offsets: [end, end + data.byteLength] }]);
    end += data.byteLength;
  }
  const text = new TextEncoder().encode(JSON.stringify(Object.fromEntries(header)));
  const headerBytes = Math.ceil(text.length / 8) * 8;
  const bytes = new Uint8Array(8 + headerBytes + end);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(headerBytes), true);
  bytes.fill(0x20, 8, 8 + headerBytes).set(text, 8);
  let at = 8 + headerBytes;
  for (const [, tensor] of ordered) {
    bytes.set(toBytes(tensor), at);
    at += tensor.data.byteLength;
  }
  return bytes;
}

function headerLength(bytes: Uint8Array): number {
  demand(bytes.length >= 8, `the file has ${bytes.length} bytes, too few for a safetensors file`);
  const length = new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, true);
  const left = bytes.length - 8;
  demand(
    length <= left,
    `the header claims ${length} bytes, but only ${left} follow: the file is cut off or no safetensors file`,
  );
  demand(
    length <= maxHeaderBytes,
    `the header claims ${length} bytes, more than the format's limit of ${maxHeaderBytes}`,
  );
  return Number(length);
}

function parseHeader(bytes: Uint8Array): Entry[] {
  let header: unknown;
  try {
    header = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (error) {
    throw new TensorFileError(`the header is not JSON: ${(error as Error).message}`);
  }
  demand(isObject(header), "the header is not a JSON object");
  return Object.entries(header)
    .filter(([name]) => name !== "__metadata__")
    .map(([name, claims]) => parseEntry(name, claims));
}

function parseEntry(name: string, claims: unknown): Entry {
  demand(isObject(claims), `the header's entry for tensor "${name}" is not an object`);
  const { dtype: text, shape, data_offsets: offsets } = claims;
  const dtype = dtypeOf.get(String(text));
  const known = [...dtypeOf.keys()].join(", ");
  demand(dtype !== undefined, `tensor "${name}" has elements of type ${JSON.stringify(text)}; known are ${known}`);
  demand(isNumbers(shape), `the shape of tensor "${name}" is not a list of numbers`);
  demand(isNumbers(offsets) && offsets.length === 2, `the data_offsets of tensor "${name}" are not two numbers`);
  return { name, dtype, shape, offsets };
}

/** The tensors must lie end to end and fill the body. */
function checkOffsets(entries: readonly Entry[], bodyBytes: number): void {
  let end = 0;
  let before = "the header";
  for (const { name, offsets } of entries.toSorted(
    (a, b) => a.offsets[0]! - b.offsets[0]! || a.offsets[1]! - b.offsets[1]!,
  )) {
    const [first, last] = offsets as [number, number];
    const where = `tensor "${name}" claims bytes ${first} to ${last}`;
    demand(
      Number.isSafeInteger(first) && Number.isSafeInteger(last) && 0 <= first && first <= last,
      `${where}, which is no range`,
    );
    demand(last <= bodyBytes, `${where}, but the file holds ${bodyBytes}: it is cut off, or the header is wrong`);
    demand(first >= end, `${where}, which overlaps ${before}`);
    demand(first === end, `${where}, but ${before} ends at ${end}: the bytes between belong to nothing`);
    end = last;
    before = `tensor "${name}"`;
  }
  demand(end === bodyBytes, `the tensors end at byte ${end}, but the file holds ${bodyBytes}`);
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const isNumbers = (value: unknown): value is number[] =>
  Array.isArray(value) && value.every((item) => typeof item === "number");
