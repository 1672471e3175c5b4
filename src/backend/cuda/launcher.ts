// The host's part of a kernel as data: how much scratch a call takes, and how many blocks of which size run a step.

import type { Target } from "../../../targets/target.ts";
import { type Order, sortedSide, storedHeads } from "../../ir/order.ts";
import { sharedChoices } from "../../ir/selection.ts";
import type { Sides } from "../../ir/sides.ts";
import { PART_WORDS } from "../../schedule/buffers.ts";
import { type MovedTensor, movedRows, storedName, storedNames } from "../../schedule/order.ts";
import type { AttendPlan, Buffer, Dims, Program } from "../../schedule/plan.ts";
import {
  isBlockList,
  isChoose,
  isFold,
  isImportance,
  isMerge,
  isPairs,
  isPool,
  isSummary,
} from "../../schedule/steps.ts";
import { countOf } from "../simt/blocks.ts";
import { operand, ownName } from "../simt/dialect.ts";
import { LENGTH_OF, LINES_OF, RUN, runsOf } from "../simt/order.ts";
import { CALLED_KV_HEADS, lengthField, storedExtent } from "../simt/scope.ts";
import type { CudaLauncherView } from "../views-cuda.ts";
import { BYTES, C_TYPES, extentsOf, scratchOf } from "./call.ts";
import { calledHeadsOf } from "./called-heads.ts";
import { distinct, indexChecks, lengthCheck, limitChecks, STATUSES, tensorChecks } from "./checks.ts";
import { CUDA } from "./dialect.ts";
import { isAgree, isMoved, isScore, isSort, isWeigh, type Kernel, type KernelStep, type SortStep } from "./kernels.ts";
import { mapsOf, tileChecks } from "./maps.ts";
import { packedOf, tilesOf } from "./packing.ts";
import { countsOf } from "./reduce.ts";
import { stepName } from "./scope.ts";
import { matricesOf } from "./steps.ts";
import { attendBlockSize, type BlockSize } from "./units.ts";

export function launcherView(program: Program, kernels: readonly Kernel[], target: Target): CudaLauncherView {
  const steps = kernels.map(({ name, step }) => {
    const size = blockSizeOf(step, target);
    const calls = step.calls ?? "all";
    const record = "stored" in step.plan && step.plan.stored ? "stored" : "call";
    // Counted by the lengths that the step finds.
    const blocks = blocksOf(step).replaceAll("call.", `${record}.`);
    return {
      condition: { all: "", few: "few && ", many: "!few && " }[calls],
      kernel: `${stepName(step)}_step::${name}`,
      name,
      record,
      blocks,
      grid: isPersistent(step) ? `attnc::persistent_blocks(device, ${blocks})` : blocks,
      ...size,
    };
  });
  const { few } = program;
  const isParts = (name: string) => name === few?.parts;
  const checks = [lengthCheck(program), ...tensorChecks(program)];
  const limits = [...limitChecks(steps, target), ...tileChecks(program, target), ...indexChecks(program)];
  const workspace = `workspace is null, not 256 bytes aligned, or smaller than ${program.name}_workspace_bytes says`;
  return {
    name: program.name,
    record: recordOf(program),
    scratch: scratchOf(program).map((buffer) => ({
      field: buffer.field,
      type: `${C_TYPES[buffer.element].kernel}*`,
      bytes: isParts(buffer.name) ? `call.queries <= ${few!.queries} ? ${bytesOf(buffer)} : 0` : bytesOf(buffer),
      mostBytes: buffer.mostBytes === undefined ? "~size_t(0)" : `size_t(${buffer.mostBytes})`,
    })),
    cleared: scratchOf(program).flatMap((buffer) =>
      buffer.cleared ? [{ field: buffer.field, bytes: bytesOf(buffer) }] : [],
    ),
    few: few ? `call.${ownName(few.parts)} != nullptr` : "false",
    captured: program.ir.tensors.map((tensor) => ({
      field: ownName(tensor.name),
      elements: `elements(${extentsOf(tensor).join(", ")})`,
    })),
    checks,
    limits,
    maps: mapsOf(program, target),
    packed: [...calledHeadsOf(program), ...packedOf(program, target)],
    steps,
    stored: storedStatements(program),
    statuses: STATUSES,
    messages: [...checks, { status: STATUSES.workspace, text: workspace }, ...distinct(limits)],
  };
}

