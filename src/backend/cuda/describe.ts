// What a program in Python must know to call a kernel: NAME.json. Sizes of grids and of scratch are expressions in Python,
// over the lengths of a call by the names of the record.

import type { Target } from "../../../targets/target.ts";
import type * as ir from "../../ir/expr.ts";
import { storedHeads } from "../../ir/order.ts";
import { readableTensors, sharedChoices } from "../../ir/selection.ts";
import { blocksOnSide, type Side, type Sides } from "../../ir/sides.ts";
import { storedName, storedNames } from "../../schedule/order.ts";
import type { AttendPlan, Program } from "../../schedule/plan.ts";
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
import { ownName } from "../simt/dialect.ts";
import { LENGTH_OF } from "../simt/order.ts";
import { CALLED_KV_HEADS, lengthField } from "../simt/scope.ts";
import { BYTES, fieldOf, fieldsOf, resultsOf, STRIDED, scratchOf } from "./call.ts";
import { countedByHeads, pythonCalledHeads } from "./called-heads.ts";
import { isAgree, isMoved, isScore, isSort, isWeigh, type Kernel, type KernelStep } from "./kernels.ts";
import { blockSizeOf, isPersistent, sideOf, sortBlocks, storedStrides, THREADS, WARP } from "./launcher.ts";
import { fieldOfMap, tileMaps } from "./maps.ts";
import { pythonPacked, pythonTiles } from "./packing.ts";
import { countsOf } from "./reduce.ts";

export function pythonDescription(program: Program, kernels: readonly Kernel[], target: Target): string {
  const { name, dims, ir: attention, buffers, few } = program;
  const fields = fieldsOf(program);
  const given = buffers.filter(({ role, name: own }) => role === "input" && !own.startsWith("key_length"));
  const description = {
    name,
    capability: target.limits.capability,
    dims: { dim: dims.dim, value_dim: dims.valueDim },
    fields: fields.map((field) => [field.name, field.type]),
    names: Object.fromEntries(fields.map((field) => [field.name, field.name.replace(/_$/, "")])),
    tensors: given
      .filter(({ name: own }) => own !== "query_start")
      .map(({ name: own, element, extents }) => ({
        ...{ name: own, element, extents: extents.map(lengthOrNumber) },
        captured: !STRIDED.some((each) => each === own),
      })),
    defaults: Object.fromEntries(attention.params.map((param) => [param.name, param.default ?? null])),
    axes: attention.shapeParams,
    results: resultsOf(program),
    outputs: buffers
      .filter(({ name: own, role }) => role === "output" && own !== "out")
      .map(({ name: own, element, extents }) => ({ name: own, element, extents: extents.map(pythonExtent) })),
    empty: attention.empty,
    steps: kernels.map(({ name: kernel, step }) => {
      const { threads, sharedBytes } = blockSizeOf(step, target);
      const { calls = "all" } = step;
      const own = "stored" in step.plan ? step.plan.stored : undefined;
      // Counted by the lengths that the step finds.
      const blocks = own?.keyHeads === "heads" ? countedByHeads(blocksOf(step)) : blocksOf(step);
      const runs = { blocks, persistent: isPersistent(step), threads, shared_bytes: sharedBytes };
      return { kernel, calls, stored: own !== undefined, ...runs };
    }),
    packed: { ...pythonCalledHeads(program), ...pythonPacked(program, target) },
    maps: tileMaps(program, target).map((map) => ({ field: fieldOfMap(map), ...map })),
    // Scratch whose elements are counted by ints, as those of a captured tensor.
    indexed: readableTensors(attention)
      .filter(({ name: own }) => program.buffers.some(({ name: each, role }) => each === own && role === "scratch"))
      .map(({ name: own }) => fieldOf(own)),
    // Scratch that stands for tensors in steps that find them in stored order.
    stored_heads: attention.order && storedHeads(attention.order) === "heads" ? "heads" : "kv_heads",
    stored: storedNames(program).map((own) => ({
      ...{ field: own, scratch: ownName(storedName(own)) },
      strides: storedStrides(program, own, ""),
    })),
    few: few ? ownName(few.parts) : null,
    scratch: scratchOf(program).map(({ name: own, field, element, extents, mostBytes = null, cleared = false }) => {
      const bytes = [...extents.map(pythonExtent), BYTES[element]].join(" * ");
      const rows = own === few?.parts ? ` * (queries <= ${few.queries})` : "";
      return { field, bytes: bytes + rows, most_bytes: mostBytes, cleared };
    }),
  };
  return `${JSON.stringify(description, null, 2)}\n`;
}

