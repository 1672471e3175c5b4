// WebAssembly with 128-bit vectors, as every current engine has it: products and sums are two instructions.

import type { Target } from "./target.ts";

export const wasmSimd128: Target<"wasm"> = {
  name: "wasm",
  backend: "wasm",
  description: "WebAssembly with fixed-width SIMD: any browser since 2023, Node 16 and later",
  features: ["simd128"],
  threads: { leastWork: 33554432 }, // Three milliseconds of one thread: on a busy machine, waking a worker can take one.
  elements: ["f32", "f16", "i32", "u8", "bool"], // The core instruction set has loads for these; halves are widened as they are loaded.
  rows: { f32: { query: "f32", stored: "f32" }, f16: { query: "f32", stored: "f16" } }, // Halves are widened: there is no arithmetic for them.
  tile: { queries: 64, keys: 64 }, // Flat to 10 % from 64 to 128 in our measurements; K and V of a tile stay in L2.
  decode: { queries: 16, cacheBytes: 131072 }, // A quarter of a common L2; packing pays from 16 rows of four heads on, or 32 of one.
  registerTile: { rows: 4, columns: 8 }, // 8 sums + 2 columns + 1 broadcast + 1 product of the 15 xmm that V8 hands out; 6 rows spill.
  limits: {
    memoryBytes: 4294901760, // 2**32 - 2**16: 32-bit addresses, less one page so that an end address does not wrap.
    dim: 1024, // Ours: 64 rows of keys and values at this size are 512 KiB, the L2 of a common core.
    operations: 8000, // Ours: a kernel of this size assembles and loads within seconds.
  },
  errorUlps: {
    exp: 2, // Ours, measured 1.2: reduction in two parts and a polynomial of degree 6; tests hold every bound here.
    exp2: 2, // Ours, measured 1.2: a polynomial of degree 6.
    log: 2, // Ours, measured 0.9: a polynomial of degree 11.
    log2: 2, // Ours, measured 1.8: by way of the natural logarithm.
    tanh: 3, // Ours, measured 2.5: by way of exp(2 x) - 1.
    sigmoid: 3, // Ours, measured 2.2: by way of exp.
    sin: 1, // Ours, measured 0.5, for arguments below 2**31: in f64.
    cos: 1, // Ours, measured 0.5, for arguments below 2**31: in f64.
    pow: 1, // Ours, measured 0.5: exp2 and log2 in f64.
    rsqrt: 2, // Measured 1.5: f32x4.sqrt and f32x4.div are correctly rounded; two roundings.
  },
};
