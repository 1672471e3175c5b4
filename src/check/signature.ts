// Parameter lists, without the declaration around them: types, contracts, defaults and axes, checked once for every
// declaration. What comes out is what a call needs (to match arguments) and what an attention needs (to list its
// inputs). Axes stay text here, because what they mean depends on the parameters of the call.

import type { FoundType } from "../diagnostics/type-problem.ts";
import type { ScalarType, Value } from "../ops/op.ts";
import type { Name, Span } from "../source/span.ts";
import type * as spec from "../spec/spec.ts";
import type * as ast from "../syntax/ast.ts";
import { AXES, isInputName, reservedForAxis, reservedForParameter } from "./reserved.ts";
import type { NamedDeclaration, Report } from "./resolve.ts";

export type Constant = { readonly type: ScalarType; readonly value: Value };

export type ScalarSignature = {
  readonly kind: "scalar";
  readonly name: Name;
  readonly const: boolean;
  /** Absent: a `fn`'s parameter that takes whatever it is given. */
  readonly type: ScalarType | undefined;
  readonly range: spec.Range;
  readonly constBounds: spec.ConstBounds;
  readonly default?: Constant;
};

export type AxisSignature =
  | Exclude<spec.TensorAxis, { kind: "extent" }>
  /** An expression over literals, `const` parameters and axes of the grid. */
  | { readonly kind: "extent"; readonly value: ast.Expr };

export type TensorSignature = {
  readonly kind: "tensor";
  readonly name: Name;
  readonly element: spec.ElementType;
  readonly axes: readonly AxisSignature[];
  readonly range: spec.Range;
  readonly constBounds: spec.ConstBounds;
  readonly sorted: boolean;
};

/** `broken`: a mistake was reported, uses are passed over in silence. */
export type BrokenSignature = { readonly kind: "broken"; readonly name: Name; readonly optional: boolean };

export type Signature = ScalarSignature | TensorSignature | BrokenSignature;

export const SCALAR_TYPES: readonly ScalarType[] = ["int", "float", "bool"];
const ELEMENT_TYPES: readonly spec.ElementType[] = ["f32", "f16", "bf16", "i32", "u8", "bool"];
const IMPLICIT_AXES = ["batch", "head", "kv"] as const;
const POSITION_AXES = ["query", "key", "token"] as const;

/** Type of an element once it is read. */
export function scalarOf(element: spec.ElementType): ScalarType {
  if (element === "bool") return "bool";
  return element === "i32" || element === "u8" ? "int" : "float";
}

/** @param gridAxes axes of the attention's grid, which tensors may use as axes
 *  Problems: names, types, contracts and defaults of the parameters. */
export function readSignatures(
  declaration: NamedDeclaration,
  gridAxes: readonly string[],
  report: Report,
): readonly Signature[] {
  const { params } = declaration;
  const first = new Map<string, Name>();
  const signatures: Signature[] = [];
  let optional: Name | undefined;
  for (const param of params) {
    const { name } = param;
    const earlier = first.get(name.text);
    const meaning = reservedForParameter(name.text, declaration.kind === "fn");
    if (earlier) {
      report({ code: "E0203", kind: "duplicate-name", name, first: earlier.span });
      continue;
    }
    first.set(name.text, name);
    if (meaning) report({ code: "E0204", kind: "reserved-name", name, as: "parameter", meaning });
    if (param.default) optional ??= name;
    else if (optional && declaration.kind !== "attention") {
      report({ code: "E0409", kind: "default-before-required", name: optional, after: name });
      optional = undefined;
    }
    signatures.push(readSignature(declaration, param, gridAxes, report));
  }
  return signatures;
}

function readSignature(
  declaration: NamedDeclaration,
  param: ast.Param,
  gridAxes: readonly string[],
  report: Report,
): Signature {
  const { name, type } = param;
  const broken: Signature = { kind: "broken", name, optional: param.default !== undefined };
  if (type?.kind === "tensor") return readTensor(declaration, param, type, gridAxes, report) ?? broken;
  if (!type && declaration.kind !== "fn") {
    report({ code: "E0408", kind: "parameter-without-type", name });
    return broken;
  }
  const scalar = type ? SCALAR_TYPES.find((known) => known === type.type.text) : undefined;
  if (type && !scalar) {
    report({ code: "E0307", kind: "unknown-type", name: type.type, known: SCALAR_TYPES, of: "parameter" });
    return broken;
  }
  if (param.sorted) misplaced(param, "sorted", param.sorted, scalar ?? "parameter without a type", report);
  if (param.range && scalar === "bool") misplaced(param, "in", param.range.span, "bool", report);
  const { range, constBounds } = readRange(declaration, param, scalar, report);
  const value = param.default && readDefault(param, param.default, scalar, report);
  if (param.range && typeof value?.value === "number" && !within(value.value, range)) {
    const rangeAt = param.range.span;
    report({ code: "E0402", kind: "default-outside-range", at: param.default!.span, name, range, rangeAt });
  }
  return {
    kind: "scalar",
    name,
    const: param.const,
    type: scalar,
    range,
    constBounds,
    ...(value && { default: value }),
  };
}

/** True if the promise holds for `value`. */
export const within = (value: number, { low = -Infinity, high = Infinity }: spec.Range) =>
  low <= value && value <= high;

