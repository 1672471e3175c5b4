// The compiled levels beside the reference: the choice is an earlier step, and the pass over the keys reads it as a mask.

import { describe, expect, test } from "vitest";
import { optimizedRunner } from "../../src/execute/run-ir.ts";
import { planCase, runProgram } from "../../src/execute/run-plan.ts";
import { wasmRunner } from "../../src/execute/run-wasm.ts";
import { attend } from "../../src/reference/attention.ts";
import { validateProgram } from "../../src/schedule/validate.ts";
import { compiledCalls } from "./compiled.ts";

const cases = compiledCalls();

test("a good part of the systems is compiled", () => expect(cases.length).toBeGreaterThan(20));

describe.for(cases)("$name", ({ given }) => {
  const wanted = attend(given).out;

  test("expressions", async () => {
    expectClose((await optimizedRunner.run(given)).out, wanted);
  });

  test("WebAssembly", async () => {
    const { out } = await wasmRunner.run(given);
    // Sums of at most a few hundred products of numbers below 2, in f32.
    for (let at = 0; at < wanted.length; at++) {
      expect(Math.abs(out[at]! - wanted[at]!), `element ${at}`).toBeLessThan(2e-5);
    }
  });

  test("plan", () => {
    const program = planCase(given);
    expect(validateProgram(program)).toEqual([]);
    expectClose(runProgram(program, given).result.out, wanted);
  });
});

function expectClose(found: ArrayLike<number>, wanted: ArrayLike<number>): void {
  for (let at = 0; at < wanted.length; at++) {
    expect(Math.abs(found[at]! - wanted[at]!), `element ${at}`).toBeLessThan(1e-9);
  }
}
