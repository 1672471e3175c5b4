// From the texts of a CUDA program to an executable: for this machine's device where it has one and nvcc, and else for its
// CPU, by way of the emulation. What was compiled is kept in the temporary folder under the hash of all that went into it,
// because a sweep runs the same kernel again and again.

import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { CUDA_HEADERS } from "../../generated/device.ts";
import { findCompiler, findDevice, missingCompiler } from "./toolchain.ts";

/** Texts by path; kernels find their headers below `attnc/`. */
export type CudaFiles = Readonly<Record<string, string>>;

/** Exact f32, as the device's intrinsics have it; and as fast to compile as to run. */
const EMULATION = ["-x", "c++", "-std=c++17", "-O1", "-ffp-contract=off", "-fno-exceptions"];
const DEVICE = ["-std=c++17", "-O3", "-arch=native"];

/** Where kernels run on this machine. */
export type Place =
  | { readonly kind: "device"; readonly name: string }
  | { readonly kind: "emulated"; readonly compiler: string }
  | { readonly kind: "nowhere"; readonly why: string };

export function placeOfRuns(): Place {
  const device = findDevice();
  if (device !== undefined) return { kind: "device", name: device };
  const compiler = findCompiler();
  if (compiler !== undefined) return { kind: "emulated", compiler };
  return { kind: "nowhere", why: `there is no device with nvcc, and ${missingCompiler()}` };
}

/** Compiles the program for where kernels run, and returns the path of the executable.
 *  Throws with the compiler's words where the program is wrong. */
export function compileCuda(files: CudaFiles, main: string): Promise<string> {
  const place = placeOfRuns();
  if (place.kind === "device") return compileWith("nvcc", DEVICE, files, main);
  return compileEmulated(files, main);
}

/** Compiles the program for the CPU, whatever devices there are. */
export async function compileEmulated(files: CudaFiles, main: string, flags: readonly string[] = []): Promise<string> {
  const compiler = findCompiler();
  if (compiler === undefined) throw new Error(missingCompiler());
  return compileWith(compiler, [...EMULATION, ...flags], files, main);
}

async function compileWith(compiler: string, options: readonly string[], files: CudaFiles, main: string) {
  const hash = createHash("sha256")
    .update(JSON.stringify([compiler, options, CUDA_HEADERS, files, main]))
    .digest("hex");
  const executable = join(cacheFolder(), hash.slice(0, 32));
  if (existsSync(executable)) return executable;
  // Written aside and renamed, so that a second process never meets half a program.
  const folder = mkdtempSync(join(cacheFolder(), "compile-"));
  try {
    writeProgram(folder, files);
    await promisify(execFile)(compiler, [...options, "-I", folder, join(folder, main), "-o", join(folder, "program")]);
    renameSync(join(folder, "program"), executable);
  } finally {
    rmSync(folder, { recursive: true });
  }
  return executable;
}

/** Writes the program where it finds its headers. */
export function writeProgram(folder: string, files: CudaFiles): void {
  for (const [path, text] of Object.entries(files)) write(join(folder, path), text);
  for (const [path, header] of Object.entries(CUDA_HEADERS)) write(join(folder, "attnc", path), header);
}

function write(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

function cacheFolder(): string {
  const folder = join(tmpdir(), `attnc-cuda-${userInfo().username}`);
  mkdirSync(folder, { recursive: true });
  return folder;
}
