// Two of our workers against two threads of onnxruntime-web, in a process of their own: its threads stay, and spin for a
// while after every call, so nothing of one thread is measured beside them.
//
//     npm run bench -- two-threads

import { cpus, loadavg } from "node:os";
import { interleave, median, spread, threeDigits } from "../../src/cli/bench/measure.ts";
import { onThreads } from "./on-threads.ts";
import { loadOrt, makePeer } from "./onnxruntime.ts";

const ROUNDS = { warmUp: 3, rounds: 9 };
const [heads, dim] = [8, 64];
const TEXTS = {
  full: "attention full {}",
  causal: 'import { causal } from "std" attention causal_attention { mask causal }',
} as const;

const ort = await loadOrt("onnxruntime-web", 2);
console.log(
  `${cpus()[0]?.model}, load ${loadavg()[0]!.toFixed(1)}, Node ${process.version}, ${heads} heads of dim ${dim}`,
);
if (!ort) console.log("onnxruntime-web is not installed: nothing to compare");
else for (const tokens of [1024, 2048]) for (const name of ["full", "causal"] as const) await compare(name, tokens);
// Its threads would keep the process alive.
process.exit();

async function compare(name: keyof typeof TEXTS, tokens: number): Promise<void> {
  const random = () => Float32Array.from({ length: heads * tokens * dim }, () => 2 * Math.random() - 1);
  const [query, key, value] = [random(), random(), random()];
  const { two } = await onThreads(TEXTS[name], dim);
  const tensor = (data: Float32Array) => ({ data, shape: [1, heads, tokens, dim] });
  const inputs = { query: tensor(query), key: tensor(key), value: tensor(value) };
  const sizes = { heads, kvHeads: heads, queries: tokens, keys: tokens, dim };
  const call = { ...sizes, query, key, value, causal: name === "causal" };
  const peer = await makePeer(ort!, "Attention", call);
  const [ours, theirs] = (await interleave([() => two.run(inputs), () => peer.run()], ROUNDS)) as [number[], number[]];
  two.dispose();
  const ratio = threeDigits(median(theirs) / median(ours));
  console.log(`${`${name}, ${tokens}`.padEnd(16)}${spread(ours).padEnd(28)}${spread(theirs).padEnd(28)}${ratio}×`);
}
