// The same laws where they matter: a kernel that skips a visible tile, or leaves the mask out of a tile that is not full,
// gives a wrong answer. Its answer on random rows is laid beside the reference, within the bound of rounding.

import type { BackendName } from "../../targets/target.ts";
import { wasmSimd128 } from "../../targets/wasm-simd128.ts";
import { runnerFor } from "../execute/run-wasm.ts";
import type { Runner } from "../execute/runner.ts";
import type { Case } from "../spec/case.ts";
import { floats, makeTensor } from "../tensors/elements.ts";
import { runLevels } from "../verify/levels.ts";
import { type Numbers, numbersOf } from "../verify/numbers.ts";
import type { Wrong } from "./facts.ts";
import type { Tile } from "./inputs.ts";

/** A target whose kernels are tried. */
export type KernelTarget = {
  readonly name: BackendName;
  /** One program in so many gets a kernel. */
  readonly every: number;
  /** Calls of that kernel: the program's own, and further ones where a kernel costs more to compile than to run. */
  readonly calls: number;
  /** Whether the target promises anything of such a call; all calls if absent. */
  takes?(call: Case): boolean;
  /** What runs a call that is looked at in tiles like this, where the kernel can have them. */
  runner(tile: Tile): Runner;
};

export const wasmKernels: KernelTarget = {
  name: "wasm",
  every: 20,
  calls: 1,
  runner: (tile) => runnerFor({ ...wasmSimd128, tile: wasmTile(tile) }),
};

/** The nearest tile whose keys the target can take; any number of queries will do. */
function wasmTile({ queries, keys }: Tile): Tile {
  const { columns } = wasmSimd128.registerTile;
  return { queries, keys: Math.max(columns, 2 ** Math.ceil(Math.log2(keys))) };
}

/** Whether all floats that the caller stores are numbers. */
export function holdsNumbers({ params, tensors }: Case): boolean {
  const stored = Object.values(tensors).every((tensor) => floats(tensor).every(Number.isFinite));
  return stored && Object.values(params).every((value) => typeof value === "boolean" || Number.isFinite(value));
}

/** Runs the kernel and lays its answer beside the reference, where the target takes the call. */
export async function checkKernel(target: KernelTarget, call: Case, tile: Tile): Promise<Wrong | undefined> {
  const { name, runner } = target;
  if (target.takes?.(call) === false) return undefined;
  const { levels } = await runLevels(withRows(call, numbersOf(1, 0)), [runner(tile)], wasmSimd128.errorUlps);
  const [level] = levels;
  if (level?.kind === "failed") return { check: name, why: `the kernel does not run: ${level.why}` };
  if (level?.kind === "unavailable") return { check: name, why: `the kernel cannot run here: ${level.why}` };
  if (level?.kind !== "compared" || level.verdict.agrees) return undefined;
  const { batch, head, row, got, wanted, bound } = level.verdict.worst!;
  return {
    check: name,
    why: `row ${row} of batch ${batch}, head ${head} has ${got} instead of ${wanted} ± ${bound}`,
  };
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
