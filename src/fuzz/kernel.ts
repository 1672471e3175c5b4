// The same laws where they matter: a kernel that skips a visible tile, or leaves the mask out of a tile that is not full,
// gives a wrong answer. Its answer on random rows is laid beside the reference, within the bound of rounding.

import { wasmSimd128 } from "../../targets/wasm-simd128.ts";
import { runnerFor } from "../execute/run-wasm.ts";
import type { Case } from "../spec/case.ts";
import { makeTensor } from "../tensors/elements.ts";
import { runLevels } from "../verify/levels.ts";
import { type Numbers, numbersOf } from "../verify/numbers.ts";
import type { Wrong } from "./facts.ts";
import type { Tile } from "./inputs.ts";

/** Runs the kernel and lays its answer beside the reference. */
export async function checkKernel(call: Case, tile: Tile): Promise<Wrong | undefined> {
  const target = { ...wasmSimd128, tile: kernelTile(tile) };
  const { levels } = await runLevels(withRows(call, numbersOf(1, 0)), [runnerFor(target)], target.errorUlps);
  const [level] = levels;
  if (level?.kind === "failed") return { check: "kernel", why: `the kernel does not run: ${level.why}` };
  if (level?.kind !== "compared" || level.verdict.agrees) return undefined;
  const { batch, head, row, got, wanted, bound } = level.verdict.worst!;
  return {
    check: "kernel",
    why: `row ${row} of batch ${batch}, head ${head} has ${got} instead of ${wanted} ± ${bound}`,
  };
}

/** The nearest tile whose keys the target can take; any number of queries will do. */
function kernelTile({ queries, keys }: Tile): Tile {
  const { columns } = wasmSimd128.registerTile;
  return { queries, keys: Math.max(columns, 2 ** Math.ceil(Math.log2(keys))) };
}

/** Random rows of Q, K and V; NaN where a key is not alive. */
function withRows(call: Case, numbers: Numbers): Case {
  const { batch, heads, kvHeads, queries, keys, dim, valueDim } = call.shape;
  const rows = (count: number, width: number, isAlive: (row: number) => boolean) =>
    Array.from({ length: count * width }, (_, index) =>
      isAlive(Math.floor(index / width)) ? numbers.normal() : Number.NaN,
    );
  const isAlive = (row: number) => row % keys < (call.keyLengths?.[Math.floor(row / keys / kvHeads)] ?? keys);
  return {
    ...call,
    query: makeTensor(
      "f32",
      [batch, heads, queries, dim],
      rows(batch * heads * queries, dim, () => true),
    ),
    key: makeTensor("f32", [batch, kvHeads, keys, dim], rows(batch * kvHeads * keys, dim, isAlive)),
    value: makeTensor("f32", [batch, kvHeads, keys, valueDim], rows(batch * kvHeads * keys, valueDim, isAlive)),
  };
}
