// What a caller passes: E07xx. These are named errors of the command and of generated modules, raised before anything
// runs; they point at an input, not at a file. The numbers are those of src/runtime/errors.ts, which generated modules
// carry with them.

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
  | "E0714"
  | "E0715"
  | "E0716"
  | "E0717"
  | "E0718";

export const INPUT_CODES: Entries<InputCode> = {
  E0701: {
    meaning: "an input has a name that the attention does not know",
    explanation:
      "Names of tensors, parameters and axes are those of the attention's declaration. A name that it does not know is often a misspelt one that it does.",
  },
  E0702: {
    meaning: "an input is missing",
    explanation:
      "A call needs `query`, `key`, `value`, every captured tensor under its name, every parameter without a default (`--set window=128`) and the extent of every grid axis that has none of its own (`--shape y=12,x=16`).",
  },
  E0703: {
    meaning: "an input has the wrong type",
    explanation:
      "Elements are not converted silently where values could change: i32 is not read as f32, nor f32 as f16. A target that computes in f32 widens halves, which changes none; `attnc run` picks the kernel that stores key and value as they come.",
  },
  E0704: {
    meaning: "an input has the wrong shape",
    explanation:
      "`query` is [batch, heads, queries, dim], `key` [batch, kv_heads, keys, dim], `value` [batch, kv_heads, keys, value_dim]. Extents that occur twice must agree, and so must the axes of captured tensors. A kernel counts in ints of 32 bits: an extent is at most 2147483647.",
  },
  E0705: {
    meaning: "an input is outside of its declared range",
    explanation:
      "`in low..high` is a promise of the caller on which the compiled kernel relies. It is checked for parameters and for every element of captured tensors; `key_lengths` lie between 0 and the number of keys.",
  },
  E0706: {
    meaning: "an input that is declared sorted is not",
    explanation: "`sorted` promises that the elements along the last axis never decrease.",
  },
  E0707: {
    meaning: "the query heads are no multiple of the KV heads",
    explanation: "Every KV head serves the same number of query heads: 32 and 8 go together, 32 and 12 do not.",
  },
  E0708: {
    meaning: "the dims are not those that the kernel was compiled for",
    explanation:
      "The dims of queries, keys and values are fixed in an artefact. Compile it again with `--head-dim` and `--value-dim`.",
  },
  E0709: {
    meaning: "the call needs more memory than there can be",
    explanation:
      "A WebAssembly kernel has one memory of at most 4 GiB for all its tensors, and beside them only packed keys and values: it grows with the tokens, not with their square. The call is refused before anything is allocated. Split it by batch or head.",
  },
  E0710: {
    meaning: "a query row sees no key, and the attention calls that an error",
    explanation: "With `empty zero` such a row is 0, with `empty uniform` it is the mean over all keys.",
  },
  E0711: {
    meaning: "the kernel was disposed of",
    explanation: "After `dispose()` a kernel holds no memory and cannot run. Load it again.",
  },
  E0712: {
    meaning: "this engine lacks WebAssembly SIMD",
    explanation: "Kernels use 128-bit vectors, which Node 16 and browsers of 2023 have.",
  },
  E0713: {
    meaning: "a score is no number",
    explanation:
      "A score of NaN or +inf has no softmax. It comes from such a number in a live row of `query` or `key`, or from a formula that leaves the range of floats. A score of -inf hides the key and is fine.",
  },
  E0714: {
    meaning: "this page may not share memory between threads",
    explanation:
      "A kernel on threads shares its memory with workers. Browsers allow that on pages that are cross-origin isolated: serve them with `Cross-Origin-Opener-Policy: same-origin` and `Cross-Origin-Embedder-Policy: require-corp`, or load the kernel on one thread.",
  },
  E0715: {
    meaning: "a worker failed",
    explanation:
      "A worker of a kernel on threads did not start, or ended in the middle of a call. The call has no result; the next one starts a worker in its place. A worker that does not start is often a file `attnc-worker.js` that is not beside the module.",
  },
  E0716: {
    meaning: "the GPU device cannot run the kernel",
    explanation:
      "A device has the limits that were asked for when it was made: ask for those that the kernel names in `requiredLimits`. A shader that a device refuses is a bug of attnc, or of its driver.",
  },
  E0717: {
    meaning: "a GPU buffer does not fit the call",
    explanation:
      "Buffers of a call have the usage `GPUBufferUsage.STORAGE`, belong to the device on which the kernel was loaded, and reach from the offset to the last element. WebGPU lets no step read and write one buffer, not even different parts of it: out and lse lie in buffers that the call does not read.",
  },
  E0718: {
    meaning: "the GPU device is lost",
    explanation:
      "A device is lost when its driver fails, when a call runs for longer than the system allows, or when it was destroyed. Its buffers are gone with it: make a new device and load the kernel on it.",
  },
};
