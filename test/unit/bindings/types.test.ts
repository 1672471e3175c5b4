// The types of a module, by the compiler that users have: what is right passes `tsc --strict`, what is wrong does not.

import { spawnSync } from "node:child_process";
import { existsSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { buildFolder, PACKED } from "./packed.ts";

const root = new URL("../../..", import.meta.url).pathname;
const tsc = join(root, "node_modules/.bin/tsc");

const GRID = "attention tiles(const w: int = 3) { grid (y, x)  mask abs(q.y - k.y) < w }\n";

const CONSUMER = `
import { AttentionInputError, load, type Packed, type PackedCall, type PackedResult } from "./wasm/packed.js";
import { load as loadTiles } from "./wasm/tiles.js";

const floats = new Float32Array(1024);
const rows = {
  query: { data: floats, shape: [1, 2, 8, 64] },
  key: { data: floats, shape: [1, 1, 8, 64] },
  value: { data: floats, shape: [1, 1, 8, 64] },
} as const;
const tensors = { doc: { data: new Int32Array(8), shape: [1, 8] } } as const;

const kernel: Packed = await load();
const call: PackedCall = { ...rows, tensors, params: { window: 4 } };
const result: PackedResult = kernel.run(call);
const out: Float32Array = result.out.data;
const [batch, heads, queries, valueDim]: readonly [number, number, number, 64] = result.out.shape;
const lse: Float32Array = result.lse.data;
kernel.run({ ...call, params: { window: 4, cap: 20 }, keyLengths: [8], queryStart: 0, layout: "bnhd" });
console.log(out.length, batch, heads, queries, valueDim, lse.length, AttentionInputError.name);

// @ts-expect-error a parameter without a default is missing
kernel.run({ ...rows, tensors, params: {} });
// @ts-expect-error a parameter of another name
kernel.run({ ...rows, tensors, params: { window: 4, caps: 20 } });
// @ts-expect-error a parameter of another type
kernel.run({ ...rows, tensors, params: { window: "4" } });
// @ts-expect-error a captured tensor is missing
kernel.run({ ...rows, params: { window: 4 } });
// @ts-expect-error a captured tensor of another element type
kernel.run({ ...call, tensors: { doc: { data: new Float32Array(8), shape: [1, 8] } } });
// @ts-expect-error a captured tensor of another rank
kernel.run({ ...call, tensors: { doc: { data: new Int32Array(8), shape: [8] } } });
// @ts-expect-error a query of another type
kernel.run({ ...call, query: { data: new Float64Array(8), shape: [1, 2, 8, 64] } });
// @ts-expect-error a query of another dim
kernel.run({ ...call, query: { data: floats, shape: [1, 2, 8, 32] } });
// @ts-expect-error a layout that is not known
kernel.run({ ...call, layout: "hbnd" });
// @ts-expect-error a grid that this attention does not have
kernel.run({ ...call, axes: { y: 4 } });

const tiles = await loadTiles();
const tiled = tiles.run({ ...rows, axes: { y: 2, x: 4 } });
// @ts-expect-error an extent of the grid is missing
tiles.run({ ...rows, axes: { y: 2 } });
// @ts-expect-error a const parameter is not passed
tiles.run({ ...rows, axes: { y: 2, x: 4 }, params: { w: 3 } });
// @ts-expect-error an output that was not asked for
tiled.lse;
`;

const WEBGPU_CONSUMER = `
import { load, type Packed, type PackedBuffers, requiredFeatures, requiredLimits } from "./wgsl/packed.js";
import { load as loadTiles } from "./wgsl/tiles.js";

export async function attend(adapter: GPUAdapter, pass: GPUComputePassEncoder, buffer: GPUBuffer): Promise<number> {
  const device = await adapter.requestDevice({ requiredFeatures, requiredLimits });
  const kernel: Packed = await load(device);
  const rows = { buffer, shape: [1, 2, 8, 64], offset: 4, strides: [1024, 512, 64, 1] } as const;
  const call: PackedBuffers = {
    ...{ query: rows, key: rows, value: rows, out: rows, lse: { buffer, shape: [1, 2, 8] } },
    ...{ tensors: { doc: { buffer, shape: [1, 8] } }, params: { window: 4 } },
  };
  const encoded = kernel.encode(pass, call);
  await encoded.accepted;
  encoded.destroy();
  const { lse, ...others } = call;
  // @ts-expect-error an output that the attention has is missing
  kernel.encode(pass, others);
  // @ts-expect-error a query of another dim
  kernel.encode(pass, { ...call, query: { buffer, shape: [1, 2, 8, 32] } });
  // @ts-expect-error a typed array where a buffer belongs
  kernel.encode(pass, { ...call, query: { data: new Float32Array(8), shape: [1, 2, 8, 64] } });
  // @ts-expect-error strides of a captured tensor, which is contiguous
  kernel.encode(pass, { ...call, tensors: { doc: { buffer, shape: [1, 8], strides: [8, 1] } } });
  // @ts-expect-error an extent of the grid is missing
  (await loadTiles(device)).encode(pass, { query: rows, key: rows, value: rows, out: rows, axes: { y: 2 } });
  return lse.shape[2];
}
`;

const STRICT = {
  ...{ strict: true, exactOptionalPropertyTypes: true, noUncheckedIndexedAccess: true, noUnusedLocals: true },
  ...{ verbatimModuleSyntax: true, isolatedModules: true, noPropertyAccessFromIndexSignature: true, noEmit: true },
  ...{ target: "es2022", skipLibCheck: false },
};

let built: Awaited<ReturnType<typeof buildFolder>>;
beforeAll(async () => {
  built = await buildFolder(`${PACKED}${GRID}`, 64, 64, "f32", ["wasm", "wgsl"]);
  writeFileSync(join(built.folder, "consumer.ts"), CONSUMER);
  writeFileSync(join(built.folder, "webgpu-consumer.ts"), WEBGPU_CONSUMER);
  writeFileSync(join(built.folder, "package.json"), '{ "type": "module" }');
  symlinkSync(join(root, "node_modules"), join(built.folder, "node_modules"));
}, 60_000);
afterAll(() => built.remove());

/** The complaints of the compiler, empty where there are none. */
function complaints(options: object, file = "consumer.ts"): string {
  writeFileSync(
    join(built.folder, "tsconfig.json"),
    JSON.stringify({ compilerOptions: { ...STRICT, ...options }, files: [file] }),
  );
  return spawnSync(tsc, ["-p", built.folder], { encoding: "utf8" }).stdout;
}

const SETTINGS = {
  "a bundler for browsers": { module: "esnext", moduleResolution: "bundler", lib: ["es2022", "dom"], types: [] },
  "Node with the types of Node": { module: "nodenext", lib: ["es2022"], types: ["node"] },
};

test.each(Object.entries(SETTINGS))("right calls pass and wrong ones do not, for %s", (_, options) => {
  expect(complaints(options)).toBe("");
});

test("a module for WebGPU needs no more than the types of the DOM", () => {
  expect(complaints(SETTINGS["a bundler for browsers"], "webgpu-consumer.ts")).toBe("");
});

test("the declarations alone say the same as the source", () => {
  for (const name of ["wasm/packed", "wasm/tiles", "wgsl/packed", "wgsl/tiles"])
    rmSync(join(built.folder, `${name}.ts`));
  expect(existsSync(join(built.folder, "wasm/packed.d.ts"))).toBe(true);
  expect(complaints(SETTINGS["a bundler for browsers"])).toBe("");
  expect(complaints(SETTINGS["a bundler for browsers"], "webgpu-consumer.ts")).toBe("");
});

test("the compiler of this test does complain", () => {
  writeFileSync(join(built.folder, "consumer.ts"), "export const wrong: string = 1;\n");
  expect(complaints(SETTINGS["a bundler for browsers"])).toContain("TS2322");
});
