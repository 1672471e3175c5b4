// Types and arithmetic: E03xx and W03xx.

import type { TypeProblem } from "../type-problem.ts";
import type { Entries } from "./entry.ts";

export const TYPE_CODES: Entries<TypeProblem["code"]> = {
  E0301: {
    meaning: "a value of another type than this place needs",
    explanation:
      "Values are ints, floats and bools. A mask is a bool, scores and weights are floats, indices are ints. An int becomes a float where a float is wanted; nothing else changes its type by itself.",
    wrong: "mask near = q - k",
    right: "mask near = q - k < 128",
  },
  E0302: {
    meaning: "an operator with an operand of another type than it takes",
    explanation:
      "`+ - * / // % **` take numbers, `| & ^ << >>` take ints, and `and or not` take bools. A bool is not a number.",
    wrong: "mask near = q - k < 8 and k",
    right: "mask near = q - k < 8 and k != 0",
  },
  E0303: {
    meaning: "an `if` whose two values have different types",
    explanation: "An expression has one type. Only an int beside a float becomes a float.",
    wrong: "mask near = if h < 2 then true else 0",
    right: "mask near = if h < 2 then true else false",
  },
  E0304: {
    meaning: "a built-in function with too few or too many arguments",
    explanation: "`clamp` takes three arguments, `min`, `max` and `random` take several, most others take one.",
    wrong: "mask near = clamp(q - k, 0) == q - k",
    right: "mask near = clamp(q - k, 0, 8) == q - k",
  },
  E0305: {
    meaning: "a built-in function with an argument of another type than it takes",
    explanation:
      "`dot`, `norm` and `cosine` compare row vectors, which are written in upper case; `random` takes ints; all others take numbers.",
    wrong: "score nearest = s * cosine(q, k)",
    right: "score nearest = s * cosine(Q, K)",
  },
  E0306: {
    meaning: "a division by zero in every case",
    explanation:
      "At run time dividing by zero gives 0. A divisor that is always 0 can only be a mistake, so it is refused.",
    wrong: "mask even = (q - k) % 0 == 0",
    right: "mask even = (q - k) % 2 == 0",
  },
  E0307: {
    meaning: "a type that does not exist here",
    explanation:
      "Parameters are `int`, `float` or `bool`. The elements of captured tensors have sizes: `f32 f16 bf16 i32 u8 bool`.",
    wrong: "mask near(window: i32) = q - k < window",
    right: "mask near(window: int) = q - k < window",
  },
  E0308: {
    meaning: "a comparison of values that cannot be compared",
    explanation: "Numbers are compared with numbers. Bools are compared with bools, by `==` and `!=` only.",
    wrong: "mask near = (q >= k) == 1",
    right: "mask near = q >= k",
  },
  E0309: {
    meaning: "a float where an int is needed",
    explanation:
      "A float never becomes an int by itself, because there are several ways to round: `floor`, `ceil`, `round` (half to even) and `int` (toward zero).",
    wrong: "attention a(doc: i32[token]) { mask doc[k / 2] == 0 }",
    right: "attention a(doc: i32[token]) { mask doc[k // 2] == 0 }",
  },
  E0310: {
    meaning: "a row that is reduced over an axis that it does not have",
    explanation:
      "A query row belongs to a batch, a head and a query; rows of keys and values to a batch, a KV head and a key. Only over these can they be summed or averaged.",
    wrong: "sparsity a { blocks 8 x 8 score dot(mean[key] Q, mean[key] K) keep top 1 }",
    right: "sparsity a { blocks 8 x 8 score dot(mean[query] Q, mean[key] K) keep top 1 }",
  },
  E0311: {
    meaning: "an axis that is left over",
    explanation:
      "A block has one score, a token one sort key, and an output at most a query or a key axis. What depends on more has to be reduced.",
    wrong: "sparsity a { blocks 8 x 8 score mean[query] s keep top 1 }",
    right: "sparsity a { blocks 8 x 8 score mean[query] max[key] s keep top 1 }",
  },
  W0301: {
    meaning: "a decision by computed floats",
    explanation:
      "What a query sees is decided in 32-bit floats. Ints, comparisons of stored or `random` values with constants, and `min max abs` decide alike on every target. Other float arithmetic may differ in its last bit from target to target, so pairs next to the boundary may be decided differently; `verify` names such pairs.",
    wrong: "mask near = q / 2 < k * 1.5",
    right: "mask near = q < 3 * k",
  },
  W0302: {
    meaning: "an index that is not proved to lie in its tensor",
    explanation:
      "An index outside of the tensor reads its first or last element. Where that is meant, say so with `clamp`; `q`, `k` and their coordinates are known to be in range.",
    wrong: "attention a(doc: i32[token]) { mask doc[k - 1] == 0 }",
    right: "attention a(doc: i32[token]) { mask doc[max(k - 1, 0)] == 0 }",
  },
};
