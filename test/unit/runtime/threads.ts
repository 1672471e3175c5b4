// Kernels on one thread and on several, from text, for the tests that compare them; and workers that tests can watch and end.

import type { Worker } from "node:worker_threads";
import type { Emitted } from "../../../src/backend/backend.ts";
import { assemble } from "../../../src/backend/wasm/assemble.ts";
import { overSharedMemory } from "../../../src/backend/wasm/shared-memory.ts";
import { compileAttention } from "../../../src/compile.ts";
import { instantiate, instantiateThreads, type KernelDescription } from "../../../src/runtime/wasm.ts";
import type { StartWorker } from "../../../src/runtime/worker-port.ts";
import { BUILDS, type Build } from "../backend/kernel.ts";
import { attentionOf } from "../execute/calls.ts";

export type Watched = {
  readonly start: StartWorker;
  /** In the order of their starts. */
  readonly workers: readonly Worker[];
  /** Answers to tasks; the one to the set-up does not count. */
  tasks(): number;
};

export function watchedWorkers(): Watched {
  const workers: Worker[] = [];
  let answers = 0;
  const file = new URL("../../../src/runtime/worker.ts", import.meta.url);
  return {
    workers,
    tasks: () => answers - workers.length,
    start(WorkerClass) {
      const worker = new WorkerClass(file, { type: "module" }) as Worker;
      worker.on("message", () => answers++);
      workers.push(worker);
      return worker;
    },
  };
}

export type Change = (text: string) => string;

/** Both builds of an attention's kernel. Threads take even the smallest call, unless the test says otherwise. */
export function buildsOf(text: string, dims: { dim: number; valueDim: number }, build: Build = "plain", leastWork = 0) {
  const target = BUILDS[build];
  const { emission } = compileAttention(attentionOf(text), target, { dims, consts: {} }).value[0]!;
  const [{ text: module }] = emission.files as [Emitted];
  const description: KernelDescription = { ...emission.description, threads: { leastWork } };
  return {
    description,
    one: () => instantiate(assemble(module), description),
    onThreads: (count: number, { start }: Pick<Watched, "start">, change: Change = (same) => same) =>
      instantiateThreads(
        overSharedMemory(assemble(change(module)), target.limits.memoryBytes),
        description,
        count,
        start,
      ),
  };
}
