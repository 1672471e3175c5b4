// One row per operation: the instruction, or the function of the library, that computes it for one value and for four.
// The column is the type of the last argument. Where `one` is missing, the value goes through a vector and back; where
// a library function is written for single values, its `.x4` form does lane after lane.

import type { OpName } from "../../ops/index.ts";
import type { ScalarType } from "../../ops/op.ts";

export type Form = {
  readonly one?: string;
  readonly four: string;
  /** Order in which the instruction takes the arguments, where it is not the language's. */
  readonly order?: readonly number[];
};

/** The same instruction name in both widths. */
const i32 = (name: string, four = name): Form => ({ one: `i32.${name}`, four: `i32x4.${four}` });
const f32 = (name: string): Form => ({ one: `f32.${name}`, four: `f32x4.${name}` });
const bits = (name: string): Form => ({ one: `i32.${name}`, four: `v128.${name}` });
/** No instruction for one value. */
const vector = (instruction: string): Form => ({ four: instruction });
/** Functions of the library, written for single values or for vectors. */
const single = (name: string): Form => ({ one: `call $${name}`, four: `call $${name}.x4` });
const lanes = (name: string): Form => ({ four: `call $${name}` });

const choose = { one: "select", four: "v128.bitselect", order: [1, 2, 0] };

export const FORMS: Readonly<Record<OpName, Partial<Record<ScalarType, Form>>>> = {
  add: { int: i32("add"), float: f32("add") },
  sub: { int: i32("sub"), float: f32("sub") },
  mul: { int: i32("mul"), float: f32("mul") },
  div: { float: lanes("divide") },
  floorDiv: { int: single("floor_div_int"), float: single("floor_div_float") },
  floorMod: { int: single("floor_mod_int"), float: single("floor_mod_float") },
  pow: { int: single("pow_int"), float: single("pow_float") },
  neg: { int: vector("i32x4.neg"), float: f32("neg") },
  abs: { int: vector("i32x4.abs"), float: f32("abs") },
  sign: { int: lanes("sign_int"), float: lanes("sign_float") },
  min: { int: { one: "call $min_int", four: "i32x4.min_s" }, float: f32("min") },
  max: { int: { one: "call $max_int", four: "i32x4.max_s" }, float: f32("max") },

  bitAnd: { int: bits("and") },
  bitOr: { int: bits("or") },
  bitXor: { int: bits("xor") },
  shiftLeft: { int: { one: "i32.shl", four: "call $shift_left.x4" } },
  shiftRight: { int: { one: "i32.shr_s", four: "call $shift_right.x4" } },

  eq: { int: i32("eq"), float: f32("eq"), bool: i32("eq") },
  ne: { int: i32("ne"), float: f32("ne"), bool: i32("ne") },
  lt: { int: i32("lt_s"), float: f32("lt") },
  le: { int: i32("le_s"), float: f32("le") },
  gt: { int: i32("gt_s"), float: f32("gt") },
  ge: { int: i32("ge_s"), float: f32("ge") },

  and: { bool: bits("and") },
  or: { bool: bits("or") },
  not: { bool: { one: "i32.eqz", four: "v128.not" } },
  select: { int: choose, float: choose, bool: choose },

  exp: { float: lanes("exp") },
  exp2: { float: lanes("exp2") },
  log: { float: lanes("log") },
  log2: { float: lanes("log2") },
  sqrt: { float: f32("sqrt") },
  rsqrt: { float: lanes("rsqrt") },
  tanh: { float: lanes("tanh") },
  sigmoid: { float: lanes("sigmoid") },
  sin: { float: lanes("sin") },
  cos: { float: lanes("cos") },
  toFloat: { int: { one: "f32.convert_i32_s", four: "f32x4.convert_i32x4_s" } },
  truncate: { float: { one: "i32.trunc_sat_f32_s", four: "i32x4.trunc_sat_f32x4_s" } },
  floor: { float: lanes("floor_to_int") },
  ceil: { float: lanes("ceil_to_int") },
  round: { float: lanes("round_to_int") },

  randomSeed: { int: lanes("random_seed") },
  randomMix: { int: lanes("random_mix") },
  randomUnit: { int: lanes("random_unit") },
};

/** The form of an operation whose last argument has this type. */
export function formOf(op: OpName, type: ScalarType): Form {
  const form = FORMS[op][type];
  if (!form) throw new Error(`the Wasm backend has no ${op} of ${type}: a bug in the backend`);
  return form;
}
