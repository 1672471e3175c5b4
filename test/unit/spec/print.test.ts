import { expect, test } from "vitest";
import { printSpec } from "../../../src/spec/print.ts";
import { specOf } from "../../check.ts";

test("an attention with everything", () => {
  const text = `
    attention a(const size: int = 8, rate: float in 0..1, doc: i32[batch, token] sorted, tree: bool[size, n], z: f32[head]) {
      grid (y: size, x) from 4
      mask doc[q] == doc[k] and q.y <= k.x
      mask tree[0, clamp(q - k, 0, n - 1)]
      score s * -0.5 + rate * (q - k)
      scale 1
      normalize softmax(sink = z)
      weight p * norm(V)
      output lse
    }`;
  expect(printSpec(specOf(text))).toBe(`attention a
  param const size: int = 8
  param rate: float in 0..1
  tensor doc: i32[(batch), token] sorted
  tensor tree: bool[size, n]
  tensor z: f32[(head)]
  grid (y: size, x) from 4
  mask mask: and(eq(doc(q), doc(k)), le(q.y, k.x))
  %1 = sub(q, k)
  mask mask: tree(0, min(max(%1, 0), sub(len(n), 1)))
  scale: 1.0
  score score: add(mul(s, -0.5), mul(rate, toFloat(%1)))
  sink: z
  weight weight: mul(p, sqrt(dot(V, V)))
  align: sub(len(key), len(query))
  normalize softmax
  empty zero
  output lse
`);
});

test("deep expressions are cut into named parts", () => {
  const printed = printSpec(specOf(`attention a { mask ${new Array(1500).fill("q").join(" + ")} > k }`));
  expect(printed.split("\n").every((line) => line.length < 200)).toBe(true);
  expect(printed).toContain("%100 = add(");
});
