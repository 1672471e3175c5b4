// Every node says exactly where it stands.

import { expect, test } from "vitest";
import type { Span } from "../../../src/source/span.ts";
import { read } from "./read.ts";

const text = `// A comment.
/// Near keys.
mask near(const window: int in 1..8 = 4, doc: i32[batch, token] sorted) =
  (q - k) < window && f(doc[q], -1) or if q.y > k then true else (false)

attention t { grid (y: 4, x) from 1 normalize softmax(sink = 0.5)  // trailing
  output lse empty zero }
import { near } from "std"
`;

/** The text of every span in a tree, by the kind of its node or the name of its field. */
function spansOf(value: unknown, label = "", found: string[] = []): readonly string[] {
  if (Array.isArray(value)) for (const each of value) spansOf(each, label, found);
  else if (typeof value === "object" && value !== null) {
    const node = value as Record<string, unknown> & { span?: Span; kind?: string };
    if (node.span) found.push(`${node.kind ?? label}: ${text.slice(node.span.start, node.span.end)}`);
    for (const [name, part] of Object.entries(node)) if (name !== "span") spansOf(part, name, found);
  }
  return found;
}

test("spans cover the text of their nodes", () => {
  const { file } = read(text);
  expect(spansOf(file.declarations[0])).toMatchInlineSnapshot(`
    [
      "mask: mask near(const window: int in 1..8 = 4, doc: i32[batch, token] sorted) =
      (q - k) < window && f(doc[q], -1) or if q.y > k then true else (false)",
      "name: near",
      "param: const window: int in 1..8 = 4",
      "name: window",
      "scalar: int",
      "type: int",
      "range: in 1..8",
      "literal: 1",
      "literal: 8",
      "literal: 4",
      "param: doc: i32[batch, token] sorted",
      "name: doc",
      "tensor: i32[batch, token]",
      "element: i32",
      "name: batch",
      "name: batch",
      "name: token",
      "name: token",
      "binary: (q - k) < window && f(doc[q], -1) or if q.y > k then true else (false)",
      "binary: (q - k) < window && f(doc[q], -1)",
      "compare: (q - k) < window",
      "binary: (q - k)",
      "name: q",
      "name: q",
      "name: k",
      "name: k",
      "name: window",
      "name: window",
      "call: f(doc[q], -1)",
      "callee: f",
      "index: doc[q]",
      "object: doc",
      "name: q",
      "name: q",
      "unary: -1",
      "literal: 1",
      "if: if q.y > k then true else (false)",
      "compare: q.y > k",
      "member: q.y",
      "object: q",
      "member: y",
      "name: k",
      "name: k",
      "literal: true",
      "literal: (false)",
    ]
  `);
  expect(spansOf(file.declarations[1])).toMatchInlineSnapshot(`
    [
      "attention: attention t { grid (y: 4, x) from 1 normalize softmax(sink = 0.5)  // trailing
      output lse empty zero }",
      "name: t",
      "grid: grid (y: 4, x) from 1",
      "name: y",
      "literal: 4",
      "name: x",
      "literal: 1",
      "normalize: normalize softmax(sink = 0.5)",
      "form: softmax",
      "literal: 0.5",
      "output: output lse",
      "name: lse",
      "empty: empty zero",
      "policy: zero",
    ]
  `);
  expect(spansOf(file.declarations[2])).toMatchInlineSnapshot(`
    [
      "import: import { near } from "std"",
      "names: near",
    ]
  `);
  expect(spansOf(file.comments)).toMatchInlineSnapshot(`
    [
      ": // A comment.",
      ": /// Near keys.",
      ": // trailing",
    ]
  `);
});

test("offsets count every character of the text, whatever the line breaks", () => {
  const { file } = read("\uFEFF// é\r\nmask a = q\r\n");
  expect(file.declarations[0]!.span).toEqual({ file: 0, start: 7, end: 17 });
  expect(file.comments[0]!.text).toBe("// é");
});
