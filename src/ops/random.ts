// The counter-based generator behind `random(seed, ...ints)`: three exact integer steps, so that every target draws
// the same numbers. random(seed, i, j) = randomUnit(randomMix(randomMix(randomSeed(seed), i), j)).
// The mixing function is Chris Wellons's "lowbias32" family of xorshift-multiply hashes.

import { int1, int2, type OpInfo } from "./op.ts";

export const random = {
  randomSeed: { signatures: [int1((seed) => mix(seed + 0x9e3779b9))] },
  randomMix: { signatures: [int2((state, i) => mix(Math.imul(state ^ i, 0x85ebca6b) + 0x9e3779b9))] },
  /** The upper 24 bits as a float in [0, 1), exact in f32. */
  randomUnit: { signatures: [{ args: ["int"], result: "float", eval: (state: number) => (state >>> 8) * 2 ** -24 }] },
} as const satisfies Record<string, OpInfo>;

function mix(seed: number): number {
  let x = seed | 0;
  x ^= x >>> 16;
  x = Math.imul(x, 0x7feb352d);
  x ^= x >>> 15;
  x = Math.imul(x, 0x846ca68b);
  return x ^ (x >>> 16);
}
