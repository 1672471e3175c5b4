// NumPy's .npy format for one tensor: a magic string, a version, a Python dictionary with type, order and shape, then
// the elements. Versions 1 to 3 are read, version 1 is written.

import { fromBytes, toBytes } from "./bytes.ts";
import { demand, TensorFileError } from "./file-error.ts";
import type { DType, Tensor } from "./tensor.ts";

const spelling: Readonly<Partial<Record<DType, string>>> = {
  f64: "<f8",
  f32: "<f4",
  f16: "<f2",
  i32: "<i4",
  u8: "|u1",
  bool: "|b1",
};
const dtypeOf = new Map(Object.entries(spelling).map(([dtype, text]) => [text, dtype as DType]));

const magic = [0x93, ...new TextEncoder().encode("NUMPY")];
/** What stands before the header: magic, two bytes of version, the header's length. */
const prefixBytes = { 1: 10, 2: 12, 3: 12 } as const;

/** The tensor of a file. Throws `TensorFileError`. */
export function readNpy(bytes: Uint8Array): Tensor {
  demand(
    magic.every((byte, index) => bytes[index] === byte),
    "the file does not start like a .npy file",
  );
  const version = bytes[6] ?? 0;
  demand(
    version === 1 || version === 2 || version === 3,
    `the file is of .npy version ${version}; known are 1, 2 and 3`,
  );
  const prefix = prefixBytes[version];
  demand(bytes.length >= prefix, "the file is cut off before its header");
  const view = new DataView(bytes.buffer, bytes.byteOffset, prefix);
  const length = version === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  const left = bytes.length - prefix;
  demand(length <= left, `the header claims ${length} bytes, but only ${left} follow: the file is cut off`);
  const { dtype, shape } = parseHeader(bytes.subarray(prefix, prefix + length));
  return fromBytes(dtype, shape, bytes.subarray(prefix + length), "the array");
}

/** A file of one tensor. Throws `TensorFileError` for bf16, which the format has no name for. */
export function writeNpy(tensor: Tensor): Uint8Array {
  const descr = spelling[tensor.dtype];
  demand(descr !== undefined, `.npy has no ${tensor.dtype}; write a safetensors file`);
  const shape = tensor.shape.map((extent) => `${extent},`).join(" ");
  const dictionary = `{'descr': '${descr}', 'fortran_order': False, 'shape': (${shape}), }`;
  // The elements start at a multiple of 64 bytes, after a line break.
  const headerBytes = Math.ceil((prefixBytes[1] + dictionary.length + 1) / 64) * 64 - prefixBytes[1];
  const body = toBytes(tensor);
  const bytes = new Uint8Array(prefixBytes[1] + headerBytes + body.length);
  bytes.set([...magic, 1, 0]);
  new DataView(bytes.buffer).setUint16(8, headerBytes, true);
  bytes.set(new TextEncoder().encode(`${dictionary.padEnd(headerBytes - 1)}\n`), prefixBytes[1]);
  bytes.set(body, prefixBytes[1] + headerBytes);
  return bytes;
}

function parseHeader(bytes: Uint8Array): { dtype: DType; shape: number[] } {
  const text = new TextDecoder().decode(bytes);
  const value = (name: string, pattern: string) => {
    const found = new RegExp(`['"]${name}['"]\\s*:\\s*${pattern}\\s*[,}]`).exec(text);
    if (!found) throw new TensorFileError(`the header has no ${name} that can be read: ${text.trim().slice(0, 200)}`);
    return found[1]!;
  };
  const descr = value("descr", `['"]([^'"]*)['"]`);
  const dtype = dtypeOf.get(descr);
  const known = [...dtypeOf.keys()].join(", ");
  demand(dtype !== undefined, `the array has elements of type ${descr}; known are ${known}`);
  demand(value("fortran_order", "(True|False)") === "False", "the array is in Fortran order; save it in C order");
  const extents = value("shape", "\\(([\\d\\s,]*)\\)");
  const shape = extents
    .split(",")
    .map((extent) => extent.trim())
    .filter((extent) => extent !== "");
  return { dtype, shape: shape.map(Number) };
}
