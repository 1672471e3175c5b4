// The folder for WebGPU as data: shaders, one module that holds them, one runtime, and what the manifest says.

import { expect, test } from "vitest";
import { build } from "../../../src/index.ts";
import { PACKED } from "../bindings/packed.ts";

const TWO = `${PACKED}attention second(bias: f32[key]) { score s + bias[k]  weight p * p }\n`;
const { artefacts, diagnostics } = await build(TWO, { dim: 48, valueDim: 32, targets: ["wgsl"] });
const textOf = (path: string) => String(artefacts.find((artefact) => artefact.path === path)?.content);
const [packed, second] = JSON.parse(textOf("manifest.json")).attentions;

test("a build holds one shader a step, a module an attention, one runtime and the manifest", () => {
  expect(diagnostics).toEqual([]);
  const modules = ["packed", "second"].flatMap((name) =>
    ["ts", "js", "d.ts", "functions.wgsl"].map((ending) => `wgsl/${name}.${ending}`),
  );
  const steps = [packed, second].flatMap(({ targets }) =>
    targets.wgsl.kernels.map(({ file }: { file: string }) => file),
  );
  expect(second.targets.wgsl.steps).toEqual(["statistics", "replay"]);
  expect(steps).toContain("wgsl/second.replay.wgsl");
  const shared = ["wgsl/attnc-runtime.js", "wgsl/attnc-runtime.d.ts", "wgsl/package.json"];
  expect(artefacts.map(({ path }) => path).sort()).toEqual([...modules, ...steps, ...shared, "manifest.json"].sort());
});

test("the module holds the very texts of the files", async () => {
  const runtime = `data:text/javascript,${encodeURIComponent(textOf("wgsl/attnc-runtime.js"))}`;
  const module = textOf("wgsl/second.js").replaceAll("./attnc-runtime.js", runtime);
  const { shaders, functions } = await import(`data:text/javascript,${encodeURIComponent(module)}`);
  for (const [file, text] of Object.entries(shaders)) expect(text).toBe(textOf(`wgsl/${file}`));
  expect(functions).toBe(textOf("wgsl/second.functions.wgsl"));
  expect(Object.keys(shaders)).toHaveLength(second.targets.wgsl.kernels.length);
});

test("the manifest tells what a device must offer", () => {
  expect(packed.targets.wgsl).toMatchObject({
    module: "wgsl/packed.js",
    limits: { maxComputeInvocationsPerWorkgroup: expect.any(Number), dim: 256 },
    errorBound: { accumulation: "f32" },
  });
});
