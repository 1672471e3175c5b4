// The target for drivers in software differs from what ships in its loops and its tile alone.

import { expect, test } from "vitest";
import { compileAttention } from "../../../../src/compile.ts";
import type { Target } from "../../../../targets/target.ts";
import { webgpu } from "../../../../targets/webgpu.ts";
import { webgpuRolled } from "../../../../targets/webgpu-rolled.ts";
import { attentionOf } from "../../execute/calls.ts";

const textsFor = (target: Target<"wgsl">) => {
  const settings = { dims: { dim: 128, valueDim: 128 }, consts: {} };
  const { files } = compileAttention(attentionOf("attention t { mask q >= k output lse }"), target, settings).value[0]!
    .emission;
  return files.map(({ text }) => text.replace(/^\/\/ .*: attention compiled for .*$/m, ""));
};

/** A loop whose number of turns a driver reads in the text. */
const COUNTED = /for \(var (\w+) = 0; \1 < \d+;/;

test("no loop says how often it turns, and the rest of the text is that of the target that ships", () => {
  const [shipped, rolled] = [textsFor(webgpu), textsFor(webgpuRolled)];
  expect(shipped.join()).toMatch(COUNTED);
  expect(rolled.join()).not.toMatch(COUNTED);
  const spelt = rolled.map((text) =>
    text.replace(/\bturns\((\d+)\)/g, "$1").replace(/\n\/\/ The same number[^\n]*\nfn turns[^}]*}\n/, ""),
  );
  expect(spelt.map((text) => text.trimEnd())).toEqual(shipped.map((text) => text.trimEnd()));
});
