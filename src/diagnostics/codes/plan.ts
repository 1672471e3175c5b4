// Fitting a program to a target: E06xx.

import type { PlanProblem } from "../plan-problem.ts";
import type { Entries } from "./entry.ts";

export const PLAN_CODES: Entries<PlanProblem["code"]> = {
  E0601: {
    meaning: "a captured tensor whose elements the target cannot read",
    explanation:
      "Targets differ in the floats that they read: bf16 is one of few. Declare the tensor with elements that the target has, and convert it before the call.",
    wrong: "attention a(bias: bf16[head]) { score s + bias }",
    right: "attention a(bias: f32[head]) { score s + bias }",
  },
  E0602: {
    meaning: "rows that are empty or too long for the target",
    explanation:
      "A whole row of queries, keys and values is kept at hand while a tile is computed. The dims are given with `--head-dim` and `--value-dim`.",
  },
  E0603: {
    meaning: "a captured tensor with the name of a buffer",
    explanation: "Every attention has tensors of its own, and names of captured tensors stand beside theirs.",
  },
  E0604: {
    meaning: "a `const` parameter without a value",
    explanation:
      "The value of a `const` parameter is put into the kernel. Give it with `--set NAME=VALUE`, or give it a default.",
    wrong: "attention a(const window: int) { mask 0 <= q - k < window }",
    right: "attention a(const window: int = 128) { mask 0 <= q - k < window }",
  },
  E0606: {
    meaning: "queries, keys and values of a type that the target does not take",
    explanation:
      "Kernels for WebAssembly take query and give out as f32, and store key and value as f32 or, with `--dtype f16`, as halves: its vectors compute with f32 alone. Convert bf16 before the call.",
  },
  E0608: {
    meaning: "a construct that the target does not compute yet",
    explanation:
      "The file is right, and the reference interpreter computes it by its definition. Kernels for it are not made yet.",
  },
  E0609: {
    meaning: "`permute auto` that depends on a parameter without a default",
    explanation:
      "The order is chosen when the kernel is made, by how many tiles the masks visit under each at a usual size. For that, every parameter that they read needs a value.",
    wrong: "attention a(window: int) { grid (y, x) mask abs(q.y - k.y) < window permute auto }",
    right: "attention a(window: int = 7) { grid (y, x) mask abs(q.y - k.y) < window permute auto }",
  },
  E0607: {
    meaning: "expressions that are larger than a kernel can be",
    explanation:
      "The operations of masks, scores and weights are printed one after the other and run for every pair of query and key. What can be computed ahead of the call belongs into a captured tensor.",
  },
};
