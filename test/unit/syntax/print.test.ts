// What the formatter does to text that was not in its form.

import { expect, test } from "vitest";
import { parseFile } from "../../../src/syntax/parse.ts";
import { printFile } from "../../../src/syntax/print.ts";

function format(text: string): string {
  const source = { path: "test.attn", text };
  const { value, problems } = parseFile(source, 0);
  expect(problems).toEqual([]);
  return printFile(value, source);
}

test("one form for spaces, parentheses and clauses", () => {
  expect(format("mask   a(x:int=3)=((q-k)<x)or(not(q==k))\nattention t{mask a scale(1.0/8.0)}")).toBe(
    `mask a(x: int = 3) = q - k < x or not q == k

attention t {
  mask a
  scale 1.0 / 8.0
}
`,
  );
});

test("long expressions break before the operators that bind loosest", () => {
  const term = (name: string) => `block_of(${name}, half, size) == block_of(other, half, size) and ${name} < half`;
  expect(format(`mask m = ${term("first")} or ${term("second")} or not ${"x".repeat(110)}`)).toBe(`mask m =
  block_of(first, half, size) == block_of(other, half, size) and first < half
  or block_of(second, half, size) == block_of(other, half, size) and second < half
  or not ${"x".repeat(110)}
`);
  expect(format(`fn f(x) = if ${"a".repeat(60)} then ${"b".repeat(60)} else x`)).toBe(`fn f(x) =
  if ${"a".repeat(60)}
  then ${"b".repeat(60)}
  else x
`);
});

test("many parameters stand one on a line", () => {
  const params = Array.from({ length: 5 }, (_, i) => `parameter_${i}: int in 0..100`);
  expect(format(`mask m(${params.join(",")}) = true`)).toBe(`mask m(
  ${params.join(",\n  ")}
) = true
`);
});

test("long calls have a line for each argument", () => {
  const [a, c, d] = ["a", "c", "d"].map((letter) => letter.repeat(60));
  expect(format(`mask m = q < k and near(${a}, ${c}, f(${d}))`)).toBe(`mask m =
  q < k
  and near(
    ${a},
    ${c},
    f(${d})
  )
`);
});

test("a line never begins with a division, which would be a comment there", () => {
  const text = format(`fn f(x) = ${"x".repeat(60)} // ${"y".repeat(60)} // 2`);
  expect(text).toBe(`fn f(x) =\n  ${"x".repeat(60)} // ${"y".repeat(60)} // 2\n`);
});

test("comments stay where they belong", () => {
  const text = `// The head of the file.

/// Documented.
mask near = q - k < 8  // at the end

// Between.

fn one = 1
fn two = 2  // adjacent lines stay adjacent

attention t {
  // First.
  mask near  // so near

  // After a gap.
  score s
  // Last.
}  // the end
// After everything.
`;
  expect(format(text)).toBe(text);
});

test("comments inside an item move before it", () => {
  expect(format("mask near = q - k < // how near\n  8 // so near\n")).toBe(
    "// how near\nmask near = q - k < 8  // so near\n",
  );
});

test("text that is only known by name is kept as it is", () => {
  const text = `eviction s(n: int) {
  protect  last n   // aligned by hand
}

attention t {
  source near { mask  q - k < 8 }
  mask causal
}
`;
  expect(format(text)).toBe(text);
});

test("line breaks of Windows become plain ones", () => {
  expect(format("// a\r\nmask m = q\r\n\r\nmask n = k\r\n")).toBe("// a\nmask m = q\n\nmask n = k\n");
});
