// Elements to bytes and back, as both file formats store them: little-endian, row-major, without gaps.

import { allocate, bytesPerElement, elementCount } from "./elements.ts";
import { demand } from "./file-error.ts";
import type { DType, Tensor } from "./tensor.ts";

/** The tensor whose elements these bytes are; copied, so that they may lie at any address. `what` names it in messages.
 *  Throws `TensorFileError` where the extents are no lengths or do not ask for exactly these bytes. */
export function fromBytes(dtype: DType, shape: readonly number[], bytes: Uint8Array, what: string): Tensor {
  demand(
    shape.every((extent) => Number.isSafeInteger(extent) && extent >= 0),
    `the shape of ${what} is [${shape.join(", ")}], but extents are whole numbers from 0`,
  );
  const wanted = elementCount(shape) * bytesPerElement(dtype);
  demand(
    wanted === bytes.length,
    `${what} has shape [${shape.join(", ")}] of ${dtype}, which takes ${wanted} bytes, but the file holds ${bytes.length} for it`,
  );
  const data = allocate(dtype, elementCount(shape));
  const target = new Uint8Array(data.buffer);
  target.set(bytes);
  // Any byte but 0 is true; readers of the tensor may count on 1.
  if (dtype === "bool") target.set(target.map((byte) => Number(byte !== 0)));
  else swapOnBigEndian(target, bytesPerElement(dtype));
  return { dtype, shape, data };
}

/** The tensor's elements as bytes of a file; a copy. */
export function toBytes({ data, dtype }: Tensor): Uint8Array {
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength).slice();
  swapOnBigEndian(bytes, bytesPerElement(dtype));
  return bytes;
}

const isBigEndian = new Uint8Array(new Uint16Array([1]).buffer)[0] === 0;

function swapOnBigEndian(bytes: Uint8Array, width: number): void {
  if (isBigEndian) for (let at = 0; at < bytes.length; at += width) bytes.subarray(at, at + width).reverse();
}
