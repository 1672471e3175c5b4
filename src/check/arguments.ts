// Matches the arguments of a call with the parameters of what is called: how many there are, their types, `const`,
// the axes of tensors, and the contracts. An argument that is an input of the attention takes over the promise of the
// parameter; of any other expression the contract is proved, refuted, or warned about.

import type { Name, Span } from "../source/span.ts";
import type * as spec from "../spec/spec.ts";
import type * as ast from "../syntax/ast.ts";
import {
  type Asked,
  type Binding,
  type Captured,
  declarationOf,
  type Environment,
  type Operand,
  origin,
  report,
} from "./environment.ts";
import { factsOf, idOf, literal } from "./graph.ts";
import { extentOf, kindOfName, unknownName } from "./names.ts";
import { convert } from "./operands.ts";
import type { Entry } from "./resolve.ts";
import { type ScalarSignature, type Signature, scalarOf, type TensorSignature } from "./signature.ts";
import { tensorType } from "./tensor-type.ts";

export type Call = { readonly name: Name; readonly args: readonly ast.Expr[]; readonly span: Span };
export type Elaborate = (env: Environment, expr: ast.Expr) => Operand | undefined;

/** What the parameters stand for in the body; undefined after a problem.
 *  Problems: E0301, E0309, E0411 to E0415, W0403. */
export function bindArguments(
  env: Environment,
  entry: Entry,
  call: Call,
  elaborate: Elaborate,
): ReadonlyMap<string, Binding> | undefined {
  const signatures = env.workspace.signatures.get(entry) ?? [];
  const { kind } = entry.declaration;
  const fewest = signatures.findLastIndex((signature) => !isOptional(signature)) + 1;
  if (call.args.length > signatures.length || call.args.length < fewest) {
    const parameters = signatures.map(({ name }) => name.text);
    const shown = {
      of: kind as "fn",
      found: call.args.length,
      fewest,
      parameters,
      declared: entry.declaration.name.span,
    };
    report(env)({ code: "E0411", kind: "argument-count", name: call.name, ...shown });
    return undefined;
  }
  const bindings = new Map<string, Binding>();
  let complete = true;
  for (const [i, signature] of signatures.entries()) {
    const argument = call.args[i];
    const binding =
      signature.kind === "tensor"
        ? bindTensor(env, signature, argument, bindings)
        : bindValue(env, signature, argument, elaborate);
    if (binding) bindings.set(signature.name.text, binding);
    else complete = false;
  }
  return complete &&
    bindAxes(env, signatures, call, bindings, elaborate) &&
    keepContracts(env, signatures, call, bindings)
    ? bindings
    : undefined;
}

const isOptional = (signature: Signature) =>
  signature.kind === "scalar" ? signature.default !== undefined : signature.kind === "broken" && signature.optional;

function bindValue(
  env: Environment,
  signature: Exclude<Signature, TensorSignature>,
  argument: ast.Expr | undefined,
  elaborate: Elaborate,
): Binding | undefined {
  const { graph } = env.workspace;
  if (signature.kind === "broken") {
    if (argument) elaborate(env, argument);
    return undefined;
  }
  if (!argument) {
    const { type, value } = signature.default!;
    return { kind: "value", value: literal(graph, type, value) };
  }
  const operand = elaborate(env, argument);
  if (!operand) return undefined;
  if (!signature.type) return { kind: "value", value: operand };
  const expectation = { of: "parameter", name: signature.name, at: signature.name.span } as const;
  const node = convert(env, { operand, at: argument.span }, signature.type, expectation);
  if (!node) return undefined;
  if (signature.const && !factsOf(graph, node).constant) {
    report(env)({ code: "E0413", kind: "argument-not-const", at: argument.span, parameter: signature.name });
    return undefined;
  }
  return { kind: "value", value: node };
}

/** A tensor parameter accepts a captured tensor's name, whose elements are read as the same type. */
function bindTensor(
  env: Environment,
  signature: TensorSignature,
  argument: ast.Expr | undefined,
  bindings: ReadonlyMap<string, Binding>,
): Binding | undefined {
  if (!argument) return undefined;
  const type = tensorType(signature);
  const name = argument.kind === "name" ? argument.name : undefined;
  const binding = name && env.bindings.get(name.text);
  if (name && binding) env.used?.add(name.text);
  if (binding?.kind !== "tensor") {
    if (!name || kindOfName(env, name))
      report(env)({ code: "E0414", kind: "argument-not-tensor", at: argument.span, parameter: signature.name, type });
    else if (declarationOf(env, name) !== "broken") unknownName(env, name);
    return undefined;
  }
  if (!binding.tensor) return undefined;
  const { axes, element } = binding.tensor;
  const fits =
    scalarOf(element) === scalarOf(signature.element) &&
    axes.length === signature.axes.length &&
    axes.every((axis, i) => {
      const wanted = signature.axes[i]!;
      if (wanted.kind === "implicit" || wanted.kind === "position")
        return axis.kind === wanted.kind && axis.axis === wanted.axis;
      return axis.kind === "extent" || axis.kind === "fresh";
    });
  if (fits && !bindings.has(signature.name.text)) return binding;
  const found = tensorType(binding.tensor);
  report(env)({
    code: "E0415",
    kind: "tensors-differ",
    at: argument.span,
    parameter: signature.name,
    wanted: type,
    found,
  });
  return undefined;
}

