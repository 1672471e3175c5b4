// From the text of a CUDA program to a program for this machine's CPU, by way of the emulation. What was compiled is kept in
// the temporary folder under the hash of all that went into it, because a sweep runs the same kernel again and again.

import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { CUDA_HEADERS } from "../../generated/device.ts";
import { findCompiler, missingCompiler } from "./toolchain.ts";

/** Exact f32, as the device's intrinsics have it; and as fast to compile as to run. */
const FLAGS = ["-x", "c++", "-std=c++17", "-O1", "-ffp-contract=off", "-fno-exceptions"];

/** A CUDA program: text, or a file that holds it. */
export type CudaProgram = { readonly text: string } | { readonly file: string };

/** Compiles the program, unless that has been done before, and returns the path of the executable.
 *  Throws with the compiler's words where the program is wrong, and where there is no compiler. */
export async function compileEmulated(program: CudaProgram, flags: readonly string[] = []): Promise<string> {
  const compiler = findCompiler();
  if (compiler === undefined) throw new Error(missingCompiler());
  const text = "text" in program ? program.text : readFileSync(program.file, "utf8");
  const options = [...FLAGS, ...flags];
  const hash = createHash("sha256")
    .update(JSON.stringify([compiler, options, CUDA_HEADERS, text]))
    .digest("hex");
  const executable = join(cacheFolder(), hash.slice(0, 32));
  if (existsSync(executable)) return executable;
  // Written aside and renamed, so that a second process never meets half a program.
  const folder = mkdtempSync(join(cacheFolder(), "compile-"));
  try {
    const source = join(folder, "kernel.cu");
    writeFileSync(source, text);
    for (const [path, header] of Object.entries(CUDA_HEADERS)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), header);
    }
    await promisify(execFile)(compiler, [...options, "-I", folder, source, "-o", join(folder, "kernel")]);
    renameSync(join(folder, "kernel"), executable);
  } finally {
    rmSync(folder, { recursive: true });
  }
  return executable;
}

function cacheFolder(): string {
  const folder = join(tmpdir(), `attnc-cuda-${userInfo().username}`);
  mkdirSync(folder, { recursive: true });
  return folder;
}
