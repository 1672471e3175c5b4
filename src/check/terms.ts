// The terms of an attention's masks as they are written: what `and` and `or` join, and where it stands. A call such as
// `causal` is one term, whatever its body joins. The tree is read off the text and its Spec side by side, so a Spec
// needs no memory of how it was written. For explanations only.

import type { Span } from "../source/span.ts";
import type * as spec from "../spec/spec.ts";
import type * as ast from "../syntax/ast.ts";

/** A part of the mask: one term, or parts that `and` or `or` joins. Clauses of one attention are joined by `and`. */
export type MaskPart =
  | { readonly kind: "term"; readonly value: spec.Expr; readonly span: Span }
  | { readonly kind: "and" | "or"; readonly parts: readonly MaskPart[] };

/** What joins the masks of an attention of the program's entry file; no parts where it has no mask. */
export function maskParts({ files }: ast.Program, { name, masks }: spec.Attention): MaskPart {
  const declaration = files[0]?.declarations.find(
    (each) => each.kind === "attention" && each.name.span.start === name.span.start,
  );
  const clauses = declaration?.kind === "attention" ? declaration.clauses : [];
  const written = clauses.flatMap((clause) => (clause.kind === "mask" ? [clause.value] : []));
  return joined(
    "and",
    masks.map(({ value, span }, index) => partOf(written[index], value, span)),
  );
}

/** Walks down the left side by a loop, as the checker does: a chain is as deep as it is long. */
function partOf(written: ast.Expr | undefined, value: spec.Expr, span: Span): MaskPart {
  const chain = written?.kind === "binary" && (written.operator === "and" || written.operator === "or");
  if (!chain) return { kind: "term", value, span };
  const { operator } = written;
  const parts: MaskPart[] = [];
  let [left, meaning]: [ast.Expr, spec.Expr] = [written, value];
  while (left.kind === "binary" && left.operator === operator && meaning.kind === "apply" && meaning.op === operator) {
    parts.unshift(partOf(left.right, meaning.args[1]!, left.right.span));
    [left, meaning] = [left.left, meaning.args[0]!];
  }
  return joined(operator as "and" | "or", [partOf(left, meaning, left.span), ...parts]);
}

/** The only part stands for itself. */
function joined(kind: "and" | "or", parts: readonly MaskPart[]): MaskPart {
  return parts.length === 1 ? parts[0]! : { kind, parts };
}
