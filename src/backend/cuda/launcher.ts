// The host's part of a kernel as data: how much scratch a call takes, and how many blocks of which size run a step.

import type { Target } from "../../../targets/target.ts";
import { PART_WORDS } from "../../schedule/buffers.ts";
import type { AttendPlan, Buffer, Program } from "../../schedule/plan.ts";
import { isBlockList, isChoose, isMerge, isSum, isSummary } from "../../schedule/steps.ts";
import { operand, ownName } from "../simt/dialect.ts";
import { storedExtent } from "../simt/scope.ts";
import type { CudaLauncherView } from "../views-cuda.ts";
import { BYTES, C_TYPES, extentsOf, scratchOf } from "./call.ts";
import { choiceChecks, distinct, lengthCheck, limitChecks, STATUSES, tensorChecks } from "./checks.ts";
import { CUDA } from "./dialect.ts";
import { isScore, type Kernel, type KernelStep } from "./kernels.ts";
import { mapsOf, tileChecks } from "./maps.ts";
import { stepName } from "./scope.ts";
import { matricesOf } from "./steps.ts";
import { attendBlockSize, type BlockSize } from "./units.ts";

export function launcherView(program: Program, kernels: readonly Kernel[], target: Target): CudaLauncherView {
  const steps = kernels.map(({ name, step }) => {
    const size = blockSizeOf(step, target);
    const calls = step.calls ?? "all";
    return {
      condition: { all: "", few: "few && ", many: "!few && " }[calls],
      kernel: `${stepName(step)}_step::${name}`,
      name,
      blocks: blocksOf(step),
      ...size,
    };
  });
  const { few } = program;
  const isParts = (name: string) => name === few?.parts;
  const checks = [lengthCheck(program), ...tensorChecks(program)];
  const limits = [...limitChecks(steps, target), ...tileChecks(program, target), ...choiceChecks(program)];
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
    few: few ? `call.${ownName(few.parts)} != nullptr` : "false",
    captured: program.ir.tensors.map((tensor) => ({
      field: ownName(tensor.name),
      elements: `elements(${extentsOf(tensor).join(", ")})`,
    })),
    checks,
    limits,
    maps: mapsOf(program, target),
    steps,
    statuses: STATUSES,
    messages: [...checks, { status: STATUSES.workspace, text: workspace }, ...distinct(limits)],
  };
}

export const recordOf = ({ name }: Program) => `${name}_call`;

export const WARP = 32;
/** Threads of a block where it does not matter. */
export const THREADS = 128;

/** Of a row that is merged: a warp takes every eighth stretch. */
const MERGE_THREADS = 256;

/** Three words of a block of keys for each thread, and two of each warp. */
const CHOICE_BYTES = 4 * (3 * THREADS + 2 * (THREADS / WARP));

/** Threads of a block, and bytes of its shared memory; the kernel asserts that it counts the same. */
export function blockSizeOf({ plan }: KernelStep, target: Target): BlockSize {
  if (plan.kind === "choose") return { threads: THREADS, sharedBytes: CHOICE_BYTES };
  if (plan.kind === "summary" || plan.kind === "sum" || plan.kind === "score") {
    return { threads: THREADS, sharedBytes: 0 };
  }
  if (plan.kind === "blocks") return { threads: WARP, sharedBytes: 0 };
  if (plan.kind === "merge") {
    const warps = MERGE_THREADS / WARP;
    return { threads: MERGE_THREADS, sharedBytes: 4 * warps * (plan.dims.valueDim + PART_WORDS) };
  }
  return attendBlockSize(plan as AttendPlan, target);
}

/** Blocks of a step, as an expression over `call`. */
function blocksOf(step: KernelStep): string {
  const rounded = (length: string, size: number) => `(${length} + ${size - 1}) / ${size}`;
  if (isScore(step) || isChoose(step)) {
    return `1LL * call.batch * call.heads * (${rounded("call.queries", step.plan.tile.queries)})`;
  }
  if (isSummary(step)) {
    const { of, rows, stretch } = step.plan;
    const lengths = of.extents.map((extent) => operand(storedExtent(extent, CUDA)));
    const bands = rows === 1 ? "1" : rounded(lengths.at(-2)!, rows);
    const tiles = `${matricesOf(step.plan)} * (${bands}) * (${rounded(lengths.at(-1)!, stretch)})`;
    return rounded(`${tiles} * ${WARP}`, THREADS);
  }
  if (isSum(step)) {
    const { of, size, dims } = step.plan;
    const [heads, length] = of === "query" ? ["heads", "queries"] : ["kv_heads", "keys"];
    return rounded(`1LL * call.batch * call.${heads} * (${rounded(`call.${length}`, size)}) * ${dims.dim}`, THREADS);
  }
  if (isMerge(step)) return "1LL * call.batch * call.heads * call.queries";
  const { split, tile } = step.plan as AttendPlan;
  if (split) {
    const group = split.packs ? "call.heads / call.kv_heads" : "1";
    const tiles = rounded(`call.queries * (${group})`, tile.queries);
    const stretches = rounded("call.keys", split.keys);
    return `1LL * call.batch * (call.heads / (${group})) * (${tiles}) * (${stretches})`;
  }
  const tiles = `1LL * call.batch * (${rounded("call.queries", (step.plan as AttendPlan).tile.queries)})`;
  return isBlockList(step) ? rounded(tiles, WARP) : `${tiles} * call.heads`;
}

const bytesOf = (buffer: Buffer) => `elements(${extentsOf(buffer).join(", ")}) * ${BYTES[buffer.element]}`;
