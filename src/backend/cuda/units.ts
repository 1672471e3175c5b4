// What multiplies in a pass, and what a block of threads takes for it: the same plan is printed for single threads, for
// warps with their fragments, or for warpgroups with tiles that are copied for them.

import type { Target } from "../../../targets/target.ts";
import { registerTileOf } from "../../schedule/larger-tiles.ts";
import type { AttendPlan, Program } from "../../schedule/plan.ts";
import { attendSteps } from "../../schedule/steps.ts";

export type Unit = "simt" | "mma" | "wgmma";

/** Few rows are work for warps by themselves: a warpgroup has 64 at least. Folds are work for single threads. */
export function unitOf({ split, reduce }: AttendPlan, { features }: Target): Unit {
  if (reduce) return "simt";
  if (features.includes("wgmma") && !split) return "wgmma";
  return features.includes("mma") ? "mma" : "simt";
}

/** The passes of warpgroups, all of the same dims and tile; none where the target has no such. */
export const warpgroupSteps = (program: Program, target: Target) =>
  attendSteps(program).filter(({ plan }) => unitOf(plan, target) === "wgmma");

/** Elements of K or V rows that are in shared memory at a time: one for each thread of a warp. */
export const CHUNK = 32;

export type BlockSize = { readonly threads: number; readonly sharedBytes: number };

/** Threads of a pass, and bytes of its shared memory; the kernel asserts that it counts the same. */
export function attendBlockSize(plan: AttendPlan, target: Target): BlockSize {
  const { tile, dims } = plan;
  const { rows, columns } = registerTileOf(target, tile);
  const threads = (tile.queries / rows) * (tile.keys / columns);
  switch (unitOf(plan, target)) {
    case "wgmma":
      return { threads: threads + WARPGROUP, sharedBytes: ringOf(plan).sharedBytes };
    case "mma": {
      const [width, valueWidth] = [halfStride(dims.dim), halfStride(dims.valueDim)];
      const ring = RING_SLOTS * tile.keys * Math.max(width, valueWidth);
      return { threads, sharedBytes: 2 * (tile.queries * width + ring) };
    }
    case "simt": {
      const chunks = Math.ceil(dims.dim / CHUNK);
      const elements = tile.queries * (chunks * CHUNK + 4) + tile.keys * (CHUNK + 4) + tile.queries * (tile.keys + 4);
      return { threads, sharedBytes: 4 * elements };
    }
  }
}

/** Elements from row to row of halves in shared memory: whole 128 bytes are swizzled, others are kept apart. */
function halfStride(length: number): number {
  const steps = Math.ceil(length / 16);
  return steps * 16 + (steps % 4 === 0 ? 0 : 8);
}

/** Tiles of keys and of values that are in shared memory at a time. */
const RING_SLOTS = 3;

const WARPGROUP = 128;

/** Shared memory of a block on compute capability 9.0; more stages than four bring nothing that arrives sooner. */
const SHARED_BYTES = 232448;
const MOST_STAGES = 4;

/** How many tiles of keys and values are there at a time: as many as fit beside the queries, with their barriers and with
 *  four tiles of queries that are told. */
export function ringOf({ tile, dims }: AttendPlan): { readonly stages: number; readonly sharedBytes: number } {
  const [width, valueWidth] = [dims.dim, dims.valueDim].map((length) => Math.ceil(length / 64) * 128);
  const bytesOf = (stages: number) =>
    tile.queries * width! + stages * (tile.keys * (width! + valueWidth!) + 4 * 8 + 8) + 3 * 8 + 16;
  let stages = MOST_STAGES;
  while (stages > 1 && bytesOf(stages) > SHARED_BYTES) stages--;
  return { stages, sharedBytes: bytesOf(stages) };
}
