// `--in` and `--out`: safetensors files hold any number of named tensors, .npy files one, which is named on the command
// line or by its file.

import { basename, extname } from "node:path";
import { TensorFileError } from "../tensors/file-error.ts";
import { readNpy, writeNpy } from "../tensors/npy.ts";
import { readSafetensors, writeSafetensors } from "../tensors/safetensors.ts";
import type { Tensor } from "../tensors/tensor.ts";
import type { NamedTensors } from "./call.ts";
import { CommandError, failure, wrongUsage } from "./command-error.ts";
import { readBytes, writeAtomically } from "./files.ts";

const KNOWN = "known are .safetensors and .npy";

/** All tensors of the `--in` options by name. Problems: E0801 unreadable, E0802 damaged or of another format. */
export function readTensors(options: readonly string[]): NamedTensors {
  const tensors = new Map<string, Tensor>();
  for (const option of options) {
    for (const [name, tensor] of readOption(option)) {
      if (tensors.has(name)) throw wrongUsage(`the tensor \`${name}\` is given twice by --in`);
      tensors.set(name, tensor);
    }
  }
  return tensors;
}

/** Writes results: all of them into .safetensors, `out` alone into .npy. */
export function writeTensors(path: string, tensors: NamedTensors): void {
  checkOutput(path);
  try {
    const isNpy = extname(path) === ".npy";
    writeAtomically(path, isNpy ? writeNpy(tensors.get("out")!) : writeSafetensors(tensors));
  } catch (error) {
    throw asFailure(error, `cannot write \`${path}\``, "E0803");
  }
}

/** Refuses an output file of another kind, before anything has run. */
export function checkOutput(path: string): void {
  if (extname(path) in FORMATS) return;
  throw wrongUsage(`\`${path}\` names no format of tensors; ${KNOWN}`);
}

function readOption(option: string): Iterable<readonly [string, Tensor]> {
  const { 1: given, 2: path = option } = /^([A-Za-z_]\w*)=(.+)$/.exec(option) ?? [];
  const read = FORMATS[extname(path)];
  if (!read) throw wrongUsage(`\`${path}\` names no format of tensors; ${KNOWN}`);
  const bytes = readBytes(path);
  try {
    const tensors = read(bytes, given ?? basename(path, extname(path)));
    if (given === undefined || tensors.has(given)) return tensors;
    throw wrongUsage(`\`${path}\` holds no tensor \`${given}\``, "NAME=FILE is for .npy files, which have no names");
  } catch (error) {
    throw asFailure(error, `cannot read the tensors of \`${path}\``, "E0802");
  }
}

const FORMATS: Readonly<Record<string, (bytes: Uint8Array, name: string) => NamedTensors>> = {
  ".safetensors": (bytes) => readSafetensors(bytes),
  ".npy": (bytes, name) => new Map([[name, readNpy(bytes)]]),
};

function asFailure(error: unknown, what: string, code: string): unknown {
  if (error instanceof CommandError || !(error instanceof TensorFileError)) return error;
  return failure(code, `${what}: ${error.message}`);
}
