// Calls of the functions in `builtins.ts`: counts and types of arguments against the row, then the row's operations.

import type { Name, Span } from "../source/span.ts";
import type { Pooled } from "../spec/choice.ts";
import type * as spec from "../spec/spec.ts";
import type { Builtin, Make } from "./builtins.ts";
import { type Environment, type Operand, origin, report } from "./environment.ts";
import { apply, literal, pooled, product } from "./graph.ts";
import { type Placed, toFloat, warnOfInexactDecision, widened } from "./operands.ts";
import { rowOf } from "./reduce.ts";

type Argument = { readonly operand: Operand | undefined; readonly at: Span };

/** Problems: E0304, E0305, E0309, E0505, W0301. */
export function applyBuiltin(
  env: Environment,
  name: Name,
  builtin: Builtin,
  args: readonly Argument[],
  span: Span,
): spec.Expr | undefined {
  const { fewest, most } = builtin;
  if (args.length < fewest || args.length > most) {
    report(env)({ code: "E0304", kind: "function-argument-count", name, found: args.length, fewest, most });
    return undefined;
  }
  const known = args.filter((argument): argument is Placed => argument.operand !== undefined);
  if (known.length < args.length) return undefined;
  const wrong = known.find(({ operand }) => !takes(builtin, operand));
  if (wrong) return reportArgument(env, name, builtin, wrong);
  if (builtin.takes === "vector") {
    const rows = known.flatMap(({ operand }) => (operand.kind === "vector" ? [rowOf(operand)] : []));
    const vectors = rows.map(({ of }) => of);
    return haveProduct(env, vectors, span) ? builtin.build(makerFor(env), rows) : undefined;
  }
  const nodes = known.flatMap(({ operand }) => (operand.kind === "vector" ? [] : [operand]));
  switch (builtin.takes) {
    case "whole":
      warnOfInexactDecision(env, nodes, span);
      return nodes[0]!.type === "int" ? nodes[0] : apply(env.workspace.graph, builtin.op, nodes);
    case "real":
      return builtin.build(
        makerFor(env),
        nodes.map((node) => toFloat(env, node)),
      );
    case "number":
      return builtin.build(makerFor(env), widened(env, nodes));
    case "int":
      return builtin.build(makerFor(env), nodes);
  }
}

function takes(builtin: Builtin, { type }: Operand): boolean {
  if (builtin.takes === "vector" || builtin.takes === "int") return type === builtin.takes;
  return type === "int" || type === "float";
}

function reportArgument(env: Environment, name: Name, builtin: Builtin, { operand, at }: Placed): undefined {
  const wanted = builtin.takes === "vector" || builtin.takes === "int" ? builtin.takes : "number";
  const found = operand.type;
  if (wanted === "int" && found === "float") {
    report(env)({ code: "E0309", kind: "float-for-int", at, expectation: { of: "function", name }, ...origin(env) });
  } else {
    report(env)({ code: "E0305", kind: "function-argument-type", at, function: name, wanted, found, ...origin(env) });
  }
}

/** Values have another number of dimensions than queries and keys, so they meet only themselves. */
function haveProduct(env: Environment, [left, right = left]: readonly spec.Vector[], at: Span): boolean {
  if (!left || !right || left === right || (left !== "V" && right !== "V")) return true;
  report(env)({ code: "E0505", kind: "value-product-unsupported", at, left, right });
  return false;
}

function makerFor(env: Environment): Make {
  const { graph } = env.workspace;
  return {
    apply: (op, ...args) => apply(graph, op, args),
    zero: (type) => literal(graph, type, 0),
    product(left, right) {
      const [first, second] = left.of === "K" && right.of === "Q" ? [right, left] : [left, right];
      return isPlain(first) && isPlain(second) ? product(graph, first.of, second.of) : pooled(graph, first, second);
    },
  };
}

/** A row of the caller's, of which nothing is made. */
const isPlain = ({ reductions, factor }: Pooled) => reductions.length === 0 && !factor;
