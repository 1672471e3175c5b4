// `output lse` and `output mass = sum[query] p`: what an attention gives beside `out`.

import type { Span } from "../source/span.ts";
import type { NamedOutput } from "../spec/choice.ts";
import type * as spec from "../spec/spec.ts";
import type * as ast from "../syntax/ast.ts";
import { AXIS_BITS, axisNames } from "./axes.ts";
import { elaborate } from "./elaborate.ts";
import { declarationOf, type Environment, lookUp, report } from "./environment.ts";
import { axesOf, chosen } from "./graph.ts";
import { isInputName, reservedForDeclaration } from "./reserved.ts";

type OutputClause = Extract<ast.Clause, { kind: "output" }>;

/** Problems: E0203, E0204, E0311, E0444, E0452, E0506, and those of expressions.
 *  @param sparsities where the attention names them */
export function elaborateOutputs(
  env: Environment,
  clauses: readonly OutputClause[],
  sparsities: readonly Span[],
): spec.Attention["outputs"] {
  const first = new Map<string, OutputClause>();
  const named: NamedOutput[] = [];
  let lse = false;
  for (const clause of clauses) {
    const { name, value } = clause;
    const earlier = first.get(name.text);
    if (earlier) report(env)({ code: "E0203", kind: "duplicate-name", name, first: earlier.name.span });
    first.set(name.text, earlier ?? clause);
    if (!value) {
      lse ||= name.text === "lse";
      if (name.text !== "lse") report(env)({ code: "E0444", kind: "unknown-output", name });
      continue;
    }
    const meaning = isInputName(name.text) ? "reserved" : reservedForDeclaration(name.text);
    if (meaning) report(env)({ code: "E0204", kind: "reserved-name", name, as: "declaration", meaning });
    const output = isSelection(env, value)
      ? elaborateSelection(env, clause, value, sparsities)
      : elaborateOutput(env, clause, value);
    if (output) named.push(output);
  }
  return { lse, ...(named.length > 0 && { named }) };
}

/** `selection` by itself, unless something that is declared has that name. */
const isSelection = (env: Environment, value: ast.Expr) =>
  value.kind === "name" &&
  value.name.text === "selection" &&
  !lookUp(env, value.name) &&
  declarationOf(env, value.name) === undefined;

/** A value for every block of rows and of keys. */
function elaborateSelection(
  env: Environment,
  { name, span }: OutputClause,
  { span: at }: ast.Expr,
  sparsities: readonly Span[],
): NamedOutput | undefined {
  if (sparsities.length !== 1) {
    report(env)({ code: "E0452", kind: "selection-of-none-or-several", at, sparsities });
    return undefined;
  }
  const value = chosen(env.workspace.graph);
  return { name: name.text, span, type: "bool", axes: ["batch", "head", "queryBlock", "keyBlock"], value };
}

/** A value for every place of the axes that it leaves. Query and key together would be the whole map. */
function elaborateOutput(env: Environment, { name, span }: OutputClause, value: ast.Expr): NamedOutput | undefined {
  const node = elaborate(env, value);
  if (!node) return undefined;
  if (node.kind === "vector") {
    report(env)({ code: "E0506", kind: "vector-arithmetic-unsupported", at: value.span, operator: "output" });
    return undefined;
  }
  const bits = axesOf(env.workspace.graph, node);
  const left = axisNames(bits);
  if (left.includes("query") && left.includes("key")) {
    const both = ["query", "key"];
    report(env)({ code: "E0311", kind: "axis-left-over", at: value.span, axes: both, place: "output" });
    return undefined;
  }
  // A query head belongs to one KV head, so one axis tells both.
  const axes = left.filter((axis) => axis !== "kv" || (bits & AXIS_BITS.head) === 0);
  return { name: name.text, span, type: node.type, axes, value: node };
}
