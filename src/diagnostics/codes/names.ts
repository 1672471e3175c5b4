// Names: E02xx and W02xx.

import type { NameProblem } from "../name-problem.ts";
import type { Entries } from "./entry.ts";

export const NAME_CODES: Entries<NameProblem["code"]> = {
  E0201: {
    meaning: "a name that stands for nothing here",
    explanation:
      "In an expression a name is a parameter of the declaration, a position or quantity such as `q`, `k` and `s`, or something that the file declares or imports. Parameters of an attention are not visible in masks that it uses: pass them as arguments.",
    wrong: "mask near = q - k < window",
    right: "mask near(window: int) = q - k < window",
  },
  E0202: {
    meaning: "an import of a name that the file does not declare",
    explanation: "Only what a file itself declares can be imported from it, not what it imports.",
    wrong: 'import { casual } from "std"\nattention a { mask casual }',
    right: 'import { causal } from "std"\nattention a { mask causal }',
  },
  E0203: {
    meaning: "a name that is already taken",
    explanation:
      "Everything that a file declares or imports shares one namespace, whatever its kind. The parameters of a declaration have different names, too, and so have the axes of a grid.",
    wrong: "mask near = q - k < 8\nfn near(x: int) = x",
    right: "mask near = q - k < 8\nfn nearest(x: int) = x",
  },
  E0204: {
    meaning: "a name that has a meaning of its own",
    explanation:
      "`b h kv q k s p Q K V O lse scale len`, the words of expressions and the names of reductions (`sum mean max min count any all rank softmax`) cannot be names of declarations or of parameters; inside a `fn` the position names are free. Declarations cannot be called like built-in functions, and axes not like those that every attention has.",
    wrong: "mask near(k: int) = q < k",
    right: "mask near(bound: int) = q < bound",
  },
  E0205: {
    meaning: "a declaration that uses itself",
    explanation:
      "Every use of a `fn`, `mask` or `score` is replaced by what it stands for, so none may lead back to itself, not even by way of others.",
    wrong: "fn half(x: int) = if x > 1 then half(x // 2) else x",
    right: "fn half(x: int) = if x > 1 then x // 2 else x",
  },
  E0206: {
    meaning: "a call of a function that does not exist",
    explanation:
      "The built-in functions are `abs min max clamp floor ceil round int sign exp exp2 log log2 sqrt rsqrt tanh sigmoid relu sin cos dot norm cosine random` and `len`. Others are declared with `fn`. Reductions such as `sum` and `mean` name an axis and stand in outputs.",
    wrong: "score cap(c: float) = c * tahn(s / c)",
    right: "score cap(c: float) = c * tanh(s / c)",
  },
  E0207: {
    meaning: "the length of something that is not an axis",
    explanation:
      "`len` takes the name of an axis: one that every attention has (`batch head kv group query key token dim value_dim`), an axis of the grid, or a new name in the axes of a captured tensor.",
    wrong: "attention a(bound: int) { mask k < len(bound) }",
    right: "attention a { mask k < len(query) }",
  },
  E0208: {
    meaning: "a coordinate on an axis that the grid does not have",
    explanation: "A `grid` clause lays the tokens out on named axes. Only its axes give coordinates: `q.y`, `k.x`.",
    wrong: "attention a { grid (y: 8, x: 8) mask q.z == k.z }",
    right: "attention a { grid (y: 8, x: 8) mask q.y == k.y }",
  },
  E0209: {
    meaning: "a name that is not visible in this place",
    explanation:
      "Masks see positions; scores also `s`, `scale` and the vectors; weights also `p` and `lse`. A sink belongs to a whole row and cannot see `k`. A `fn` sees nothing but its parameters.",
    wrong: "mask likely = s > 0.0",
    right: "score unlikely = if s > 0.0 then s else s - 8.0",
  },
  E0210: {
    meaning: "a tensor that is bound to a position which this place does not have",
    explanation:
      "The axes `batch`, `head` and `kv` of a captured tensor are bound to the current one. An alignment, for example, belongs to a batch and not to a head.",
    wrong: "attention a(offset: i32[head]) { align offset }",
    right: "attention a(offset: i32[batch]) { align offset }",
  },
  E0211: {
    meaning: "a name of another kind than this place needs",
    explanation:
      "Functions are called, tensors are indexed, masks stand in masks, scores stand alone in `score` clauses, and an attention is not part of an expression.",
    wrong: "mask near = q >= k\nscore nearer = if near then s else s - 1.0",
    right: "fn near(i: int, j: int) = i >= j\nscore nearer = if near(q, k) then s else s - 1.0",
  },
  E0212: {
    meaning: "a coordinate of something that is not a token",
    explanation: "Coordinates on the grid belong to the query's token and to the key's: `q.y` and `k.y`.",
    wrong: "attention a { grid (y: 8, x: 8) mask h.y == k.y }",
    right: "attention a { grid (y: 8, x: 8) mask q.y == k.y }",
  },
  W0201: {
    meaning: "an import that is never used",
    explanation: "Remove it, or use it.",
    wrong: 'import { causal, sinks } from "std"\nattention a { mask causal }',
    right: 'import { causal } from "std"\nattention a { mask causal }',
  },
  W0202: {
    meaning: "a parameter that is never used",
    explanation:
      "Every caller has to pass it although it changes nothing. Where it has to stay, for example to keep calls alike, a name that begins with `_` says so.",
    wrong: "mask near(window: int, size: int) = q - k < window",
    right: "mask near(window: int) = q - k < window",
  },
};
