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

/** Exact f32, as the device's intrinsics have it. Most kernels of a sweep run once, and a second of optimizing is a second. */
const EMULATION = ["-std=c++17", "-Og", "-ffp-contract=off", "-fno-exceptions"];
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

/** Compiles a kernel and the program that calls it for where kernels run, and returns the path of the executable.
 *  Throws with the compiler's words where the program is wrong. */
export async function compileCuda(files: CudaFiles, main: string): Promise<string> {
  const place = placeOfRuns();
  if (place.kind === "device") return compileWith("nvcc", DEVICE, files, main);
  return compileEmulated(files, main, place.kind === "emulated" ? await readHeaders(place.compiler) : []);
}

/** Compiles the program for the CPU, whatever devices there are. */
export async function compileEmulated(files: CudaFiles, main: string, flags: readonly string[] = []): Promise<string> {
  const compiler = findCompiler();
  if (compiler === undefined) throw new Error(missingCompiler());
  return compileWith(compiler, ["-x", "c++", ...EMULATION, ...flags], files, main);
}

/** What all kernels and their programs include. */
const HEADERS = ["device.h", "harness.h"].map((name) => `#include "attnc/${name}"\n`).join("");

/** Flags with which the compiler has read the headers already, which takes a third of its time. Only for one that minds
 *  neither that they have moved since nor that a kernel includes them again. */
async function readHeaders(compiler: string): Promise<string[]> {
  if (compiler !== "g++") return [];
  const folder = await kept([compiler, EMULATION, HEADERS], async (folder) => {
    writeProgram(folder, { "headers.h": HEADERS });
    const header = join(folder, "headers.h");
    await promisify(execFile)(compiler, [
      "-x",
      "c++-header",
      ...EMULATION,
      "-I",
      folder,
      header,
      "-o",
      `${header}.gch`,
    ]);
    return folder;
  });
  return ["-include", join(folder, "headers.h")];
}

function compileWith(compiler: string, options: readonly string[], files: CudaFiles, main: string): Promise<string> {
  return kept([compiler, options, files, main], async (folder) => {
    writeProgram(folder, files);
    const program = join(folder, "program");
    await promisify(execFile)(compiler, [...options, "-I", folder, join(folder, main), "-o", program]);
    return program;
  });
}

/** The path of what `make` makes in the folder that it is given, of those parts and the headers; kept until next time. */
async function kept(parts: unknown, make: (folder: string) => Promise<string>): Promise<string> {
  const hash = createHash("sha256")
    .update(JSON.stringify([parts, CUDA_HEADERS]))
    .digest("hex");
  const place = join(cacheFolder(), hash.slice(0, 32));
  if (existsSync(place)) return place;
  // Made aside and renamed, so that a second process never meets half of it.
  const folder = mkdtempSync(join(cacheFolder(), "compile-"));
  try {
    moveTo(place, await make(folder));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return place;
}

/** A folder cannot replace one that another process has just put there; that one has the same in it. */
function moveTo(place: string, made: string): void {
  try {
    renameSync(made, place);
  } catch (error) {
    if (!existsSync(place)) throw error;
  }
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
