// CUDA C++ as a dialect. Operators would let a compiler contract floats and assume that ints do not overflow, so
// arithmetic goes through the functions of device/cuda/operations.h; comparisons and bits are the language's own.

import {
  all,
  both,
  COMMON_FORMS,
  call,
  type Dialect,
  type Form,
  infix,
  literals,
  open,
  operand,
  prefix,
} from "../simt/dialect.ts";
import { shortestDecimal } from "../simt/numbers.ts";

const choose: Form = ([condition, yes, no]) => open(`${operand(condition!)} ? ${operand(yes!)} : ${operand(no!)}`);

export const CUDA: Dialect = {
  types: { bool: "bool", int: "int", float: "float" },
  literal: literals(intText, floatText),
  declare: (type, name, value) => `const ${CUDA.types[type]} ${name} = ${value};`,
  // The library is a header that every kernel includes.
  library: "cuda/library",
  libraryView: {},
  forms: {
    ...COMMON_FORMS,

    add: both(call("add")),
    sub: both(call("sub")),
    mul: both(call("mul")),
    floorDiv: both(call("floor_div")),
    floorMod: both(call("floor_mod")),
    pow: both(call("power")),
    neg: both(call("negate")),
    abs: both(call("absolute")),
    sign: both(call("sign")),
    min: both(call("minimum")),
    max: both(call("maximum")),

    shiftLeft: { int: call("shift_left") },
    shiftRight: { int: call("shift_right") },

    and: { bool: infix("&&") },
    or: { bool: infix("||") },
    not: { bool: prefix("!") },
    select: all(choose),

    exp: { float: call("expf") },
    exp2: { float: call("exp2f") },
    log: { float: call("logf") },
    log2: { float: call("log2f") },
    sqrt: { float: call("square_root") },
    rsqrt: { float: call("reciprocal_root") },
    tanh: { float: call("tanhf") },
    sin: { float: call("sinf") },
    cos: { float: call("cosf") },
    toFloat: { int: call("to_float") },
    truncate: { float: call("to_int") },
    floor: { float: call("floor_to_int") },
    ceil: { float: call("ceil_to_int") },
    round: { float: call("round_to_int") },
  },
};

/** The least int is no literal: its sign is an operation of its own. */
function intText(value: number): string {
  return value === -(2 ** 31) ? "(-2147483647 - 1)" : String(value);
}

/** The shortest decimal that gives exactly this f32 again. */
export function floatText(value: number): string {
  const rounded = Math.fround(value);
  if (Number.isNaN(rounded)) return "not_a_number()";
  if (!Number.isFinite(rounded)) return rounded < 0 ? "-infinity()" : "infinity()";
  if (Object.is(rounded, -0)) return "-0.0f";
  const text = shortestDecimal(rounded);
  return /[.e]/.test(text) ? `${text}f` : `${text}.0f`;
}
