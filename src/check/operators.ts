// Operator text → operation, and the types that the operator takes.

import type { OpName } from "../ops/index.ts";
import type * as ast from "../syntax/ast.ts";

/** `number`: two ints or two floats, an int beside a float is widened. `real`: both become floats. */
export type OperandRule = "number" | "real" | "int" | "bool";

export const BINARY: Readonly<Record<ast.BinaryOperator, { readonly op: OpName; readonly takes: OperandRule }>> = {
  or: { op: "or", takes: "bool" },
  and: { op: "and", takes: "bool" },
  "|": { op: "bitOr", takes: "int" },
  "^": { op: "bitXor", takes: "int" },
  "&": { op: "bitAnd", takes: "int" },
  "<<": { op: "shiftLeft", takes: "int" },
  ">>": { op: "shiftRight", takes: "int" },
  "+": { op: "add", takes: "number" },
  "-": { op: "sub", takes: "number" },
  "*": { op: "mul", takes: "number" },
  "/": { op: "div", takes: "real" },
  "//": { op: "floorDiv", takes: "number" },
  "%": { op: "floorMod", takes: "number" },
  "**": { op: "pow", takes: "number" },
};

export const UNARY: Readonly<Record<ast.UnaryOperator, { readonly op: OpName; readonly takes: OperandRule }>> = {
  "-": { op: "neg", takes: "number" },
  not: { op: "not", takes: "bool" },
};

/** `bools`: true where two bools may be compared as well. */
export const COMPARE: Readonly<Record<ast.CompareOperator, { readonly op: OpName; readonly bools: boolean }>> = {
  "==": { op: "eq", bools: true },
  "!=": { op: "ne", bools: true },
  "<": { op: "lt", bools: false },
  "<=": { op: "le", bools: false },
  ">": { op: "gt", bools: false },
  ">=": { op: "ge", bools: false },
};
