import { expect, test } from "vitest";
import { describePlan } from "../../../src/diagnostics/describe-plan.ts";
import type { PlanProblem } from "../../../src/diagnostics/plan-problem.ts";

const at = { file: 0, start: 10, end: 14 };

test.each<[PlanProblem, string, string]>([
  [
    {
      ...{ code: "E0601", kind: "element-type-unsupported", at, tensor: "bias", element: "f16" },
      ...{ target: "wasm", supported: ["f32", "i32"] },
    },
    "the target `wasm` cannot read `bias`, a captured tensor of f16",
    "declare it as `bias: f32[...]` and convert it before the call",
  ],
  [
    { code: "E0602", kind: "dim-out-of-range", at, axis: "value_dim", size: 0, largest: 1024, target: "wasm" },
    "value_dim is 0, but the target `wasm` takes 1 to 1024",
    "pass a whole number from 1 to 1024, such as `--value-dim 64`",
  ],
  [
    { code: "E0603", kind: "buffer-name-taken", at, tensor: "key_lengths" },
    "a captured tensor cannot be called `key_lengths`",
    "give it another name, such as `my_key_lengths`",
  ],
  [
    { code: "E0607", kind: "too-many-operations", at, count: 9000, most: 8000, target: "wasm" },
    "the expressions of this attention take 9000 operations, but a kernel for `wasm` takes 8000",
    "put what can be computed ahead of the call into a captured tensor, such as `bias: f32[query, key]`",
  ],
])("$code says what is wrong and what to type", (problem, title, hint) => {
  expect(describePlan(problem)).toMatchObject({
    code: problem.code,
    severity: "error",
    title,
    hint,
    primary: { span: at },
  });
});
