import { expect, test } from "vitest";
import { check } from "../../../src/check/check.ts";
import { type MaskPart, maskParts } from "../../../src/check/terms.ts";
import { withStandardLibrary } from "../../../src/std-sources.ts";
import { parseProgram } from "../../../src/syntax/program.ts";

/** The mask's terms as their texts, joined as they are. */
function joinedIn(text: string): string {
  const sources = withStandardLibrary(() => ({ missing: "no files here" }));
  const { value: program } = parseProgram({ path: "test.attn", text }, sources);
  const [attention] = check(program).value.attentions;
  const show = (part: MaskPart): string =>
    part.kind === "term"
      ? `[${text.slice(part.span.start, part.span.end)}]`
      : `(${part.parts.map(show).join(` ${part.kind} `)})`;
  return show(maskParts(program, attention!));
}

test("a call is one term, whatever its body joins", () => {
  expect(joinedIn('import { causal, sinks } from "std"\nattention a { mask causal and (sinks(4) or q - k < 9) }')).toBe(
    "([causal] and ([sinks(4)] or [q - k < 9]))",
  );
});

test("clauses are joined by and, and a chain of comparisons is one term", () => {
  expect(joinedIn("attention a { mask 0 <= q - k < 9\n mask k < 3 or q < 3 or k == q }")).toBe(
    "([0 <= q - k < 9] and ([k < 3] or [q < 3] or [k == q]))",
  );
});

test("what not and if enclose is one term; no mask has no parts", () => {
  expect(joinedIn("attention a { mask not (q < k or k < 3) and if h < 2 then q >= k else k < 9 }")).toBe(
    "([not (q < k or k < 3)] and [if h < 2 then q >= k else k < 9])",
  );
  expect(joinedIn("attention a {}")).toBe("()");
});
