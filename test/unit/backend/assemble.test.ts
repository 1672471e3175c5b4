// Text to bytes: a second assembler, which knows types, must agree about every kernel; and what is wrong is said with the
// place.

import { describe, expect, test } from "vitest";
import initialize from "wabt";
import { assemble, encode } from "../../../src/backend/wasm/assemble.ts";
import { overSharedMemory } from "../../../src/backend/wasm/shared-memory.ts";
import { compileAttention } from "../../../src/compile.ts";
import { attentionOf } from "../execute/calls.ts";
import { features } from "../execute/features.ts";
import { BUILDS } from "./kernel.ts";

const wabt = await initialize();
const FEATURES = { simd: true, relaxed_simd: true, bulk_memory: true, threads: true };

describe.each(Object.entries(features))("%s", (_, text) => {
  test.each(Object.entries(BUILDS))("is accepted by a second assembler, %s", (_, target) => {
    const settings = { dims: { dim: 5, valueDim: 3 }, consts: {} };
    const [kernel] = compileAttention(attentionOf(text), target, settings).value;
    const { files, description } = kernel!.emission;
    const pieces = Object.keys(description.shared).flatMap((step) => [`${step}.enter`, `${step}.piece`]);
    for (const { name, text } of files) {
      const shared = text.replace("(memory 1)", "(memory 1 65535 shared)");
      expect(overSharedMemory(encode(text), target.limits.memoryBytes)).toEqual(encode(shared));
      const other = wabt.parseWat(name, text, FEATURES);
      // Its types say nothing of the features that it takes here too.
      (other as { validate(features: typeof FEATURES): void }).validate(FEATURES);
      const bytes = new Uint8Array(other.toBinary({}).buffer);
      other.destroy();
      for (const module of [bytes, assemble(text)].map((each) => new WebAssembly.Module(each))) {
        const exported = WebAssembly.Module.exports(module).map((each) => each.name);
        expect(exported.toSorted()).toEqual([...description.steps, ...pieces].toSorted());
      }
    }
  });
});

test("the plain build has no relaxed instruction, and the relaxed one has them outside of programs only", () => {
  const attention = attentionOf("attention t(x: float = 2.0) { mask k * 2.0 + x > q score s * x + k }");
  const [plain, relaxed] = Object.values(BUILDS).map((target) => {
    const settings = { dims: { dim: 4, valueDim: 4 }, consts: {} };
    return compileAttention(attention, target, settings).value[0]!.emission.files[0]!.text;
  });
  expect(plain).not.toContain("relaxed");
  expect(relaxed).toContain("f32x4.relaxed_madd");
  const programs = relaxed!.split("(func ").filter((text) => /^\$attend\.(mask|score|scale)/.test(text));
  expect(programs).toHaveLength(3);
  for (const program of programs) expect(program).not.toContain("relaxed");
});

describe("a text that is wrong", () => {
  test("says the line of an unknown instruction", () => {
    expect(() => encode("(module\n (func (result i32)\n (i32.ad (i32.const 1))))")).toThrow(/i32\.ad[\s\S]*\(i32\.ad/);
  });

  test("says the function of a type error", () => {
    const text = "(module (func $good) (func $bad (result i32) (f32.const 1)))";
    expect(() => assemble(text)).toThrow(/expected i32, got f32.*in \$bad/);
  });

  test("says so where it is no text at all", () => {
    expect(() => assemble("(module")).toThrow(/does not assemble/);
  });
});