const lengthOrNumber = (extent: ir.Expr) =>
  extent.kind === "extent" ? lengthField(extent.extent) : Number((extent as ir.Expr & { kind: "const" }).value);

function pythonExtent(extent: ir.Expr): string {
  if (extent.kind !== "op") return String(lengthOrNumber(extent));
  const [left, right] = extent.args.map(pythonExtent);
  return `(${left} ${extent.op === "add" ? "+" : "//"} ${right})`;
}

const countOf = (side: Side, of: keyof Sides) => pythonExtent(blocksOnSide(side, of).count);

/** Blocks of rows by blocks of keys. */
const pairsOfBlocks = ({ query, key }: Sides) => `${countOf(query, "query")} * ${countOf(key, "key")}`;

const roundedUp = (length: string, size: number) => `-(-${length} // ${size})`;

function blocksOf(step: KernelStep): string {
  if (isSort(step))
    return sortBlocks(
      step.plan,
      (length, size) => `(${roundedUp(length, size)})`,
      (length) => length,
    );
  if (isMoved(step)) {
    const { heads, length } = sideOf(step.plan.tensor, step.plan.order, step.plan.dims);
    return roundedUp(`(batch * ${heads} * ${length} * ${WARP})`, THREADS);
  }
  if (isWeigh(step)) return `batch * heads * (${roundedUp("queries", WARP)})`;
  if (isAgree(step)) {
    const { selection, stored } = step.plan;
    const kvHeads = stored?.keyHeads === "heads" ? CALLED_KV_HEADS : "kv_heads";
    const groups = sharedChoices(selection)!.over === "group" ? kvHeads : "1";
    return roundedUp(`(batch * ${groups} * ${pairsOfBlocks(selection.sides)})`, THREADS);
  }
  if (isScore(step) || isChoose(step)) {
    const { selection } = step.plan;
    const isWhole = step.plan.kind === "choose" && selection.line === "all";
    return `batch * heads * (${isWhole ? "queries > 0" : countOf(selection.sides.query, "query")})`;
  }
  if (isImportance(step)) return `batch * heads * (${roundedUp(LENGTH_OF[step.plan.importance.of], THREADS)})`;
  if (isSummary(step)) {
    const { of, rows, stretch } = step.plan;
    const lengths = of.extents.map(pythonExtent);
    const outer = lengths.slice(0, rows === 1 ? -1 : -2);
    const bands = rows === 1 ? "1" : roundedUp(lengths.at(-2)!, rows);
    const tiles = [...outer, bands, roundedUp(lengths.at(-1)!, stretch)].map((each) => `(${each})`).join(" * ");
    return roundedUp(`(${tiles} * ${WARP})`, THREADS);
  }
  if (isPool(step)) {
    const { pool, side, dims } = step.plan;
    const heads = pool.of === "query" ? "heads" : "kv_heads";
    return roundedUp(`(batch * ${heads} * ${countOf(side, pool.of)} * ${dims.dim})`, THREADS);
  }
  if (isPairs(step)) {
    return roundedUp(`(batch * heads * ${pairsOfBlocks(step.plan.sides)})`, THREADS);
  }
  if (isFold(step)) {
    return roundedUp(`(${Object.values(countsOf(step.plan.fold, pythonExtent)).join(" * ")})`, THREADS);
  }
  if (isMerge(step)) return "batch * heads * queries";
  const { split, reduce, tile } = step.plan as AttendPlan;
  if (reduce?.walks === "keys") return `batch * heads * (${roundedUp("keys", tile.keys)})`;
  if (split) {
    const group = split.packs ? "heads // kv_heads" : "1";
    const tiles = roundedUp(`(queries * (${group}))`, tile.queries);
    return `batch * (heads // (${group})) * (${tiles}) * (${roundedUp("keys", split.keys)})`;
  }
  if (!isBlockList(step)) return pythonTiles(step.plan as AttendPlan);
  return roundedUp(`(batch * (${roundedUp("queries", step.plan.tile.queries)}))`, WARP);
}
