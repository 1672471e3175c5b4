// Any mask decides in a kernel as its expression does, pair by pair: through hoisting, folded text, lanes, the walk over
// tiles and the ragged edge. With `normalize none`, a score of 1 and one-hot values, a kernel's output is its mask; without
// a mask, it is its score, which a table of distances must not change by a bit.

import fc from "fast-check";
import { expect, test } from "vitest";
import { emitProgram } from "../../src/backend/index.ts";
import { assemble } from "../../src/backend/wasm/assemble.ts";
import { evaluator, startPoint } from "../../src/ir/evaluate.ts";
import type { AttentionIr, Expr } from "../../src/ir/expr.ts";
import { bool, coord, float, int, op, quantity } from "../../src/ir/make.ts";
import { some, substitute } from "../../src/ir/walk.ts";
import { opInfo } from "../../src/ops/index.ts";
import { instantiate } from "../../src/runtime/wasm.ts";
import { planProgram } from "../../src/schedule/choose.ts";
import type { Program } from "../../src/schedule/plan.ts";
import { attendSteps } from "../../src/schedule/steps.ts";
import { wasmSimd128 } from "../../targets/wasm-simd128.ts";
import { inlineDiagonals } from "../inline-diagonals.ts";
import { anyExpr, anyFixed, bindingsOf, declarations, type Fixed, TENSOR_LENGTH, typeOfTensor } from "./expressions.ts";

const SHAPE = { batch: 1, heads: 4, kvHeads: 2, queries: 10, keys: 23, dim: 1, valueDim: 23 };
const START = -3;
/** Positions that wrap around within the rows, and beside them. */
const anyStart = fc.constantFrom(START, 40, 2 ** 31 - 5, 2 ** 31 - 1, -(2 ** 31), -(2 ** 31) + 15);
/** Several tiles in each direction, the last of them ragged. */
const target = { ...wasmSimd128, tile: { queries: 4, keys: 8 } };

const isExact = (mask: Expr) => !some(mask, (node) => node.kind === "op" && opInfo(node.op).approximate === true);

test("a kernel decides like the expression of its mask", async () => {
  const anyMask = anyExpr("bool", 5).filter(isExact);
  await fc.assert(
    fc.asyncProperty(anyMask, anyFixed, async (mask, fixed) => {
      expect(await runMask(mask, fixed)).toEqual(evaluateMask(mask, fixed));
    }),
    { numRuns: 250 },
  );
});

/** The expression with q − k in the place of q and k − q in that of k. */
const ofDistance = (expr: Expr) => substitute(expr, (node) => DISTANCES.get(node));
const [Q, K] = [coord("query"), coord("key")];
const DISTANCES = new Map([
  [Q, op("sub", Q, K)],
  [K, op("sub", K, Q)],
]);
const hasTables = (program: Program) => attendSteps(program).some(({ plan }) => plan.diagonal.length > 0);

test("also where it hangs on the distance, beside one that does not, wherever positions begin", async () => {
  const anyMask = anyExpr("bool", 4).filter(isExact);
  let withTables = 0;
  await fc.assert(
    fc.asyncProperty(anyMask, anyMask, anyFixed, anyStart, async (left, right, fixed, start) => {
      const mask = op("ne", ofDistance(left), right);
      withTables += hasTables(programOf({ mask, score: float(1) }, start)) ? 1 : 0;
      expect(await runMask(mask, fixed, start)).toEqual(evaluateMask(mask, fixed, start));
    }),
    { numRuns: 150 },
  );
  expect(withTables).toBeGreaterThan(30);
});

test("a score that reads tables of distances is the one that each pair computes for itself", async () => {
  let withTables = 0;
  await fc.assert(
    fc.asyncProperty(
      anyExpr("float", 4),
      anyExpr("float", 3),
      anyFixed,
      anyStart,
      async (left, right, fixed, start) => {
        const score = op("add", op("mul", ofDistance(left), right), ofDistance(right));
        const program = programOf({ mask: bool(true), score }, start);
        if (!hasTables(program)) return;
        withTables += 1;
        expect(await run(program, fixed)).toEqual(await run(inlineDiagonals(program), fixed));
      },
    ),
    { numRuns: 150 },
  );
  expect(withTables).toBeGreaterThan(30);
});

function evaluateMask(mask: Expr, fixed: Fixed, start = START): string[] {
  const visible = evaluator(mask, "decide", bindingsOf(fixed));
  return eachRow((head, row) =>
    Array.from({ length: SHAPE.keys }, (_, key) => {
      const point = { ...startPoint(), head, kv: head >> 1, query: (start + row) | 0, key };
      return visible(point) ? "1" : "0";
    }),
  );
}

function programOf(clauses: Pick<AttentionIr, "mask" | "score">, start: number): Program {
  const attention: AttentionIr = {
    ...{ name: "masked", span: { file: 0, start: 0, end: 0 }, shapeParams: [], ...declarations, ...clauses },
    ...{ scale: float(1), weight: quantity("weight"), queryStart: int(start) },
    ...{ normalize: { kind: "none" }, empty: "zero", outputs: { lse: false }, selections: [] },
  };
  return planProgram(attention, target, SHAPE).value;
}

async function runMask(mask: Expr, fixed: Fixed, start = START): Promise<string[]> {
  const out = await run(programOf({ mask, score: float(1) }, start), fixed);
  return eachRow((head, row) => {
    const from = (head * SHAPE.queries + row) * SHAPE.keys;
    return Array.from(out.subarray(from, from + SHAPE.keys), (weight) => (weight === 1 ? "1" : "0"));
  });
}

/** A row of the result has a place for each key. */
async function run(program: Program, { params, tensors }: Fixed): Promise<Float32Array> {
  const { files, description } = emitProgram(program, target);
  const kernel = await instantiate(assemble(files[0]!.text), description);
  const oneHot = new Float32Array(SHAPE.kvHeads * SHAPE.keys * SHAPE.keys);
  for (let at = 0; at < oneHot.length; at += SHAPE.keys) oneHot[at + ((at / SHAPE.keys) % SHAPE.keys)] = 1;
  const { out } = kernel.run({
    query: { data: new Float32Array(40), shape: [1, SHAPE.heads, SHAPE.queries, 1] },
    key: { data: new Float32Array(46), shape: [1, SHAPE.kvHeads, SHAPE.keys, 1] },
    value: { data: oneHot, shape: [1, SHAPE.kvHeads, SHAPE.keys, SHAPE.keys] },
    params,
    tensors: Object.fromEntries(
      Object.entries(tensors).map(([name, values]) => {
        const numbers = values.map(Number);
        const make = { int: Int32Array, float: Float32Array, bool: Uint8Array }[typeOfTensor(name)];
        return [name, { data: make.from(numbers), shape: [TENSOR_LENGTH] }];
      }),
    ),
  });
  return out.data;
}

/** The rows of all heads as text, so that a difference can be seen. */
function eachRow(row: (head: number, row: number) => readonly string[]): string[] {
  return Array.from({ length: SHAPE.heads * SHAPE.queries }, (_, at) =>
    row(Math.floor(at / SHAPE.queries), at % SHAPE.queries).join(""),
  );
}
