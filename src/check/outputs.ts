// `output lse` and `output mass = sum[query] p`: what an attention gives beside `out`.

import type { NamedOutput, OutputAxis } from "../spec/choice.ts";
import type * as spec from "../spec/spec.ts";
import type * as ast from "../syntax/ast.ts";
import { AXIS_BITS, axisNames } from "./axes.ts";
import { elaborate } from "./elaborate.ts";
import { type Environment, report } from "./environment.ts";
import { axesOf } from "./graph.ts";
import { isInputName, reservedForDeclaration } from "./reserved.ts";

type OutputClause = Extract<ast.Clause, { kind: "output" }>;

/** Problems: E0203, E0204, E0311, E0444, E0506, and those of expressions. */
export function elaborateOutputs(env: Environment, clauses: readonly OutputClause[]): spec.Attention["outputs"] {
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
    const output = elaborateOutput(env, clause, value);
    if (output) named.push(output);
  }
  return { lse, ...(named.length > 0 && { named }) };
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
  const axes = left.filter((axis): axis is OutputAxis => axis !== "kv" || (bits & AXIS_BITS.head) === 0);
  return { name: name.text, span, type: node.type, axes, value: node };
}
