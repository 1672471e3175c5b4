// What a caller passes: E07xx. These are named errors of the command and of generated modules, raised before anything
// runs; they point at an input, not at a file.

import type { Entries } from "./entry.ts";

export type InputCode =
  | "E0701"
  | "E0702"
  | "E0703"
  | "E0704"
  | "E0705"
  | "E0706"
  | "E0707"
  | "E0708"
  | "E0709"
  | "E0710"
  | "E0711"
  | "E0712"
  | "E0713"
  | "E0714";

export const INPUT_CODES: Entries<InputCode> = {
  E0701: {
    meaning: "a tensor is missing",
    explanation:
      "A call needs `query`, `key`, `value` and every captured tensor, each under its name. The message says which one is missing and what its axes are.",
  },
  E0702: {
    meaning: "a tensor has other elements than declared",
    explanation:
      "Elements are not converted silently where values could change: i32 is not read as f32, nor f32 as f16.",
  },
  E0703: {
    meaning: "a tensor has another shape than the call needs",
    explanation:
      "`query` is [batch, heads, queries, dim], `key` [batch, kv_heads, keys, dim], `value` [batch, kv_heads, keys, value_dim]. Extents that occur twice must agree, and so must the axes of captured tensors.",
  },
  E0704: {
    meaning: "the number of query heads is not a multiple of the number of key heads",
    explanation: "Every KV head serves the same number of query heads: 32 and 8 go together, 32 and 12 do not.",
  },
  E0705: {
    meaning: "a parameter has no value",
    explanation: "Parameters without a default are passed in every call: `--set window=128`.",
  },
  E0706: {
    meaning: "a value breaks the promise of its range",
    explanation:
      "`in low..high` is a promise of the caller on which the compiled kernel relies. It is checked for parameters and for every element of captured tensors.",
  },
  E0707: {
    meaning: "a tensor is not sorted as promised",
    explanation: "`sorted` promises that the elements along the last axis never decrease.",
  },
  E0708: {
    meaning: "a key length that is negative or more than there are keys",
    explanation: "`key_lengths` says for each batch how many keys are alive; later ones are never read.",
  },
  E0709: {
    meaning: "a dense mask that would be too large",
    explanation: "The whole mask has queries times keys entries for every head. Ask for fewer rows or columns.",
  },
  E0710: {
    meaning: "a tensor that the attention does not know",
    explanation: "Names of tensors are those of the parameters. A wrong name is often a misspelt captured tensor.",
  },
  E0711: {
    meaning: "a parameter that the attention does not have",
    explanation: "The parameters of an attention stand in its declaration, behind its name.",
  },
  E0712: {
    meaning: "a tensor file that cannot be read",
    explanation:
      "The header of a `.safetensors` or `.npy` file must fit its contents: sizes, offsets and element types are checked before anything is read.",
  },
  E0713: {
    meaning: "rows of another length than the kernel was compiled for",
    explanation:
      "The dims of queries, keys and values are fixed in an artefact. Compile it again with `--head-dim` and `--value-dim`.",
  },
  E0714: {
    meaning: "a row that sees no key, although `empty error` forbids it",
    explanation: "With `empty zero` such a row is 0, with `empty uniform` it is the mean over all keys.",
  },
};
