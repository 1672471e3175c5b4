// `sparsity NAME(...)` and `permute NAME(...)` in an attention: the declaration is found, its parameters are bound to the
// arguments, and its rules are read with them.

import type { Name } from "../source/span.ts";
import type { Permutation, Sparsity } from "../spec/choice.ts";
import type * as ast from "../syntax/ast.ts";
import { bindArguments } from "./arguments.ts";
import { elaborate } from "./elaborate.ts";
import { declarationOf, type Environment, report } from "./environment.ts";
import { kindOfName, unknownName } from "./names.ts";
import { elaboratePermutation } from "./permutation.ts";
import type { Entry } from "./resolve.ts";
import type { ChoiceDeclaration } from "./rules.ts";
import { elaborateSparsity } from "./sparsity.ts";

type Use<Kind> = Extract<ast.Clause, { kind: Kind }>;

/** Undefined where a part could not be built. Problems: E0201, E0211, E0411 to E0415, and those of the rules. */
export function chosenBlocks(env: Environment, clause: Use<"sparsity">): Sparsity | undefined {
  const inside = enter(env, clause, "sparsity");
  return inside && elaborateSparsity(inside.env, inside.declaration, clause.span);
}

/** As `chosenBlocks`, for the order of tokens. */
export function storedOrder(env: Environment, clause: Use<"permute">): Permutation | undefined {
  const inside = enter(env, clause, "permutation");
  return inside && elaboratePermutation(inside.env, inside.declaration, clause.span);
}

function enter(
  env: Environment,
  { callee, args, span }: Use<"sparsity" | "permute">,
  wanted: ChoiceDeclaration["kind"],
) {
  const { workspace } = env;
  const entry = declarationOf(env, callee);
  if (!entry || entry === "broken" || entry.declaration.kind !== wanted) {
    workspace.broken = true;
    if (entry !== "broken") wrongName(env, callee, wanted);
    return undefined;
  }
  workspace.called.add(entry);
  const bindings = bindArguments(env, entry, { name: callee, args, span }, elaborate);
  if (!bindings) {
    workspace.broken = true;
    return undefined;
  }
  const { declaration, file } = entry as Entry & { readonly declaration: ChoiceDeclaration };
  const { place } = env;
  return { declaration, env: { workspace, file, place, bindings, calledFrom: span } satisfies Environment };
}

function wrongName(env: Environment, name: Name, wanted: ChoiceDeclaration["kind"]): void {
  const kind = kindOfName(env, name);
  if (!kind) unknownName(env, name);
  else report(env)({ code: "E0211", kind: "wrong-kind-of-name", name, wanted, place: env.place.name, ...kind });
}
