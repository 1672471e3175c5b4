// What a target's kernels are tried on, and what a wrong one is told as: by a runner that stands for a kernel.

import { expect, test } from "vitest";
import { irRunner } from "../../../src/execute/run-ir.ts";
import type { Runner } from "../../../src/execute/runner.ts";
import { judgeTrial } from "../../../src/fuzz/judge.ts";
import { holdsNumbers, type KernelTarget } from "../../../src/fuzz/kernel.ts";
import { trialAt } from "../../../src/fuzz/trials.ts";
import type { Case } from "../../../src/spec/case.ts";
import { attentionOf, callOf } from "../execute/calls.ts";

/** A target whose kernel is the IR, and what it was called with. */
function targetOf(more: Partial<KernelTarget>, run: Runner["run"] = (call) => irRunner.run(call)) {
  const calls: Case[] = [];
  const runner: Runner = {
    level: "wgsl",
    available: () => true,
    async run(call) {
      calls.push(call);
      return run(call);
    },
  };
  const target: KernelTarget = { name: "wgsl", every: 2, calls: 4, runner: () => runner, ...more };
  return { target, calls };
}

test("one program in so many gets a kernel, called with inputs of its own and others", async () => {
  const { target, calls } = targetOf({});
  const verdicts = [];
  for (let path = 0; path < 4; path++) verdicts.push(await judgeTrial(11, path, [target]));
  expect(verdicts.map(({ failure }) => failure?.why)).toEqual([undefined, undefined, undefined, undefined]);
  expect(verdicts.map(({ statistics }) => statistics.kernels)).toEqual([{ wgsl: 4 }, {}, { wgsl: 4 }, {}]);
  const attentions = new Set(calls.map(({ attention }) => attention));
  expect(attentions.size).toBe(2);
  expect(new Set(calls.map(({ shape }) => JSON.stringify(shape))).size).toBeGreaterThan(4);
});

test("further calls keep what the kernel was compiled for", async () => {
  const hasConst = (path: number) => trialAt(12, path).sound?.call.attention.params.some((param) => param.const);
  const path = Array.from({ length: 100 }, (_, path) => path).find(hasConst)!;
  const { target, calls } = targetOf({ every: 1 });
  await judgeTrial(12, path, [target]);
  expect(calls.length).toBe(4);
  const names = calls[0]!.attention.params.filter((param) => param.const).map(({ name }) => name);
  for (const name of names) expect(new Set(calls.map(({ params }) => params[name])).size).toBe(1);
});

test("what a target promises nothing of is not tried", async () => {
  const { target, calls } = targetOf({ takes: ({ shape }) => shape.batch === 1 });
  const { statistics } = await judgeTrial(11, 0, [target]);
  expect(calls.every(({ shape }) => shape.batch === 1)).toBe(true);
  expect(statistics.kernels).toEqual({ wgsl: calls.length });
});

test("a number beyond f32, in a parameter or a tensor, is told from others", () => {
  const call = callOf(attentionOf("attention t(w: float, g: f32[token]) { mask g[k] < w }"), { params: { w: 1 } });
  expect(holdsNumbers(call)).toBe(true);
  expect(holdsNumbers({ ...call, params: { w: Number.POSITIVE_INFINITY } })).toBe(false);
  (call.tensors.g!.data as Float32Array)[3] = Number.NaN;
  expect(holdsNumbers(call)).toBe(false);
});

test("a wrong answer is made small and told under the target's name", async () => {
  const { target } = targetOf({}, async (call) => {
    const { out, ...rest } = await irRunner.run(call);
    return { ...rest, out: call.shape.keys > 8 ? out.map((value) => value + 1) : out };
  });
  const { failure } = await judgeTrial(11, 0, [target]);
  expect(failure).toMatchObject({ check: "wgsl", seed: 11, path: 0 });
  expect(failure!.why).toMatch(/^row \d+ of batch 0, head 0 has .* instead of .* ± /);
  expect(failure!.file).toContain("keys=9,");
});

test("a kernel that throws, and one that cannot run, are failures too", async () => {
  const broken = targetOf({}, async () => Promise.reject(new Error("no such pipeline")));
  expect((await judgeTrial(11, 0, [broken.target])).failure!.why).toBe("the kernel does not run: no such pipeline");
  const absent: KernelTarget = {
    ...targetOf({}).target,
    runner: () => ({ level: "wgsl", available: () => "no GPU", run: (call) => irRunner.run(call) }),
  };
  expect((await judgeTrial(11, 0, [absent])).failure!.why).toBe("the kernel cannot run here: no GPU");
});
