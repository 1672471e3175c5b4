// How the warpgroups of a block share its work: in which order products follow one another, whose turn it is, which tiles a
// block has, whose rows lie in one. All of it is decided by what registers allow and by what the walk asks.

import type { Target } from "../../targets/target.ts";
import { dependencies } from "../analysis/depends.ts";
import type * as ir from "../ir/expr.ts";
import { int } from "../ir/make.ts";
import { walkExpressions } from "./expressions.ts";
import { freshName } from "./names.ts";
import type { AttendPlan, Buffer, StepOf, Walking, Warpgroups } from "./plan.ts";
import { sumsValues } from "./split.ts";
import { LARGE_WALK, walkValues } from "./warpgroups.ts";

/** Registers of a thread that loads and walks, by the values that its walk has at hand: with 24, a walk over several runs of
 *  keys spilled, with 40 one that is solved in many parts. Tried on the examples, so that none spills. */
const PRODUCER_REGISTERS = [
  { values: 16, registers: 40 },
  { values: LARGE_WALK, registers: 72 },
  { values: Number.POSITIVE_INFINITY, registers: 104 },
];

/** A walk that asks tensors has the next tile at hand, too: with 40, two spilled. */
const REGISTERS_BESIDE_TENSORS = 56;

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

/** Whether one walk over the keys does for all heads that share them: the mask asks about none of them, and nobody has chosen
 *  blocks for the rows of a tile. */
export const packsHeads = ({ features }: Target, { mask, selections }: ir.AttentionIr) =>
  features.includes("wgmma") && selections.length === 0 && !dependencies(mask).axes.has("head");

/** How a pass over whole tiles is shared; undefined where the target has no warpgroups, or the rows are few. */
export function chooseWarpgroups({ features }: Target, plan: Shape, packs: boolean): Warpgroups | undefined {
  if (!features.includes("wgmma") || plan.split) return undefined;
  const registers = registersOf(plan);
  const { keys } = plan.tile;
  // A product of 64 rows gives a thread half as many sums as it has columns; weights are packed two to a register.
  const matrices = keys / 2 + keys / 4 + Math.ceil(plan.dims.valueDim / 64) * 32;
  const ahead = sumsValues(plan) && matrices + BESIDE_MATRICES <= registers.consumer;
  return {
    ahead,
    turns: !ahead || Math.max(plan.dims.dim, plan.dims.valueDim) <= MOST_IN_TURNS,
    packs,
    registers,
  };
}

/** The pass, and the scratch by which its blocks take tiles. Where the place of a tile tells how long its walk is, tiles are
 *  dealt out before, and nothing is counted; what tensors or a list say of it, only the walk finds out. */
export function withCounter(step: StepOf<AttendPlan>, taken: ReadonlySet<string>) {
  const { plan, writes } = step;
  if (!plan.warpgroups || !(asksTensors(plan) || plan.traversal.list)) return { step, scratch: [] };
  const counter = freshName(`${step.name}_tiles`, taken);
  const counted = { ...plan, warpgroups: { ...plan.warpgroups, counter } };
  const buffer: Buffer = { name: counter, role: "scratch", element: "i32", extents: [int(1)], cleared: true };
  return { step: { ...step, plan: counted, writes: [...writes, counter] }, scratch: [buffer] };
}

/** What the warpgroup that loads does not need, the others have. */
function registersOf(plan: Shape): Warpgroups["registers"] {
  const groups = plan.tile.queries / GROUP_ROWS + 1;
  const each = Math.floor(REGISTERS / (groups * WARPGROUP) / 8) * 8;
  const { registers } = PRODUCER_REGISTERS.find(({ values }) => walkValues(plan) <= values)!;
  const producer = asksTensors(plan) ? Math.max(registers, REGISTERS_BESIDE_TENSORS) : registers;
  return { producer, consumer: Math.floor((groups * each - producer) / (groups - 1) / 8) * 8 };
}

const asksTensors = (plan: Walking) =>
  dependencies(...walkExpressions(plan).map(({ value }) => value)).tensors.size > 0;
