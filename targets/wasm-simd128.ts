// WebAssembly with 128-bit vectors, as every current engine has it: products and sums are two instructions.

import type { Target } from "./target.ts";

export const wasmSimd128: Target = {
  name: "wasm",
  backend: "wasm",
  description: "WebAssembly with fixed-width SIMD: any browser since 2023, Node 16 and later",
  features: ["simd128"],
  elements: ["f32", "i32", "u8", "bool"], // The core instruction set has loads for these; f16 is a proposal.
  tile: { queries: 64, keys: 64 }, // Flat to 10 % from 64 to 128 in our measurements; K and V of a tile stay in L2.
  registerTile: { rows: 4, columns: 8 }, // 8 sums + 2 columns + 1 broadcast of the 15 xmm that V8 hands out; larger ones spill.
  limits: {
    memoryBytes: 4294901760, // 2**32 - 2**16: 32-bit addresses, less one page so that an end address does not wrap.
    dim: 1024, // Ours: 64 rows of keys and values at this size are 512 KiB, the L2 of a common core.
  },
  errorUlps: {
    exp: 4, // Ours: argument reduction in two parts and a polynomial of degree 6; tests hold the bound.
    exp2: 3, // Ours: magic-number reduction and a polynomial of degree 6; tests hold the bound.
    log: 4, // Ours: tests hold the bound.
    log2: 4, // Ours: tests hold the bound.
    tanh: 6, // Ours, by way of exp; tests hold the bound.
    sigmoid: 6, // Ours, by way of exp; tests hold the bound.
    sin: 4, // Ours, for arguments below 2**15; tests hold the bound.
    cos: 4, // Ours, for arguments below 2**15; tests hold the bound.
    pow: 16, // Ours, by way of exp2 and log2; tests hold the bound.
    rsqrt: 1, // f32x4.sqrt and f32x4.div are correctly rounded; two roundings.
  },
};
