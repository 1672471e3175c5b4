// The shared vocabulary of scalar operations: one row per operation in the tables beside this file. The meaning
// written there is the only one: constant folding, the reference and every backend's tests go by it.
//
// Scalars are bool, int (i32, wraps) and float. Meanings compute floats in f64; whoever needs f32 (a mask decides in
// f32) rounds each result with Math.fround, which for + - * / and sqrt is the same as computing in f32.

export type ScalarType = "bool" | "int" | "float";
export type Value = boolean | number;

/** One combination of types and what the operation means for it: total, never throws. */
export type Signature = {
  readonly args: readonly ScalarType[];
  readonly result: ScalarType;
  // biome-ignore lint/suspicious/noExplicitAny: the argument types are the ones listed in `args`.
  readonly eval: (...args: any[]) => Value;
};

/** What a rewrite may assume. `associative` is only said of operations that are exact for every signature. */
export type Law = "commutative" | "associative" | "idempotent";

export type OpInfo = {
  readonly signatures: readonly Signature[];
  readonly laws?: readonly Law[];
  /** True where float results of two targets may differ by more than one rounding (transcendental functions). */
  readonly approximate?: true;
};

type Int = number;
type Float = number;

export const int1 = (meaning: (a: Int) => Int): Signature => ({ args: ["int"], result: "int", eval: meaning });
export const int2 = (meaning: (a: Int, b: Int) => Int): Signature => ({
  args: ["int", "int"],
  result: "int",
  eval: meaning,
});
export const float1 = (meaning: (a: Float) => Float): Signature => ({
  args: ["float"],
  result: "float",
  eval: meaning,
});
export const float2 = (meaning: (a: Float, b: Float) => Float): Signature => ({
  args: ["float", "float"],
  result: "float",
  eval: meaning,
});

/** Nearest i32 toward zero is not meant here: the argument is already whole. NaN gives 0, the rest saturates. */
export function saturate(whole: number): Int {
  if (Number.isNaN(whole)) return 0;
  return Math.max(-2147483648, Math.min(2147483647, whole)) | 0;
}
