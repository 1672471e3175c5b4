// Two workers against one thread, our relaxed kernel in both, interleaved. On a busy machine the clock says how many cores
// were free. What the threads worked says what sharing costs: the time of one thread over that of the caller's own thread,
// which copies, and half of what the workers worked together. It takes for granted that both are free until the end.

import { interleave, median, spread, threeDigits, worked } from "../../src/cli/bench/measure.ts";
import type { KernelInputs } from "../../src/runtime/wasm.ts";
import { onThreads } from "./on-threads.ts";

const ROUNDS = 15;
const WARM_UP = 4;
/** Calls of which the threads' own time is taken together: it moves in steps. */
const CALLS = 20;

export type ThreadsCase = {
  readonly name: string;
  readonly text: string;
  readonly dim: number;
  readonly inputs: KernelInputs;
};

/** Prints one line. Throws where the two differ in a bit. */
export async function compareThreads({ name, text, dim, inputs }: ThreadsCase): Promise<void> {
  const { one, two, workers } = await onThreads(text, dim);
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
