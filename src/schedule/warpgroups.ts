// Which programs are for warpgroups with tiles that are copied for them. The others go the way of warps or of single threads,
// and whoever asks is told why.

import type { Target } from "../../targets/target.ts";
import { dependencies } from "../analysis/depends.ts";
import { walkExpressions } from "./expressions.ts";
import type { AttendPlan, Program, Walking, Warpgroups } from "./plan.ts";
import { sumsValues } from "./split.ts";
import { attendSteps } from "./steps.ts";

/** Rows must be whole 16 bytes to be copied as tiles. */
const ALIGNED_HALVES = 8;

/** Values from which on a walk needs so many registers that few are left beside 128 sums. */
export const LARGE_WALK = 48;
const MOST_SUMS_BESIDE = 192;

/** Values that a walk has at hand: of the head, and of the query tile. */
export const walkValues = ({ head, queryTile }: Pick<AttendPlan, "head" | "queryTile">) =>
  head.length + queryTile.length;

/** Registers of a thread that loads and walks, by the values that its walk has at hand: with 24, a walk over several runs of
 *  keys spilled, with 40 one that is solved in many parts. Tried on the examples, so that none spills. */
const PRODUCER_REGISTERS = [
  { values: 16, registers: 40 },
  { values: LARGE_WALK, registers: 72 },
  { values: Number.POSITIVE_INFINITY, registers: 104 },
];

/** A multiprocessor has so many; a launch gives all threads as many, in eights. */
const REGISTERS = 65536;
const WARPGROUP = 128;
/** Rows that a warpgroup multiplies. */
const GROUP_ROWS = 64;

/** Registers that rows, masks and addresses take beside matrices. Tried on the examples, so that none spills. */
const BESIDE_MATRICES = 64;

/** Beyond it a softmax is so short beside its products that waiting for a turn costs more than it brings: FlashAttention-3,
 *  arXiv 2407.08608, takes turns up to there. */
const MOST_IN_TURNS = 128;

type Shape = Pick<AttendPlan, "split" | "writes" | "tile" | "dims"> & Walking;

/** How a pass over whole tiles is shared; undefined where the target has no warpgroups, or the rows are few. */
export function chooseWarpgroups({ features }: Target, plan: Shape): Warpgroups | undefined {
  if (!features.includes("wgmma") || plan.split) return undefined;
  const registers = registersOf(plan);
  const { keys } = plan.tile;
  // A product of 64 rows gives a thread half as many sums as it has columns; weights are packed two to a register.
  const matrices = keys / 2 + keys / 4 + Math.ceil(plan.dims.valueDim / 64) * 32;
  const ahead = sumsValues(plan) && matrices + BESIDE_MATRICES <= registers.consumer;
  return {
    ahead,
    turns: !ahead || Math.max(plan.dims.dim, plan.dims.valueDim) <= MOST_IN_TURNS,
    rounds: isKnownWalk(plan),
    registers,
  };
}

/** Whether the place of a tile tells how long its walk is, so that rounds can be dealt out before: what tensors say of it, only
 *  the walk finds out. */
const isKnownWalk = (plan: Shape) =>
  dependencies(...walkExpressions(plan).map(({ value }) => value)).tensors.size === 0;

/** What the warpgroup that loads does not need, the others have. */
function registersOf(plan: Shape): Warpgroups["registers"] {
  const groups = plan.tile.queries / GROUP_ROWS + 1;
  const each = Math.floor(REGISTERS / (groups * WARPGROUP) / 8) * 8;
  const producer = PRODUCER_REGISTERS.find(({ values }) => walkValues(plan) <= values)!.registers;
  return { producer, consumer: Math.floor((groups * each - producer) / (groups - 1) / 8) * 8 };
}

/** Why the program, planned for a target of warpgroups, should go another way; undefined where it should not. */
export function whyNoWarpgroups(program: Program): string | undefined {
  const { plan } = attendSteps(program).find((step) => !step.plan.split)!;
  const { dims, tile, rows, normalize } = plan;
  if (plan.stored) return "maps of tiles are of the tensors of the call, and its tokens are stored in another order";
  if (rows.query === "f32") return "tiles are made of f16 or bf16, and rows are f32";
  if (rows.query === "f16" && normalize !== "softmax") return "weights that no softmax bounds may be too large for f16";
  const ragged = [dims.dim, dims.valueDim].find((length) => length % ALIGNED_HALVES !== 0);
  if (ragged !== undefined) return `rows of ${ragged} elements are no multiple of 16 bytes`;
  if (walkValues(plan) > LARGE_WALK && dims.valueDim > MOST_SUMS_BESIDE) {
    return `a walk with ${walkValues(plan)} values leaves no registers for rows of ${dims.valueDim} sums`;
  }
  const small = program.ir.selections.find(({ size }) => size.queries % tile.queries || size.keys % tile.keys);
  if (!small) return undefined;
  const [blocks, tiles] = [small.size, tile].map(({ queries, keys }) => `${queries} × ${keys}`);
  return `blocks of ${blocks} that a call chooses are smaller than tiles of ${tiles}`;
}
