// What the runtime must know to call the kernel, from the program: see src/runtime/description.ts.

import type { Target } from "../../../targets/target.ts";
import type * as ir from "../../ir/expr.ts";
import type * as runtime from "../../runtime/description.ts";
import type { AttendPlan, Program } from "../../schedule/plan.ts";
import { attendSteps } from "../../schedule/steps.ts";
import { CONSTANTS_AT } from "./constants.ts";
import { axesOf, layoutOf, type Words } from "./layout.ts";

/** @param constants how many vectors of constants the module keeps */
export function describe(program: Program, words: Words, target: Target, constants: number): runtime.KernelDescription {
  const { ir: attention, dims, buffers, steps } = program;
  const passes = attendSteps(program);
  const layouts = passes.map(({ plan }) => layoutOf(plan, target));
  const largestTile = Math.max(...passes.map(({ plan }) => plan.tile.keys));
  const fromCaller = new Set(attention.shapeParams);
  return {
    name: program.name,
    steps: steps.map(({ name }) => name),
    dims,
    rows: rowsOf(passes[0]!.plan),
    params: attention.params.map(({ name, type, range, default: value }) => ({
      ...{ name, type, range },
      ...(value === undefined ? {} : { default: value }),
    })),
    tensors: attention.tensors.map(({ name, element, extents, range, sorted }) => ({
      ...{ name, element: elementOf(element), extents: extents.map(extentOf), range, sorted },
    })),
    axes: axesOf(attention).map((name) => ({ name, from: fromCaller.has(name) ? "caller" : "tensor" })),
    outputs: { lse: attention.outputs.lse },
    empty: attention.empty,
    buffers: buffers
      .filter(({ role }) => role === "scratch")
      .map(({ name, extents, mostBytes }) => ({
        ...{ name, extents: extents.map(scratchExtentOf) },
        ...(mostBytes === undefined ? {} : { mostBytes }),
      })),
    memory: {
      words,
      blockBytes: Object.keys(words).length * 4,
      scratch: {
        fixedBytes: Math.max(...layouts.map(({ fixedBytes }) => fixedBytes)),
        bytesPerKey: Math.max(...layouts.map(({ bytesPerKey }) => bytesPerKey)),
        keyMultiple: largestTile,
      },
      // A vector of the last tile may read past a row of a captured tensor; what it finds there decides nothing.
      slackBytes: largestTile * 4,
      firstByte: Math.ceil((CONSTANTS_AT + 16 * constants) / 64) * 64,
      limitBytes: target.limits.memoryBytes,
    },
  };
}

function rowsOf({ rows: { query, stored } }: AttendPlan): runtime.KernelDescription["rows"] {
  if (query !== "f32" || stored === "bf16")
    throw new Error(`Wasm reads no ${query} and ${stored}: a bug in the target`);
  return { query, stored };
}

function elementOf(element: ir.Tensor["element"]): runtime.ElementType {
  if (element === "f16" || element === "bf16") throw new Error(`Wasm reads no ${element}: a bug in the plan`);
  return element;
}

function extentOf(extent: ir.Expr): runtime.Extent {
  if (extent.kind === "const") return Number(extent.value);
  if (extent.kind !== "extent") throw new Error(`an extent is a ${extent.kind}: a bug in lowering`);
  return extent.extent;
}

/** A summary or a list has as many elements as tiles cover a length: (length + n − 1) // n. */
function scratchExtentOf(extent: ir.Expr): runtime.ScratchExtent {
  if (extent.kind !== "op") return extentOf(extent);
  const [rounded, stretch] = extent.args as [ir.Expr & { kind: "op" }, ir.Expr & { kind: "const" }];
  return { stretches: extentOf(rounded.args[0]!), of: Number(stretch.value) };
}
