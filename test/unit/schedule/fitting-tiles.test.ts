// Tiles against the limits of a target: no kernel asks for more than it declares, small targets get small tiles, and where
// nothing fits a problem says up to which dim it does.

import { describe, expect, test } from "vitest";
import { compileAttention } from "../../../src/compile.ts";
import { isAttend } from "../../../src/schedule/steps.ts";
import type { RowElement, Target } from "../../../targets/target.ts";
import { webgpu } from "../../../targets/webgpu.ts";
import { attentionOf } from "../execute/calls.ts";

const attention = attentionOf("attention t { mask q >= k }");

const compile = (target: Target<"wgsl">, dim: number, valueDim = dim, element: RowElement = "f32") =>
  compileAttention(attention, target, { dims: { dim, valueDim }, element, consts: {} });

const tilesOf = (target: Target<"wgsl">, dim: number, valueDim = dim) =>
  compile(target, dim, valueDim)
    .value[0]!.program.steps.filter(isAttend)
    .map(({ plan: { tile } }) => tile);

/** Threads of the shaders and the scores that each of them has. */
const shapesOf = (target: Target<"wgsl">, dim: number) =>
  compile(target, dim)
    .value[0]!.emission.files.flatMap(({ text }) => [
      ...text.matchAll(/workgroup_size\((\d+)\)[\s\S]*?scores = array<vec4f, (\d+)>/g),
    ])
    .map(([, threads, scores]) => ({ threads: Number(threads), scores: Number(scores) }));

const smaller = (workgroup: Partial<NonNullable<Target["workgroup"]>>): Target<"wgsl"> => ({
  ...webgpu,
  workgroup: { ...webgpu.workgroup!, ...workgroup },
});

describe("no kernel asks for more than its target declares", () => {
  const dims = [1, 16, 40, 64, 72, 96, 128, 200, 256];
  const targets = [webgpu, smaller({ memoryBytes: 8192 }), smaller({ invocations: 32 })];
  for (const element of ["f32", "f16"] as const) {
    test.each(dims)(`${element}, dim %i`, (dim) => {
      for (const target of targets) {
        for (const valueDim of dims) {
          const { value, problems } = compile(target, dim, valueDim, element);
          expect(problems).toEqual([]);
          const { limits } = value[0]!.emission.description;
          expect(limits.maxComputeWorkgroupStorageSize).toBeLessThanOrEqual(target.workgroup!.memoryBytes);
        }
      }
    });
  }
});

test("the target's own tiles where they fit", () => {
  for (const dim of [65, 128, 256]) expect(tilesOf(webgpu, dim)).toEqual([webgpu.tile, webgpu.split!.tile]);
});

describe("the larger tile", () => {
  const larger = webgpu.largerTiles![0]!;

  test("for short rows", () => {
    for (const dim of [1, 17, 64]) expect(tilesOf(webgpu, dim)).toEqual([larger.tile, webgpu.split!.tile]);
    expect(tilesOf(webgpu, 64, 65)[0]).toEqual(webgpu.tile);
  });

  test("with as many threads that own as many more keys", () => {
    const [own] = shapesOf(webgpu, 64);
    expect(own).toEqual({ threads: 64, scores: 8 });
    expect(shapesOf(webgpu, 65)[0]).toEqual({ threads: 64, scores: 4 });
  });

  test("not where it does not fit, though the target's own does", () => {
    const { maxComputeWorkgroupStorageSize: bytes } = compile(webgpu, 64).value[0]!.emission.description.limits;
    expect(tilesOf(smaller({ memoryBytes: bytes }), 64)[0]).toEqual(larger.tile);
    expect(tilesOf(smaller({ memoryBytes: bytes - 1 }), 64)[0]).toEqual(webgpu.tile);
  });

  test("not for kernels that remember much of their rows", () => {
    const names = Array.from({ length: 13 }, (_, index) => `a${index}`);
    const tensors = names.map((name) => `${name}: f32[query]`).join(", ");
    const captured = attentionOf(
      `attention t(${tensors}) { score s ${names.map((name) => `+ ${name}[q]`).join(" ")} }`,
    );
    const { value } = compileAttention(captured, webgpu, { dims: { dim: 64, valueDim: 64 }, consts: {} });
    expect(value[0]!.program.steps.filter(isAttend)[0]!.plan.tile).toEqual(webgpu.tile);
  });
});

test("halves of them where they do not", () => {
  const [tile, few] = tilesOf(smaller({ memoryBytes: 8192 }), 128);
  expect(tile).toEqual({ queries: 16, keys: 32 });
  expect(few).toEqual({ queries: 8, keys: 32 });
  expect(tilesOf(smaller({ invocations: 32 }), 64)).toEqual([
    { queries: 16, keys: 32 },
    { queries: 8, keys: 64 },
  ]);
});

test("a problem, with the largest dim, where nothing fits", () => {
  const tiny = smaller({ memoryBytes: 2048 });
  const { value, problems } = compile(tiny, 200, 16);
  expect(value).toEqual([]);
  expect(problems).toMatchObject([{ code: "E0602", kind: "dim-out-of-range", axis: "dim", size: 200 }]);
  const { largest } = problems[0] as unknown as { largest: number };
  expect(compile(tiny, largest).problems).toEqual([]);
  expect(compile(tiny, largest + 1).problems).not.toEqual([]);
});
