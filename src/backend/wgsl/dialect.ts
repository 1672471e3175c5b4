// WGSL as a dialect. Its scalars are bool, i32 and f32, ints wrap, and a shift counts in u32. A shader may assume that there
// are no infinities and no NaN, so a literal infinity is the largest finite number, and what overflows or is not defined
// everywhere goes through a function of the library.

import { POLYNOMIALS } from "../polynomials.ts";
import {
  all,
  both,
  COMMON_FORMS,
  call,
  closed,
  type Dialect,
  type Form,
  infix,
  literals,
  open,
  operand,
  prefix,
} from "../simt/dialect.ts";
import { floatText, horner, intText } from "./numbers.ts";

/** Shift counts are taken modulo 32. */
const shift =
  (sign: string): Form =>
  ([value, count]) =>
    open(`${operand(value!)} ${sign} (u32(${count!.text}) & 31u)`);

/** By a power of two, floors are a shift and a mask. */
const floors =
  (name: string, ofPower: (value: string, power: number) => string): Form =>
  (args) => {
    const power = Math.log2(Number(args[1]!.text));
    return Number.isInteger(power) ? open(ofPower(operand(args[0]!), power)) : call(name)(args);
  };
const floorDiv = floors("floor_div_int", (value, power) => `${value} >> ${power}u`);
const floorMod = floors("floor_mod_int", (value, power) => `${value} & ${2 ** power - 1}`);

/** Beside itself, a value is asked whether it is a number. */
const equals: Form = ([left, right]) =>
  left!.text === right!.text ? call("is_number")([left!]) : infix("==")([left!, right!]);
/** Also where one is a NaN: devices that have them compare in order, which makes `!=` false. */
const differs: Form = (args) => open(`!(${equals(args).text})`);

const choose = call("select", [2, 1, 0]);

export const WGSL: Dialect = {
  types: { bool: "bool", int: "i32", float: "f32" },
  literal: literals(intText, floatText),
  declare: (type, name, value) => `let ${name}: ${WGSL.types[type]} = ${value};`,
  library: "wgsl/library",
  libraryView: {
    largest: floatText(Number.POSITIVE_INFINITY),
    exp2Polynomial: horner(POLYNOMIALS.exp2, "f"),
    expPolynomial: horner(POLYNOMIALS.exp, "f"),
    logPolynomial: horner(POLYNOMIALS.log, "f"),
    tanhPolynomial: horner(POLYNOMIALS.tanh, "z"),
  },
  forms: {
    ...COMMON_FORMS,

    add: both(infix("+")),
    sub: both(infix("-")),
    mul: both(infix("*")),
    floorDiv: { int: floorDiv, float: call("floor_div_float") },
    floorMod: { int: floorMod, float: call("floor_mod_float") },
    pow: { int: call("pow_int"), float: call("pow_float") },
    neg: both(prefix("-")),
    abs: both(call("abs")),
    sign: both(call("sign")),
    min: both(call("min")),
    max: both(call("max")),
    eq: { int: infix("=="), float: equals, bool: infix("==") },
    ne: { int: infix("!="), float: differs, bool: infix("!=") },

    shiftLeft: { int: shift("<<") },
    shiftRight: { int: shift(">>") },

    // All operations are total, so that both sides may be computed: a branch would cost more.
    and: { bool: infix("&") },
    or: { bool: infix("|") },
    not: { bool: prefix("!") },
    select: all(choose),

    exp: { float: call("exp_total") },
    exp2: { float: call("exp2_total") },
    log: { float: call("log_total") },
    log2: { float: call("log2_total") },
    sqrt: { float: call("sqrt") },
    rsqrt: { float: call("rsqrt_total") },
    tanh: { float: call("tanh_total") },
    sin: { float: call("sin_total") },
    cos: { float: call("cos_total") },
    toFloat: { int: call("f32") },
    truncate: { float: call("to_int") },
    floor: { float: ([x]) => closed(`to_int(floor(${x!.text}))`) },
    ceil: { float: ([x]) => closed(`to_int(ceil(${x!.text}))`) },
    round: { float: ([x]) => closed(`to_int(round(${x!.text}))`) }, // Ties go to the even neighbour.
  },
};
