// .npz files, as NumPy reads them: a zip archive of .npy files, stored as they are. APPNOTE.TXT of PKWARE, sections 4.3.7,
// 4.3.12 and 4.3.16. All entries have one date, so that the same tensors give the same bytes.

import { crc32 } from "./crc32.ts";
import { writeNpy } from "./npy.ts";
import type { Tensor } from "./tensor.ts";

/** Midnight of 1 January 1980, the first date that the format has. */
const DATE = 0x21;

/** The archive of the tensors under their names; a name may have slashes. Throws `TensorFileError` for bf16. */
export function writeNpz(tensors: Readonly<Record<string, Tensor>>): Uint8Array {
  const entries: Uint8Array[] = [];
  const directory: Uint8Array[] = [];
  let offset = 0;
  for (const [name, tensor] of Object.entries(tensors)) {
    const path = new TextEncoder().encode(`${name}.npy`);
    const content = writeNpy(tensor);
    const sizes = [crc32(content), content.length, content.length] as const;
    const about = [words(0x14, 0, 0, 0, DATE), longs(...sizes), words(path.length, 0)];
    const entry = joined([longs(0x04034b50), ...about, path, content]);
    directory.push(joined([longs(0x02014b50), words(0x14), ...about, words(0, 0, 0), longs(0, offset), path]));
    entries.push(entry);
    offset += entry.length;
  }
  const list = joined(directory);
  const count = directory.length;
  return joined([...entries, list, longs(0x06054b50), words(0, 0, count, count), longs(list.length, offset), words(0)]);
}

const words = (...values: readonly number[]) => littleEndian(2, values);
const longs = (...values: readonly number[]) => littleEndian(4, values);

function littleEndian(size: 2 | 4, values: readonly number[]): Uint8Array {
  const view = new DataView(new ArrayBuffer(size * values.length));
  for (const [index, value] of values.entries()) {
    if (size === 2) view.setUint16(2 * index, value, true);
    else view.setUint32(4 * index, value, true);
  }
  return new Uint8Array(view.buffer);
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
