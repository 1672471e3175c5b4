// Every file of test/corpus/masks holds a mask and the picture that it must draw, one character a pair:
//
//     █  visible, in a block that the compiler proves full       ▓  visible, in a block that it does not
//     ░  hidden, in a block that is not proved empty             (blank)  hidden, in a block that is
//
// The reference draws the pairs, the analysis the blocks; the plan and the kernel must see the same pairs. They show what
// they see by values that are one-hot: an output is then the row of weights.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { blockClasses } from "../../src/execute/block-classes.ts";
import { planRunner } from "../../src/execute/run-plan.ts";
import { wasmRunner } from "../../src/execute/run-wasm.ts";
import { maskOf } from "../../src/reference/mask.ts";
import type { Case } from "../../src/spec/case.ts";
import { elementCount, makeTensor } from "../../src/tensors/elements.ts";
import { callOf, headerOf } from "./header.ts";

const folder = new URL("masks", import.meta.url).pathname;
const files = readdirSync(folder).filter((name) => name.endsWith(".attn"));

test.each(files)("%s", async (name) => {
  const text = readFileSync(join(folder, name), "utf8");
  const call = oneHot(callOf(text));
  const head = Number(headerOf(text).get("head") ?? 0);
  const visible = rowsOf(call, maskOf(call).matrix(0, head));
  const picture = [...text.matchAll(/^\/\/ {3}\|(.*)\|$/gm)].map(([, line]) => line!);
  expect(draw(call, visible, head, headerOf(text).get("tile") ?? "4x4").join("\n")).toBe(picture.join("\n"));
  for (const runner of [planRunner, wasmRunner]) {
    const { out } = await runner.run(call);
    const size = call.shape.queries * call.shape.keys;
    const seen = Uint8Array.from(out.subarray(head * size, (head + 1) * size), (weight) => Number(weight > 0));
    expect(rowsOf(call, seen), runner.level).toEqual(visible);
  }
});

/** The same call with equal scores and the identity for values, so that every visible key has its share of the row. */
function oneHot(call: Case): Case {
  const { keys } = call.shape;
  const shape = [call.shape.batch, call.shape.kvHeads, keys, keys];
  const values = Array.from({ length: elementCount(shape) }, (_, at) =>
    Number(at % keys === Math.floor(at / keys) % keys),
  );
  const query = makeTensor("f32", call.query.shape, Array<number>(elementCount(call.query.shape)).fill(0));
  return { ...call, shape: { ...call.shape, valueDim: keys }, query, value: makeTensor("f32", shape, values) };
}

function rowsOf({ shape: { queries, keys } }: Case, matrix: Uint8Array): readonly string[] {
  return Array.from({ length: queries }, (_, row) => matrix.subarray(row * keys, (row + 1) * keys).join(""));
}

const CHARACTERS: Readonly<Record<string, string>> = { f1: "█", p1: "▓", p0: "░", e0: " " };

/** A pair whose block was proved wrongly is drawn as `!`. */
function draw(call: Case, visible: readonly string[], head: number, tileText: string): readonly string[] {
  const [queries, keys] = tileText.split("x").map(Number) as [number, number];
  const classes = blockClasses(call, { queries, keys }).rows(0, head);
  return visible.map((row, i) =>
    row.replace(/./g, (bit, j: number) => {
      const block = classes[Math.floor(i / queries)]![Math.floor(j / keys)]!;
      return CHARACTERS[block + bit] ?? "!";
    }),
  );
}
