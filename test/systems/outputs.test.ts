// The compiled levels beside the reference, on attentions that name statistics of their map as outputs.

import { describe, expect, test } from "vitest";
import { irRunner, optimizedRunner } from "../../src/execute/run-ir.ts";
import { planCase, runProgram } from "../../src/execute/run-plan.ts";
import { wasmRunner } from "../../src/execute/run-wasm.ts";
import { lowerAttention } from "../../src/ir/lower.ts";
import { validate } from "../../src/ir/validate.ts";
import { optimize } from "../../src/passes/index.ts";
import { attend } from "../../src/reference/attention.ts";
import { printProgram } from "../../src/schedule/print.ts";
import { printLoops } from "../../src/schedule/print-loops.ts";
import { validateProgram } from "../../src/schedule/validate.ts";
import type { Result } from "../../src/spec/case.ts";
import { wasmSimd128 } from "../../targets/wasm-simd128.ts";
import { webgpu } from "../../targets/webgpu.ts";
import { WITH_OUTPUTS } from "./all.ts";
import { caseOf } from "./case.ts";
import { draw } from "./dense.ts";

const cases = WITH_OUTPUTS.flatMap((system) =>
  system.calls.map((call, place) => ({
    name: `${system.name}, call ${place}`,
    given: caseOf(system.attn, draw(call, place + 1)),
  })),
);

describe.for(cases)("$name", ({ given }) => {
  const wanted = attend(given);

  test("expressions", async () => {
    const lowered = lowerAttention(given.attention, { consts: given.params });
    expect(validate(lowered)).toEqual([]);
    expect(validate(optimize(lowered))).toEqual([]);
    expectClose(await irRunner.run(given), wanted, 1e-9);
    expectClose(await optimizedRunner.run(given), wanted, 1e-9);
  });

  test("WebAssembly", async () => {
    // Sums of at most a hundred numbers below 1, in f32.
    expectClose(await wasmRunner.run(given), wanted, 2e-5);
  });

  test.for([wasmSimd128, webgpu])("plan for $name", (target) => {
    const program = planCase(given, target);
    expect(validateProgram(program)).toEqual([]);
    // Whoever reads a plan finds every fold in it, as a decision and as a loop.
    for (const text of [printProgram(program), printLoops(program)]) {
      for (const name of Object.keys(wanted.named!)) expect(text).toContain(`step fold.${name}`);
    }
    expectClose(runProgram(program, given).result, wanted, 1e-9);
  });
});

function expectClose({ named }: Result, wanted: Result, within: number): void {
  expect(Object.keys(named!)).toEqual(Object.keys(wanted.named!));
  for (const [name, { data, shape }] of Object.entries(wanted.named!)) {
    expect(named![name]!.shape).toEqual(shape);
    for (let at = 0; at < data.length; at++) {
      expect(Math.abs(named![name]!.data[at]! - data[at]!), `${name}, element ${at}`).toBeLessThan(within);
    }
  }
}
