// What a worker of a kernel runs: an instance of its own over the memory of all, and then one task after the other. Every
// message gets one answer. It never waits for another thread, and so can never be waited for in vain.

import { type StepFunctions, work } from "./share.ts";
import type { Answer, SetUp, Task } from "./tasks.ts";

let functions: StepFunctions = {};

function answer(message: SetUp | Task): Answer {
  try {
    if ("module" in message) {
      const { module, memory } = message;
      functions = new WebAssembly.Instance(module, { attnc: { memory } }).exports as StepFunctions;
    } else if (message.share) work(message.step, message.block, message.share, functions);
    else functions[message.step]!(message.block);
    return {};
  } catch (error) {
    return { failure: String(error) };
  }
}

type NodePort = {
  postMessage(message: Answer): void;
  on(event: "message", listener: (message: SetUp | Task) => void): void;
};

/** No top-level await: bundlers may turn a worker into a classic script. */
async function serveInNode(): Promise<void> {
  const threads = "node:worker_threads";
  const { parentPort } = (await import(/* @vite-ignore */ /* webpackIgnore: true */ threads)) as {
    readonly parentPort: NodePort;
  };
  parentPort.on("message", (message) => parentPort.postMessage(answer(message)));
}

if (typeof postMessage === "undefined") void serveInNode();
else addEventListener("message", ({ data }: MessageEvent<SetUp | Task>) => postMessage(answer(data)));
