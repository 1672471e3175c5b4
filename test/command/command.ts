// Helpers of the tests of the command: run it in this process with captured streams, or as a process of its own, on
// files of a folder that goes away with the test file.

import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll } from "vitest";
import type { Io, Stream } from "../../src/cli/io.ts";
import { main } from "../../src/cli/main.ts";
import { makeTensor } from "../../src/tensors/elements.ts";
import { readSafetensors, writeSafetensors } from "../../src/tensors/safetensors.ts";
import type { DType, Tensor } from "../../src/tensors/tensor.ts";

export type Answer = { readonly status: number; readonly out: string; readonly err: string };

/** Runs the command in this process. */
export async function attnc(...argv: readonly string[]): Promise<Answer> {
  const said = { out: "", err: "" };
  const stream = (name: "out" | "err"): Stream => ({
    write: (text) => {
      said[name] += typeof text === "string" ? text : new TextDecoder().decode(text);
    },
    isTerminal: false,
    columns: 100,
    style: (_, text) => text,
  });
  const io: Io = { out: stream("out"), err: stream("err") };
  const status = await main(argv, io);
  return { status, ...said };
}

const BIN = new URL("../../src/cli/bin.ts", import.meta.url).pathname;

export type ProcessOptions = {
  readonly input?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
};

/** Runs the command as people do. A process that does not end by itself fails the test. */
export function attncProcess(
  argv: readonly string[],
  { input = "", env = {}, cwd = "." }: ProcessOptions = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const options = { timeout: 280_000, cwd, env: { ...process.env, NO_COLOR: "1", ...env }, maxBuffer: 2 ** 26 };
    const child = execFile(process.execPath, [BIN, ...argv], options, (error, out, err) => {
      if (error?.killed) reject(new Error(`attnc ${argv.join(" ")} does not end`));
      else resolve({ status: typeof error?.code === "number" ? error.code : 0, out, err });
    });
    child.stdin!.end(input);
  });
}

/** A folder for the files of one test file. */
export function makeFolder() {
  const folder = mkdtempSync(join(tmpdir(), "attnc-test-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const path = (name: string) => join(folder, name);
  return {
    path,
    /** Writes a file and returns its path. */
    write: (name: string, content: string | Uint8Array) => {
      mkdirSync(dirname(path(name)), { recursive: true });
      writeFileSync(path(name), content);
      return path(name);
    },
    /** Writes tensors as safetensors and returns the path. */
    tensors: (name: string, tensors: Readonly<Record<string, Tensor>>) => {
      writeFileSync(path(name), writeSafetensors(new Map(Object.entries(tensors))));
      return path(name);
    },
    readTensors: (name: string) => readSafetensors(readFileSync(path(name))),
    bytes: (name: string): Uint8Array => readFileSync(path(name)),
    text: (name: string) => readFileSync(path(name), "utf8"),
  };
}

/** A tensor of numbers that look random and are the same every time. */
export function wavy(dtype: DType, ...shape: readonly number[]): Tensor {
  const count = shape.reduce((product, extent) => product * extent, 1);
  return makeTensor(
    dtype,
    shape,
    Array.from({ length: count }, (_, index) => Math.sin(index * 12.9898 + count) * 1.3),
  );
}

/** Never a stack trace, never the message of a bug. */
export const TRACE = /^\s+at .*[(:]\d+:\d+\)?$|^bug: /m;
