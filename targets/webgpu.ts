// WebGPU as every device has it: the limits of the specification, no feature. Nothing is assumed of subgroups, and halves
// are read and written as parts of words.

import type { Target } from "./target.ts";

export const webgpu: Target<"wgsl"> = {
  name: "wgsl",
  backend: "wgsl",
  description: "WebGPU at its default limits: Chrome 113, Safari 26, Firefox 141 and later",
  features: [],
  elements: ["f32", "f16", "i32", "u8", "bool"], // Halves and bytes are packed in words.
  rows: { f32: { query: "f32", stored: "f32" }, f16: { query: "f16", stored: "f16" } },
  tile: { queries: 32, keys: 32 }, // 64 threads with 4 × 4 scores each; 9.3 KiB.
  decode: { queries: 0, cacheBytes: 0 }, // Calls of few rows are split instead.
  split: {
    queries: 4, // A token, and some that are guessed ahead of it.
    keys: 256, // So much work for a workgroup that a merge costs little beside it.
    tile: { queries: 8, keys: 64 }, // The query heads of a KV head as most models have them; 10.6 KiB.
    scratchBytes: 67108864, // Half of maxStorageBufferBindingSize.
  },
  registerTile: { rows: 4, columns: 4 }, // Vectors of four are what every GPU loads at once.
  largerTiles: [
    // As many threads: half the barriers, and twice the products of what each loads. With 8 vectors of scores, 16 of sums and
    // 48 values beside them a thread has no more at hand than that of the smaller tile at the largest dim. 13.4 KiB.
    { dim: 64, values: 48, tile: { queries: 64, keys: 32 }, registerTile: { rows: 4, columns: 8 } },
  ],
  reduce: { tile: { queries: 32, keys: 32 }, registerTile: { rows: 4, columns: 4 } }, // Sums of folds take registers too.
  workgroup: {
    invocations: 256, // maxComputeInvocationsPerWorkgroup, the least that a device may offer.
    memoryBytes: 16384, // maxComputeWorkgroupStorageSize, likewise.
    storageBuffers: 8, // maxStorageBuffersPerShaderStage, likewise; who captures more tensors must ask for more.
  },
  limits: {
    memoryBytes: 134217728, // maxStorageBufferBindingSize, likewise: the largest tensor.
    dim: 256, // Ours: a thread keeps 32 vectors of results at this size, half of what a GPU has registers for.
    operations: 4000, // Ours: drivers compile a shader of this size within seconds.
  },
  errorUlps: {
    div: 2.5, // WGSL, "Accuracy of concrete floating point expressions".
    exp: 4, // Ours: reduction in two parts and a polynomial. The exponential of weights is the device's exp2.
    exp2: 4, // Ours: a polynomial of degree 6.
    log: 4, // Ours: a polynomial of degree 11.
    log2: 4, // Ours: by way of the same polynomial.
    sqrt: 5, // WGSL: that of 1 / inverseSqrt(x).
    rsqrt: 3, // WGSL: inverseSqrt is 2 units off.
    tanh: 6, // Ours: a polynomial near 0, exp elsewhere.
    sigmoid: 8, // Ours: by way of exp and a division.
    sin: 4, // Ours, for arguments below 8192: reduction in three parts and a polynomial.
    cos: 4, // Ours, likewise.
    pow: 512, // Ours: exp2(b · log2 a) in f32; the product's rounding grows with the exponent.
  },
};