/** Whether a block goes over more than one tile. */
export const isPersistent = ({ plan }: KernelStep) => plan.kind === "attend" && plan.warpgroups !== undefined;

export const recordOf = ({ name }: Program) => `${name}_call`;

export const WARP = 32;
/** Threads of a block where it does not matter. */
export const THREADS = 128;

/** Of a row that is merged: a warp takes every eighth stretch. */
const MERGE_THREADS = 256;

/** Three words of a block of keys for each thread, and two of each warp. */
const CHOICE_BYTES = 4 * (3 * THREADS + 2 * (THREADS / WARP));

/** Steps whose threads share nothing. */
const UNSHARED: ReadonlySet<string> = new Set([
  "summary",
  "pool",
  "pairs",
  "score",
  "agree",
  "importance",
  "moved",
  "fold",
] satisfies Kind[]);
type Kind = KernelStep["plan"]["kind"];

/** Threads of a block, and bytes of its shared memory; the kernel asserts that it counts the same. */
export function blockSizeOf({ plan }: KernelStep, target: Target): BlockSize {
  if (plan.kind === "choose") return { threads: THREADS, sharedBytes: CHOICE_BYTES };
  if (plan.kind === "sort") {
    const words = { runs: plan.order.sort.length * RUN, places: 0, rows: RUN }[plan.part];
    return { threads: RUN, sharedBytes: 4 * words };
  }
  if (plan.kind === "weigh-keys") return { threads: THREADS, sharedBytes: 8 * THREADS };
  if (UNSHARED.has(plan.kind)) return { threads: THREADS, sharedBytes: 0 };
  if (plan.kind === "blocks") return { threads: WARP, sharedBytes: 0 };
  if (plan.kind === "merge") {
    const warps = MERGE_THREADS / WARP;
    return { threads: MERGE_THREADS, sharedBytes: 4 * warps * (plan.dims.valueDim + PART_WORDS) };
  }
  return attendBlockSize(plan as AttendPlan, target);
}

/** Blocks of rows by blocks of keys. */
const pairsOfBlocks = ({ query, key }: Sides) => `(${countOf(query, "query", CUDA)}) * (${countOf(key, "key", CUDA)})`;

/** Blocks of a step, as an expression over `call`. */
function blocksOf(step: KernelStep): string {
  const rounded = (length: string, size: number) => `(${length} + ${size - 1}) / ${size}`;
  if (isSort(step)) return sortBlocks(step.plan, (of, size) => `(${rounded(`call.${of}`, size)})`);
  if (isMoved(step)) {
    const { heads, length } = sideOf(step.plan.tensor, step.plan.order, step.plan.dims);
    return rounded(`1LL * call.batch * call.${heads} * call.${length} * ${WARP}`, THREADS);
  }
  if (isWeigh(step)) return `1LL * call.batch * call.heads * (${rounded("call.queries", WARP)})`;
  if (isAgree(step)) {
    const { selection, stored } = step.plan;
    const kvHeads = stored?.keyHeads === "heads" ? CALLED_KV_HEADS : "kv_heads";
    const groups = sharedChoices(selection)!.over === "group" ? `call.${kvHeads}` : "1";
    return rounded(`1LL * call.batch * ${groups} * ${pairsOfBlocks(selection.sides)}`, THREADS);
  }
  if (isScore(step) || isChoose(step)) {
    const { selection } = step.plan;
    const isWhole = step.plan.kind === "choose" && selection.line === "all";
    const rows = countOf(selection.sides.query, "query", CUDA);
    return `1LL * call.batch * call.heads * (${isWhole ? "call.queries > 0" : rows})`;
  }
  if (isImportance(step)) {
    const length = `call.${LENGTH_OF[step.plan.importance.of]}`;
    return `1LL * call.batch * call.heads * (${rounded(length, THREADS)})`;
  }
  if (isSummary(step)) {
    const { of, rows, stretch } = step.plan;
    const lengths = of.extents.map((extent) => operand(storedExtent(extent, CUDA)));
    const bands = rows === 1 ? "1" : rounded(lengths.at(-2)!, rows);
    const tiles = `${matricesOf(step.plan)} * (${bands}) * (${rounded(lengths.at(-1)!, stretch)})`;
    return rounded(`${tiles} * ${WARP}`, THREADS);
  }
  if (isPool(step)) {
    const { pool, side, dims } = step.plan;
    const [heads, blocks] = [pool.of === "query" ? "heads" : "kv_heads", countOf(side, pool.of, CUDA)];
    return rounded(`1LL * call.batch * call.${heads} * (${blocks}) * ${dims.dim}`, THREADS);
  }
  if (isPairs(step)) {
    return rounded(`1LL * call.batch * call.heads * ${pairsOfBlocks(step.plan.sides)}`, THREADS);
  }
  if (isFold(step)) {
    const places = Object.values(countsOf(step.plan.fold, (extent) => operand(storedExtent(extent, CUDA))));
    return rounded(["1LL", ...places].join(" * "), THREADS);
  }
  if (isMerge(step)) return "1LL * call.batch * call.heads * call.queries";
  const { split, reduce, tile } = step.plan as AttendPlan;
  if (reduce?.walks === "keys") return `1LL * call.batch * call.heads * (${rounded("call.keys", tile.keys)})`;
  if (split) {
    const group = split.packs ? "call.heads / call.kv_heads" : "1";
    const tiles = rounded(`call.queries * (${group})`, tile.queries);
    const stretches = rounded("call.keys", split.keys);
    return `1LL * call.batch * (call.heads / (${group})) * (${tiles}) * (${stretches})`;
  }
  if (!isBlockList(step)) return tilesOf(step.plan as AttendPlan);
  return rounded(`1LL * call.batch * (${rounded("call.queries", step.plan.tile.queries)})`, WARP);
}

