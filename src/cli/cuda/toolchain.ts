// The compilers of other languages that this machine may have. Nothing of the compiler needs them: they run and check what
// it has printed for CUDA.

import { spawnSync } from "node:child_process";

export type Environment = Readonly<Record<string, string | undefined>>;

/** C++ compilers that the emulation is known to work with, in the order of trying. */
const COMPILERS = ["g++", "clang++"];

/** What was found, by the first name and the path: asking takes a process. */
const found = new Map<string, string | undefined>();

/** The C++ compiler of this machine; undefined where it has none. */
export function findCompiler(environment: Environment = process.env): string | undefined {
  return firstOf(COMPILERS, environment);
}

/** Why kernels for CUDA cannot be emulated here; undefined where they can. */
export function missingCompiler(environment: Environment = process.env): string | undefined {
  if (findCompiler(environment) !== undefined) return undefined;
  return `there is no C++ compiler to emulate it with (looked for ${COMPILERS.join(" and ")})`;
}

/** Why kernels cannot be compiled for a device here; undefined where they can. */
export function missingNvcc(environment: Environment = process.env): string | undefined {
  return firstOf(["nvcc"], environment) ? undefined : "there is no nvcc";
}

export function missingPython(environment: Environment = process.env): string | undefined {
  return firstOf(["python3"], environment) ? undefined : "there is no python3";
}

/** Why cases cannot be checked from Python here; undefined where they can. */
export function missingNumpy(): string | undefined {
  const { status } = spawnSync("python3", ["-c", "import numpy"], { stdio: "ignore" });
  return status === 0 ? undefined : "there is no python3 with NumPy";
}

/** Why Python's PyTorch cannot be asked here; undefined where it can. */
export function missingTorch(): string | undefined {
  const { status } = spawnSync("python3", ["-c", "import torch, numpy"], { stdio: "ignore" });
  return status === 0 ? undefined : "there is no python3 with PyTorch";
}

/** The name of this machine's device, where kernels can be compiled for it too; undefined where there is none. */
export function findDevice(environment: Environment = process.env): string | undefined {
  return missingNvcc(environment) === undefined ? factOfDevice("name", environment) : undefined;
}

/** 10 · major + minor of the device's compute capability; undefined where there is none. */
export function findCapability(environment: Environment = process.env): number | undefined {
  const text = factOfDevice("compute_cap", environment);
  return text === undefined ? undefined : Math.round(Number(text) * 10);
}

function factOfDevice(fact: string, environment: Environment): string | undefined {
  return once(`nvidia-smi ${fact}`, environment, (env) => {
    const query = [`--query-gpu=${fact}`, "--format=csv,noheader"];
    const { status, stdout } = spawnSync("nvidia-smi", query, { env, encoding: "utf8" });
    return status === 0 ? stdout.split("\n")[0]!.trim() || undefined : undefined;
  });
}

function firstOf(names: readonly string[], environment: Environment): string | undefined {
  return once(names[0]!, environment, (env) =>
    names.find((name) => spawnSync(name, ["--version"], { env, stdio: "ignore" }).status === 0),
  );
}

type Find = (env: Record<string, string | undefined>) => string | undefined;

function once(name: string, environment: Environment, find: Find): string | undefined {
  const key = `${name} ${environment.PATH}`;
  if (!found.has(key)) found.set(key, find({ ...environment }));
  return found.get(key);
}