function readTensor(
  declaration: NamedDeclaration,
  param: ast.Param,
  type: Extract<ast.ParamType, { kind: "tensor" }>,
  gridAxes: readonly string[],
  report: Report,
): Signature | undefined {
  const { name } = param;
  const element = ELEMENT_TYPES.find((known) => known === type.element.text);
  const isTaken = isInputName(name.text) && reservedForParameter(name.text, false) === undefined;
  if (declaration.kind === "attention" && isTaken) report({ code: "E0410", kind: "name-of-an-input", name });
  if (param.const) report({ code: "E0405", kind: "const-tensor", name });
  if (param.default) report({ code: "E0406", kind: "tensor-default", at: param.default.span, name });
  if (!element) {
    report({ code: "E0307", kind: "unknown-type", name: type.element, known: ELEMENT_TYPES, of: "tensor" });
  } else {
    if (param.sorted && !["f32", "i32"].includes(element)) {
      misplaced(param, "sorted", param.sorted, `${element} tensor`, report);
    }
    if (param.range && element === "bool") misplaced(param, "in", param.range.span, "bool tensor", report);
  }
  const axes = type.axes.map((axis) => readAxis(declaration, axis, gridAxes, report));
  if (!element || axes.includes(undefined)) return undefined;
  return {
    kind: "tensor",
    name,
    element,
    axes: axes.filter((axis) => axis !== undefined),
    ...readRange(declaration, param, scalarOf(element), report),
    sorted: param.sorted !== undefined,
  };
}

function readAxis(
  declaration: NamedDeclaration,
  axis: ast.AxisExpr,
  gridAxes: readonly string[],
  report: Report,
): AxisSignature | undefined {
  if (axis.kind !== "name") return { kind: "extent", value: axis };
  const { name } = axis;
  const implicit = IMPLICIT_AXES.find((known) => known === name.text);
  if (implicit) return { kind: "implicit", axis: implicit };
  const position = POSITION_AXES.find((known) => known === name.text);
  if (position) return { kind: "position", axis: position };
  if (AXES.includes(name.text)) {
    report({ code: "E0508", kind: "axis-unsupported", name });
    return undefined;
  }
  const known = declaration.params.some((param) => param.name.text === name.text) || gridAxes.includes(name.text);
  if (known) return { kind: "extent", value: axis };
  const meaning = reservedForAxis(name.text);
  if (meaning) {
    report({ code: "E0204", kind: "reserved-name", name, as: "axis", meaning });
    return undefined;
  }
  return { kind: "fresh", name: name.text };
}

/** Bounds are literals, or names of `const` parameters of the same list. */
function readRange(
  declaration: NamedDeclaration,
  param: ast.Param,
  type: ScalarType | undefined,
  report: Report,
): { readonly range: spec.Range; readonly constBounds: spec.ConstBounds } {
  const read = (end: "low" | "high") => {
    const bound = param.range?.[end];
    if (!bound) return undefined;
    if (bound.kind === "name" && isConstScalar(declaration, bound.name.text)) return { const: bound.name.text };
    const value = literalValue(bound);
    if (typeof value?.value !== "number") {
      report({ code: "E0403", kind: "bound-not-constant", at: bound.span });
      return undefined;
    }
    if (type === "int" && value.type === "float") {
      const expectation = { of: "bound", name: param.name } as const;
      report({ code: "E0309", kind: "float-for-int", at: bound.span, expectation });
    }
    return { value: value.value };
  };
  const [low, high] = [read("low"), read("high")];
  if (low?.value !== undefined && high?.value !== undefined && low.value > high.value) {
    report({ code: "E0401", kind: "empty-range", at: param.range!.span, low: low.value, high: high.value });
  }
  return {
    range: {
      ...(low?.value !== undefined && { low: low.value }),
      ...(high?.value !== undefined && { high: high.value }),
    },
    constBounds: { ...(low?.const && { low: low.const }), ...(high?.const && { high: high.const }) },
  };
}

const isConstScalar = (declaration: NamedDeclaration, name: string) =>
  declaration.params.some((param) => param.const && param.name.text === name && param.type?.kind !== "tensor");

function readDefault(
  param: ast.Param,
  value: ast.Expr,
  type: ScalarType | undefined,
  report: Report,
): Constant | undefined {
  const { name } = param;
  const found = literalValue(value);
  if (!found) {
    report({ code: "E0407", kind: "default-not-constant", at: value.span, name });
    return undefined;
  }
  if (!type || found.type === type || (found.type === "int" && type === "float")) {
    return { type: type ?? found.type, value: found.value };
  }
  const expectation = { of: "default", name, at: param.type!.span } as const;
  if (type === "int" && found.type === "float") {
    report({ code: "E0309", kind: "float-for-int", at: value.span, expectation });
  } else {
    const wrong: { readonly expected: ScalarType; readonly found: FoundType } = { expected: type, found: found.type };
    report({ code: "E0301", kind: "type-mismatch", at: value.span, ...wrong, expectation });
  }
  return undefined;
}

/** A literal, negated or not. */
function literalValue(expr: ast.Expr): Constant | undefined {
  if (expr.kind === "literal") return { type: expr.type, value: expr.value };
  if (expr.kind !== "unary" || expr.operator !== "-" || expr.operand.kind !== "literal") return undefined;
  const { type, value } = expr.operand;
  if (typeof value !== "number") return undefined;
  return { type, value: type === "int" ? -value | 0 : -value };
}

function misplaced(param: ast.Param, contract: "in" | "sorted", at: Span, of: string, report: Report): void {
  report({ code: "E0404", kind: "contract-misplaced", at, contract, name: param.name, of });
}
