// Neighbourhood attention against NATTEN's own way of computing it: a window around a centre that is pushed away from
// the edges (`centre` below), where the library gives the start of the window.

import { expect, test } from "vitest";
import { maskRows, predicateRows } from "./calls.ts";

type Axis = { readonly length: number; readonly kernel: number; readonly dilation: number; readonly stride?: number };

/** One axis of the mask in NATTEN's reference, not causal. */
function sees(i: number, j: number, { length, kernel, dilation, stride = 1 }: Axis): boolean {
  const group = i % dilation;
  if (j % dilation !== group) return false;
  const places = Math.ceil((length - group) / dilation);
  const place = Math.floor(i / dilation);
  const leader = Math.min(Math.floor(place / stride) * stride + Math.floor(stride / 2), places - 1);
  const left = Math.floor(kernel / 2);
  const right = left + (kernel % 2) - 1;
  const centre = Math.max(left, Math.min(leader, places - 1 - right));
  const other = Math.floor(j / dilation);
  return centre - left <= other && other <= centre + right;
}

function seesBefore(i: number, j: number, { kernel, dilation }: Axis): boolean {
  const back = (i - j) / dilation;
  return Number.isInteger(back) && back >= 0 && back < kernel;
}

const oneAxis = (call: string) =>
  `import { neighborhood, neighborhood_strided, neighborhood_causal } from "std"
   attention a { mask ${call} }`;

test.for<[number, number, number]>([
  [13, 3, 1],
  [13, 4, 1],
  [13, 5, 2],
  [17, 4, 3],
  [16, 8, 2],
  [7, 7, 1],
  [24, 2, 5],
])("one axis of %i, window %i, dilation %i", ([length, kernel, dilation]) => {
  const rows = maskRows(oneAxis(`neighborhood(q, k, ${length}, ${kernel}, ${dilation})`), { shape: { keys: length } });
  expect(rows).toEqual(predicateRows(length, length, (q, k) => sees(q, k, { length, kernel, dilation })));
  for (const row of rows) expect(row.replaceAll("0", "")).toHaveLength(kernel);
});

// Shapes of NATTEN's own tests among them.
test.for<[number, number, number, number]>([
  [12, 4, 1, 2],
  [13, 5, 1, 5],
  [17, 3, 2, 3],
  [128, 3, 5, 2],
  [128, 8, 5, 7],
])("one axis of %i, window %i, dilation %i, stride %i", ([length, kernel, dilation, stride]) => {
  const call = `neighborhood_strided(q, k, ${length}, ${kernel}, ${dilation}, ${stride})`;
  const rows = maskRows(oneAxis(call), { shape: { keys: length } });
  expect(rows).toEqual(predicateRows(length, length, (q, k) => sees(q, k, { length, kernel, dilation, stride })));
});

test("a stride of 1 changes nothing", () => {
  const given = { shape: { keys: 19 } };
  const strided = maskRows(oneAxis("neighborhood_strided(q, k, 19, 4, 3, 1)"), given);
  expect(strided).toEqual(maskRows(oneAxis("neighborhood(q, k, 19, 4, 3)"), given));
});

test("the causal axis is cut at the beginning", () => {
  const rows = maskRows(oneAxis("neighborhood_causal(q, k, 14, 3, 2)"), { shape: { keys: 14 } });
  expect(rows).toEqual(predicateRows(14, 14, (q, k) => seesBefore(q, k, { length: 14, kernel: 3, dilation: 2 })));
});

test("two axes, with windows and dilations of their own", () => {
  const y = { length: 5, kernel: 3, dilation: 1 };
  const x = { length: 9, kernel: 4, dilation: 2 };
  const text = `import { neighborhood } from "std"
    attention a {
      grid (y: 5, x: 9)
      mask neighborhood(q.y, k.y, len(y), 3, 1) and neighborhood(q.x, k.x, len(x), 4, 2)
    }`;
  const expected = predicateRows(
    45,
    45,
    (q, k) => sees(Math.floor(q / 9), Math.floor(k / 9), y) && sees(q % 9, k % 9, x),
  );
  expect(maskRows(text, { shape: { keys: 45 } })).toEqual(expected);
});

test("three axes, time causal, extents given by the call", () => {
  const text = `import { neighborhood, neighborhood_causal } from "std"
    attention a(window: int) {
      grid (t, y, x)
      mask neighborhood_causal(q.t, k.t, len(t), 2, 1)
      mask neighborhood(q.y, k.y, len(y), window, 1) and neighborhood(q.x, k.x, len(x), window, 1)
    }`;
  const [Y, X] = [4, 5];
  const at = (i: number) => [Math.floor(i / (Y * X)), Math.floor(i / X) % Y, i % X] as const;
  const expected = predicateRows(60, 60, (q, k) => {
    const [[qt, qy, qx], [kt, ky, kx]] = [at(q), at(k)];
    return (
      seesBefore(qt, kt, { length: 3, kernel: 2, dilation: 1 }) &&
      sees(qy, ky, { length: Y, kernel: 3, dilation: 1 }) &&
      sees(qx, kx, { length: X, kernel: 3, dilation: 1 })
    );
  });
  const shape = { keys: 60, axes: { t: 3, y: Y, x: X } };
  expect(maskRows(text, { shape, params: { window: 3 } })).toEqual(expected);
});
