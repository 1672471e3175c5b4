// Two workers against one thread, our relaxed kernel in both, interleaved. On a busy machine the clock says how many cores
// were free. What the threads worked says what sharing costs: the time of one thread over that of the caller's own thread,
// which copies, and half of what the workers worked together. It takes for granted that both are free until the end.

import type { Worker } from "node:worker_threads";
import { emitProgram } from "../../src/backend/index.ts";
import { assemble } from "../../src/backend/wasm/assemble.ts";
import { interleave, median, spread, threeDigits, worked } from "../../src/cli/bench/measure.ts";
import { compileAttention } from "../../src/compile.ts";
import { instantiate, instantiateThreads, type KernelInputs } from "../../src/runtime/wasm.ts";
import { wasmRelaxed } from "../../targets/wasm-relaxed.ts";
import { attentionOf } from "../check.ts";

const ROUNDS = 15;
const WARM_UP = 4;
/** Calls of which the threads' own time is taken together: it moves in steps. */
const CALLS = 20;
const WORKER = new URL("../../src/runtime/worker.ts", import.meta.url);

export type ThreadsCase = {
  readonly name: string;
  readonly text: string;
  readonly dim: number;
  readonly inputs: KernelInputs;
};

/** Prints one line. Throws where the two differ in a bit. */
export async function compareThreads({ name, text, dim, inputs }: ThreadsCase): Promise<void> {
  const settings = { dims: { dim, valueDim: dim }, consts: {} };
  const { program } = compileAttention(attentionOf(text), wasmRelaxed, settings).value[0]!;
  const { files, description } = emitProgram(program, wasmRelaxed);
  const [own, common] = files.map((file) => assemble(file.text)) as [Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>];
  const workers: Worker[] = [];
  const one = await instantiate(own, description);
  const two = await instantiateThreads(common, description, 2, (WorkerClass) => {
    const worker = new WorkerClass(WORKER, { type: "module" }) as Worker;
    workers.push(worker);
    return worker;
  });
  const [wanted, found] = [one.run(inputs).out.data, (await two.run(inputs)).out.data];
  if (Buffer.compare(Buffer.from(wanted.buffer), Buffer.from(found.buffer)) !== 0) throw new Error(`${name} differs`);
  const runs = [() => one.run(inputs), () => two.run(inputs)];
  const [alone, together] = (await interleave(runs, { rounds: ROUNDS, warmUp: WARM_UP })) as [number[], number[]];

  const workedBy = async () => {
    // An idle worker keeps nothing alive, not even the wait for this answer.
    const awake = setInterval(() => {}, 1000);
    const usages = await Promise.all(workers.map((worker) => worker.cpuUsage()));
    clearInterval(awake);
    return usages.map(({ user, system }) => (user + system) / 1000);
  };
  const begun = worked();
  for (let call = 0; call < CALLS; call++) one.run(inputs);
  const byOne = worked() - begun;
  const [ofCaller, ofWorkers] = [worked(), await workedBy()];
  for (let call = 0; call < CALLS; call++) await two.run(inputs);
  const copied = worked() - ofCaller;
  const shared = (await workedBy()).reduce((sum, time, index) => sum + time - ofWorkers[index]!, 0);
  two.dispose();

  const clock = threeDigits(median(alone) / median(together));
  const share = threeDigits(byOne / (copied + shared / 2));
  console.log(`  ${name.padEnd(44)}${spread(alone).padEnd(26)}${spread(together).padEnd(26)}${clock}×    ${share}×`);
}
