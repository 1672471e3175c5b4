// Declarations that are looked at by themselves, without an attention. What they call is then not replaced by its body:
// a body is elaborated once with its own parameters, and every call of it gives a node that stands for "some value of
// that type". So the work is proportional to the text, however the declarations call each other.

import type { Binding, Bound, Operand } from "./environment.ts";
import { factsOf, type Graph, someValue } from "./graph.ts";
import type { Entry } from "./resolve.ts";

/** The callee's own parameters, with types taken from the arguments where it declares none. */
export function withoutArguments(
  graph: Graph,
  own: ReadonlyMap<Entry, Bound>,
  entry: Entry,
  bindings: ReadonlyMap<string, Binding>,
): ReadonlyMap<string, Binding> {
  const known = own.get(entry)?.bindings ?? new Map<string, Binding>();
  return new Map(
    [...bindings].map(([name, given]): [string, Binding] => {
      const declared = known.get(name) ?? given;
      if (declared.kind !== "value" || declared.value || given.kind !== "value") return [name, declared];
      const operand = given.value;
      if (!operand || operand.kind === "vector") return [name, given];
      const { constant, exact } = factsOf(graph, operand);
      const value = someValue(graph, `${name} ${operand.type}`, operand.type, { constant, exact });
      return [name, { kind: "value", value }];
    }),
  );
}

/** Some value of the body's type and range; a constant if all arguments are. */
export function withoutBody(
  graph: Graph,
  key: string,
  body: Operand | undefined,
  bindings: ReadonlyMap<string, Binding>,
): Operand | undefined {
  if (!body || body.kind === "vector") return body;
  const values = [...bindings.values()].map((binding) => (binding.kind === "value" ? binding.value : undefined));
  const constant = values.every((value) => value && value.kind !== "vector" && factsOf(graph, value).constant);
  const { low, high, exact } = factsOf(graph, body);
  return someValue(graph, `${key} ${body.type}`, body.type, { low, high, constant, exact });
}
