// Python as a dialect, for functions that run on tensors and on plain numbers: operators where both have them, and functions
// of attnc_flex.py where they do not.

import type { ScalarType, Value } from "../../ops/op.ts";
import {
  all,
  both,
  COMMON_FORMS,
  call,
  closed,
  type Dialect,
  infix,
  open,
  prefix,
  type Text,
} from "../simt/dialect.ts";

export const PYTHON: Dialect = {
  types: { bool: "bool", int: "int", float: "float" },
  literal,
  declare: (_, name, value) => `${name} = ${value}`,
  library: "flex/library",
  libraryView: {},
  forms: {
    ...COMMON_FORMS,

    add: both(infix("+")),
    sub: both(infix("-")),
    mul: { int: call("multiply"), float: infix("*") },
    floorDiv: both(call("floor_div")),
    floorMod: both(call("floor_mod")),
    pow: both(call("power")),
    neg: both(prefix("-")),
    abs: both(call("abs")),
    sign: both(call("sign")),
    min: both(call("minimum")),
    max: both(call("maximum")),

    shiftLeft: { int: call("shift_left") },
    shiftRight: { int: call("shift_right") },

    and: { bool: infix("&") },
    or: { bool: infix("|") },
    not: { bool: call("logical_not") },
    select: all(call("choose")),

    exp: { float: call("exp") },
    exp2: { float: call("exp2") },
    log: { float: call("log") },
    log2: { float: call("log2") },
    sqrt: { float: call("sqrt") },
    rsqrt: { float: call("reciprocal_root") },
    tanh: { float: call("tanh") },
    sin: { float: call("sin") },
    cos: { float: call("cos") },
    toFloat: { int: call("to_float") },
    truncate: { float: call("to_int") },
    floor: { float: call("floor") },
    ceil: { float: call("ceil") },
    round: { float: call("nearest") },
  },
};

function literal(type: ScalarType, value: Value): Text {
  if (type === "bool") return closed(value ? "True" : "False");
  if (value === Number.NEGATIVE_INFINITY) return closed("negative_infinity");
  if (value === Number.POSITIVE_INFINITY) return open("-negative_infinity");
  if (Number.isNaN(value)) return open("negative_infinity - negative_infinity");
  const text = type === "float" && Number.isInteger(value) ? `${value}.0` : String(value);
  return text.startsWith("-") ? open(text) : closed(text);
}