/** Binds fresh axis names to the extents of the tensors that were passed, and compares the others. */
function bindAxes(
  env: Environment,
  signatures: readonly Signature[],
  call: Call,
  bindings: Map<string, Binding>,
  elaborate: Elaborate,
): boolean {
  const fits = (signature: TensorSignature, captured: Captured) =>
    signature.axes.every((axis, i) => {
      const extent = extentOf(env, captured.axes[i]!);
      if (axis.kind === "fresh") {
        const bound = bindings.get(axis.name);
        if (!bound) bindings.set(axis.name, { kind: "axis", extent });
        return !bound || (bound.kind === "axis" && bound.extent === extent);
      }
      return axis.kind !== "extent" || elaborate({ ...env, bindings }, axis.value) === extent;
    });
  return signatures.every((signature, i) => {
    const binding = bindings.get(signature.name.text);
    if (signature.kind !== "tensor" || binding?.kind !== "tensor" || !binding.tensor) return true;
    if (fits(signature, binding.tensor)) return true;
    const shown = { wanted: tensorType(signature), found: tensorType(binding.tensor) };
    report(env)({ code: "E0415", kind: "tensors-differ", at: call.args[i]!.span, parameter: signature.name, ...shown });
    return false;
  });
}

function keepContracts(
  env: Environment,
  signatures: readonly Signature[],
  call: Call,
  bindings: ReadonlyMap<string, Binding>,
): boolean {
  let kept = true;
  for (const [i, signature] of signatures.entries()) {
    const binding = bindings.get(signature.name.text);
    const at = call.args[i]?.span ?? call.span;
    if (signature.kind === "tensor" && binding?.kind === "tensor" && binding.tensor) {
      const range = numericRange(env, signature.range, signature.constBounds, bindings);
      promise(env, binding.tensor.name, signature.sorted, { at, parameter: signature.name, range });
    }
    if (signature.kind === "scalar" && binding?.kind === "value" && binding.value && binding.value.type !== "vector") {
      kept = keepRange(env, signature, binding.value as spec.Expr, at, bindings) && kept;
    }
  }
  return kept;
}

function keepRange(
  env: Environment,
  signature: ScalarSignature,
  node: spec.Expr,
  at: Span,
  bindings: ReadonlyMap<string, Binding>,
): boolean {
  const range = numericRange(env, signature.range, signature.constBounds, bindings);
  const { low = -Infinity, high = Infinity } = range;
  if (node.type === "bool" || (low === -Infinity && high === Infinity)) return true;
  const facts = factsOf(env.workspace.graph, node);
  if (facts.low >= low && facts.high <= high) return true;
  const shown = { at, parameter: signature.name, range };
  if (facts.high < low || facts.low > high) {
    report(env)({ code: "E0412", kind: "argument-outside-range", ...shown, ...origin(env) });
    return false;
  }
  const input = node.kind === "apply" && node.op === "toFloat" ? node.args[0]! : node;
  if (input.kind === "param") promise(env, input.name, false, shown);
  else if (env.workspace.promises) report(env)({ code: "W0403", kind: "contract-unproved", ...shown });
  return true;
}

/** The range with the values of `const` parameters put in, where they are known. */
function numericRange(
  env: Environment,
  range: spec.Range,
  names: spec.ConstBounds,
  bindings: ReadonlyMap<string, Binding>,
): spec.Range {
  const constValue = (name: string | undefined): number | undefined => {
    const binding = name === undefined ? undefined : bindings.get(name);
    if (binding?.kind !== "value" || !binding.value || binding.value.type === "vector") return undefined;
    const { low, high } = factsOf(env.workspace.graph, binding.value as spec.Expr);
    return low === high ? low : undefined;
  };
  const low = range.low ?? constValue(names.low);
  const high = range.high ?? constValue(names.high);
  return { ...(low !== undefined && { low }), ...(high !== undefined && { high }) };
}

/** The attention now promises this of its input, and the run time checks it. */
export function promise(env: Environment, input: string, sorted: boolean, asked: Asked): void {
  const { promises } = env.workspace;
  if (!promises) return;
  const known = promises.get(input) ?? { range: {}, sorted: false, asked: [] };
  const range = intersect(known.range, asked.range);
  const isNarrower = range.low !== known.range.low || range.high !== known.range.high;
  promises.set(input, {
    range,
    sorted: known.sorted || sorted,
    asked: isNarrower ? [...known.asked, asked] : known.asked,
  });
}

export function intersect(a: spec.Range, b: spec.Range): spec.Range {
  const low = Math.max(a.low ?? -Infinity, b.low ?? -Infinity);
  const high = Math.min(a.high ?? Infinity, b.high ?? Infinity);
  return { ...(low !== -Infinity && { low }), ...(high !== Infinity && { high }) };
}

/** Part of a memo's key: equal for equal arguments. */
export function bindingKey(env: Environment, binding: Binding): string {
  const { graph } = env.workspace;
  switch (binding.kind) {
    case "tensor":
      return `tensor ${binding.tensor?.name}`;
    case "axis":
      return `axis ${idOf(graph, binding.extent)}`;
    case "value":
      return operandKey(env, binding.value);
  }
}

function operandKey(env: Environment, operand: Operand | undefined): string {
  if (!operand) return "nothing";
  return operand.kind === "vector" ? operand.name : `${idOf(env.workspace.graph, operand)}`;
}
