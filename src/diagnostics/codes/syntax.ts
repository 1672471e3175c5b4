// The text of a file: E01xx.

import type { SyntaxProblem } from "../syntax-problem.ts";
import type { Entries } from "./entry.ts";

export const SYNTAX_CODES: Entries<SyntaxProblem["code"]> = {
  E0101: {
    meaning: "a character that no word or sign of the language begins with",
    explanation:
      "Outside of comments and file names a file is made of ASCII letters, digits and the signs of formulas.",
    wrong: "mask near = q - k < 8 §",
    right: "mask near = q - k < 8",
  },
  E0102: {
    meaning: "a file name in quotes that does not end on its line",
    explanation: "The name of a file stands in double quotes, which close on the line where they open.",
    wrong: 'import { causal } from "std',
    right: 'import { causal } from "std"\nmask all_before = causal',
  },
  E0103: {
    meaning: "a number in a form that is not read",
    explanation:
      "Numbers are decimal. A float has a digit on both sides of its dot, so that `0..1` can be the range 0 to 1.",
    wrong: "score half = s * .5",
    right: "score half = s * 0.5",
  },
  E0104: {
    meaning: "a number that does not fit into 32 bits",
    explanation: "Ints reach from -2147483648 to 2147483647, floats are those of 32 bits.",
    wrong: "mask near = q - k < 3000000000",
    right: "mask near = q - k < 2000000000",
  },
  E0105: {
    meaning: "something is missing",
    explanation:
      "The text so far is incomplete. The problem points at the place where something has to be added, behind the last word that was understood.",
    wrong: "mask near q - k < 8",
    right: "mask near = q - k < 8",
  },
  E0106: {
    meaning: "something that does not belong where it stands",
    explanation: "What comes before it is complete, and it cannot go on like this.",
    wrong: "mask near = q - k < 8)",
    right: "mask near = q - k < 8",
  },
  E0107: {
    meaning: "a sign or a word of another language",
    explanation: "Operators are those of Python. The hint says how the same thing is written here.",
    wrong: "mask near = q >= k && q - k < 8",
    right: "mask near = q >= k and q - k < 8",
  },
  E0108: {
    meaning: "a word where a declaration begins that begins none",
    explanation:
      "A file is a list of declarations: `import`, `fn`, `mask`, `score` and `attention`. Clauses stand inside the braces of an attention.",
    wrong: "masks near = q - k < 8",
    right: "mask near = q - k < 8",
  },
  E0109: {
    meaning: "a word where a clause begins that begins none",
    explanation:
      "An attention is a list of clauses: `grid`, `mask`, `score`, `scale`, `normalize`, `empty`, `weight`, `align` and `output`. Often the expression before lacks an operator.",
    wrong: "attention a { msk q >= k }",
    right: "attention a { mask q >= k }",
  },
  E0110: {
    meaning: "a clause that may stand once stands twice",
    explanation:
      "Masks, scores and weights may stand any number of times. Every other clause chooses one thing for the whole attention.",
    wrong: "attention a { scale 0.5 scale 0.25 }",
    right: "attention a { scale 0.25 }",
  },
  E0111: {
    meaning: "a reserved word where a name belongs",
    explanation: "`if then else and or not true false` cannot be names.",
    wrong: "mask not = q >= k",
    right: "mask hidden = not q >= k",
  },
  E0112: {
    meaning: "an `if` without an `else`",
    explanation: "`if` is an expression, so it has a value in every case.",
    wrong: "score far = if q - k > 8 then s - 1.0",
    right: "score far = if q - k > 8 then s - 1.0 else s",
  },
  E0113: {
    meaning: "an empty file",
    explanation: "A file holds at least one declaration or comment.",
  },
  E0114: {
    meaning: "a file that is too large",
    explanation:
      "Files are limited to a size that no program needs. Large tables are captured tensors, not text: `table: f32[head, n]`.",
  },
  E0115: {
    meaning: "brackets, conditions or prefixes nested too deeply",
    explanation:
      "Every bracket, `if`, `not`, `-` and `**` inside another one is a level. Give the inner parts names with `fn`.",
  },
  E0116: {
    meaning: "an expression with too many terms",
    explanation:
      "An expression becomes code that runs for every pair of a query and a key. Many numbers belong into a captured tensor that is indexed.",
  },
  E0117: {
    meaning: "an import that leads to no file",
    explanation: '`from` names `"std"` or the path of a file, relative to the file that imports it.',
    wrong: 'import { near } from "./nowhere.attn"\nmask also_near = near',
    right: 'import { causal } from "std"\nmask also_causal = causal',
  },
  E0118: {
    meaning: "files that import each other in a circle",
    explanation: "Move what both files need into a third one, and import that from both.",
  },
  E0119: {
    meaning: "a name that is imported twice from the same file",
    explanation: "Remove one of the two.",
    wrong: 'import { causal, causal } from "std"\nmask before = causal',
    right: 'import { causal } from "std"\nmask before = causal',
  },
  E0120: {
    meaning: "an opening bracket without its closing one",
    explanation:
      "Brackets stand in pairs. The second place that is shown is where the closing one was missed at the latest.",
    wrong: "mask near = (q - k < 8",
    right: "mask near = (q - k < 8)",
  },
};
