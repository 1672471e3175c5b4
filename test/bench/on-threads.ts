// Our relaxed kernel on one thread and on two, with the workers at hand.

import type { Worker } from "node:worker_threads";
import { assemble } from "../../src/backend/wasm/assemble.ts";
import { compileAttention } from "../../src/compile.ts";
import { instantiate, instantiateThreads } from "../../src/runtime/wasm.ts";
import { wasmRelaxed } from "../../targets/wasm-relaxed.ts";
import { attentionOf } from "../check.ts";

const WORKER = new URL("../../src/runtime/worker.ts", import.meta.url);

export async function onThreads(text: string, dim: number) {
  const settings = { dims: { dim, valueDim: dim }, consts: {} };
  const { files, description } = compileAttention(attentionOf(text), wasmRelaxed, settings).value[0]!.emission;
  const [own, common] = files.map((file) => assemble(file.text)) as [Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>];
  const workers: Worker[] = [];
  const two = await instantiateThreads(common, description, 2, (WorkerClass) => {
    const worker = new WorkerClass(WORKER, { type: "module" }) as Worker;
    workers.push(worker);
    return worker;
  });
  return { one: await instantiate(own, description), two, workers };
}