/** Lengths and heads of what is moved, as the record has them, where it lies in stored order. */
export function sideOf(tensor: MovedTensor, order: Order, dims: Dims) {
  const { side } = movedRows(tensor, dims);
  return { heads: side === "key" ? lengthField(storedHeads(order)) : "heads", length: LENGTH_OF[side] };
}

/** @param roundedUp how many stretches of a size a length has, in the language at hand */
export function sortBlocks(
  { part, order }: SortStep["plan"],
  roundedUp: (length: "queries" | "keys", size: number) => string,
  field = (length: string) => `1LL * call.${length}`,
): string {
  const lines = ["batch", ...LINES_OF[order.per].map((length) => lengthField(length))].map(field).join(" * ");
  if (part === "rows") return lines;
  const length = LENGTH_OF[sortedSide(order)];
  const { segment } = order;
  return segment
    ? `${lines} * ${roundedUp(length, segment.size)} * ${runsOf(order)}`
    : `${lines} * ${roundedUp(length, RUN)}`;
}

/** The record of the steps that find rows in stored order: scratch stands for tensors, rows without gaps. */
function storedStatements(program: Program): readonly string[] {
  const tensors = storedNames(program).flatMap((name) => [
    `stored.${name} = call.${ownName(storedName(name))};`,
    ...storedStrides(program, name, "1LL * call.").map(
      (stride, axis) => `stored.${name}_strides[${axis}] = ${stride};`,
    ),
  ]);
  const { order } = program.ir;
  const heads = order && storedHeads(order) === "heads" ? ["stored.kv_heads = call.heads;"] : [];
  return tensors.length > 0 ? ["Call stored = call;", ...heads, ...tensors] : [];
}

/** Elements from one to the next of each axis but the last; none where there are no strides to say.
 *  @param length what stands before the name of a length */
export function storedStrides({ dims, ir }: Program, name: MovedTensor, length: string): readonly string[] {
  if (name === "lse") return [];
  const { width } = movedRows(name, dims);
  const { heads, length: rows } = sideOf(name, ir.order!, dims);
  const row = String(width);
  return [`${length}${heads} * ${length.replace("1LL * ", "")}${rows} * ${row}`, `${length}${rows} * ${row}`, row];
}

const bytesOf = (buffer: Buffer) => `elements(${extentsOf(buffer).join(", ")}) * ${BYTES[buffer.element]}`;
