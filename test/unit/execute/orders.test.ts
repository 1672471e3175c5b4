// Orders of storage below the reference: expressions, the plan, and WebAssembly.

import { describe, expect, test } from "vitest";
import { optimizedRunner } from "../../../src/execute/run-ir.ts";
import { planCase, planRunner } from "../../../src/execute/run-plan.ts";
import { wasmRunner } from "../../../src/execute/run-wasm.ts";
import { attend } from "../../../src/reference/attention.ts";
import { validateProgram } from "../../../src/schedule/validate.ts";
import { attentionOf } from "./calls.ts";
import { orderCalls } from "./order-calls.ts";
import { changedElements, movedElements } from "./order-laws.ts";
import { orders } from "./orders.ts";
import { tilesAreSkipped } from "./skipping.ts";

const RUNNERS = [
  { runner: optimizedRunner, tolerance: 1e-9 },
  { runner: planRunner, tolerance: 1e-9 },
  { runner: wasmRunner, tolerance: 5e-5 },
];

describe.each(Object.entries(orders))("%s", (_, text) => {
  const calls = orderCalls(attentionOf(text));

  test.each(RUNNERS)("$runner.level", async ({ runner, tolerance }) => {
    for (const call of calls) {
      const [found, wanted] = [await runner.run(call), attend(call)];
      for (const name of ["out", "lse"] as const) {
        for (const [at, got] of (found[name] ?? []).entries()) {
          const exact = wanted[name]![at]!;
          if (got !== exact && !(Math.abs(got - exact) < tolerance)) expect(got, `${name} ${at}`).toBe(exact);
        }
      }
    }
  });

  test("programs are well-formed", () => {
    for (const call of calls) expect(validateProgram(planCase(call))).toEqual([]);
  });
});

test("what is moved comes back to where it was, and an order of ties changes no bit", async () => {
  expect(await movedElements(wasmRunner.run)).toBe(0);
  expect(await changedElements(wasmRunner.run)).toBe(0);
});

test("tiles are skipped in the order, and only there", async () => {
  const { ordered, asTheyAre, worst } = await tilesAreSkipped(wasmRunner.run);
  expect({ ordered, asTheyAre }).toEqual({ ordered: true, asTheyAre: false });
  expect(worst).toBeLessThan(5e-5);
});
