// Any mask decides in a kernel as its expression does, pair by pair: through hoisting, folded text, lanes, the walk over
// tiles and the ragged edge. With `normalize none`, a score of 1 and one-hot values, a kernel's output is its mask.

import fc from "fast-check";
import { expect, test } from "vitest";
import { emitProgram } from "../../src/backend/index.ts";
import { assemble } from "../../src/backend/wasm/assemble.ts";
import { evaluator, startPoint } from "../../src/ir/evaluate.ts";
import type { AttentionIr, Expr } from "../../src/ir/expr.ts";
import { float, int, quantity } from "../../src/ir/make.ts";
import { some } from "../../src/ir/walk.ts";
import { opInfo } from "../../src/ops/index.ts";
import { instantiate } from "../../src/runtime/wasm.ts";
import { planProgram } from "../../src/schedule/choose.ts";
import { wasmSimd128 } from "../../targets/wasm-simd128.ts";
import { anyExpr, anyFixed, bindingsOf, declarations, type Fixed, TENSOR_LENGTH, typeOfTensor } from "./expressions.ts";

const SHAPE = { batch: 1, heads: 4, kvHeads: 2, queries: 10, keys: 23, dim: 1, valueDim: 23 };
const START = -3;
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

function evaluateMask(mask: Expr, fixed: Fixed): string[] {
  const visible = evaluator(mask, "decide", bindingsOf(fixed));
  return eachRow((head, row) =>
    Array.from({ length: SHAPE.keys }, (_, key) => {
      const point = { ...startPoint(), head, kv: head >> 1, query: START + row, key };
      return visible(point) ? "1" : "0";
    }),
  );
}

async function runMask(mask: Expr, { params, tensors }: Fixed): Promise<string[]> {
  const attention: AttentionIr = {
    ...{ name: "masked", span: { file: 0, start: 0, end: 0 }, shapeParams: [], ...declarations },
    ...{ mask, scale: float(1), score: float(1), weight: quantity("weight"), queryStart: int(START) },
    ...{ normalize: { kind: "none" }, empty: "zero", outputs: { lse: false } },
  };
  const program = planProgram(attention, target, SHAPE).value;
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
  return eachRow((head, row) => {
    const from = (head * SHAPE.queries + row) * SHAPE.keys;
    return Array.from(out.data.subarray(from, from + SHAPE.keys), (weight) => (weight === 1 ? "1" : "0"));
  });
}

/** The rows of all heads as text, so that a difference can be seen. */
function eachRow(row: (head: number, row: number) => readonly string[]): string[] {
  return Array.from({ length: SHAPE.heads * SHAPE.queries }, (_, at) =>
    row(Math.floor(at / SHAPE.queries), at % SHAPE.queries).join(""),
  );
}
