// The list of blocks of whole calls, laid beside the walk of every head: ragged, empty, and of every batch.

import { expect, test } from "vitest";
import { bindProgram } from "../../../src/execute/bind-program.ts";
import { runBlockList } from "../../../src/execute/run-block-list.ts";
import { planCase } from "../../../src/execute/run-plan.ts";
import { walks } from "../../../src/execute/walk.ts";
import { blockListSteps } from "../../../src/schedule/steps.ts";
import type { Case } from "../../../src/spec/case.ts";
import { makeTensor } from "../../../src/tensors/elements.ts";
import { attentionOf } from "../../check.ts";
import { random } from "../backend/kernel.ts";

const attention = attentionOf("attention packed(doc: i32[batch, token]) { mask doc[q] == doc[k] }");
const draw = random(11);
const below = (limit: number) => Math.floor(draw() * limit);

function callOf(queries: number, keys: number): Case {
  const [batch, heads] = [2, 3];
  const rows = (count: number, tokens: number) =>
    makeTensor("f32", [batch, count, tokens, 1], new Float32Array(batch * count * tokens));
  const stretch = 1 + below(200);
  const documents = Int32Array.from({ length: batch * keys }, (_, token) => Math.floor(token / stretch) % 3);
  return {
    attention,
    shape: { batch, heads, kvHeads: 1, queries, keys, dim: 1, valueDim: 1, axes: {} },
    params: {},
    tensors: { doc: makeTensor("i32", [batch, keys], documents) },
    ...{ query: rows(heads, queries), key: rows(1, keys), value: rows(1, keys) },
    keyLengths: [keys, below(keys + 1)],
  };
}

const sizes = [[0, 70], [70, 0], [1, 1], ...Array.from({ length: 30 }, () => [below(300), below(400)])];

test.each(sizes)("of %i queries and %i keys, every head walks over what is listed", (queries, keys) => {
  const call = callOf(queries!, keys!);
  const program = planCase(call);
  const [step] = blockListSteps(program);
  const lists = runBlockList(step!.plan, call, bindProgram(program, call));
  const { tile } = step!.plan;
  for (const { batch, first, claims } of walks(program, call)) {
    const seen = claims.flatMap((claim, index) =>
      claim === "full" || claim === "partial" ? [{ firstKey: index * tile.keys, masked: claim === "partial" }] : [],
    );
    expect(lists[batch]![first / tile.queries]).toEqual(seen);
  }
});
