// Compiles a kernel for devices without one at hand, and reads what the assembler says of it: registers, spills, and
// products that wait for each other.

import { execFile, execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { type CudaFiles, writeProgram } from "./compile-cuda.ts";

/** What kernels are compiled for where no device is asked: the two that they are tuned for. */
export const ARCHITECTURES = ["80", "90a"];

/** What one kernel takes on one architecture. */
export type Usage = {
  readonly architecture: string;
  readonly kernel: string;
  readonly registers: number;
  /** Bytes that do not fit into registers and go through memory. */
  readonly spilledBytes: number;
  /** What the assembler says of products of warpgroups that cannot be under way together, or not without help. */
  readonly remarks: readonly string[];
};

/** Throws with the compiler's words where the kernels are wrong. */
export async function usageOf(files: CudaFiles, main: string, architectures: readonly string[]): Promise<Usage[]> {
  const folder = mkdtempSync(join(tmpdir(), "attnc-nvcc-"));
  try {
    writeProgram(folder, files);
    // One compiler for each: the words of one that compiles for two at once are mixed.
    const usage = await Promise.all(architectures.map((each) => usageOn(each, folder, main)));
    return usage.flat();
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function usageOn(architecture: string, folder: string, main: string): Promise<Usage[]> {
  const target = ["-gencode", `arch=compute_${architecture},code=sm_${architecture}`];
  const files = ["-I", folder, "-c", join(folder, main), "-o", join(folder, `${architecture}.o`)];
  const { stderr } = await promisify(execFile)("nvcc", ["-std=c++17", "-O3", ...target, "-Xptxas", "-v", ...files]);
  return [...stderr.matchAll(ENTRY)].map(([, kernel, name, stores, loads, registers]) => ({
    architecture: name!,
    kernel: kernel!,
    registers: Number(registers),
    spilledBytes: Number(stores) + Number(loads),
    remarks: [...stderr.matchAll(REMARK)].filter(([, , of]) => of === kernel).map(([, words]) => words!),
  }));
}

const REMARK = /\((C75\d\d\) .*) function '(\w+)'/g;
/** `nvcc 13.0.88`: what the figures depend on. */
export function nvccVersion(): string {
  const words = execFileSync("nvcc", ["--version"], { encoding: "utf8" });
  return `nvcc ${/V([\d.]+)/.exec(words)?.[1] ?? "of an unknown version"}`;
}

const ENTRY =
  /entry function '(\w+)' for '(\w+)'[\s\S]*?(\d+) bytes spill stores, (\d+) bytes spill loads[\s\S]*?Used (\d+) registers/g;
