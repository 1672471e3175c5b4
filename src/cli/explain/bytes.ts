// Bytes of a call: what it holds in memory, and what its walk reads of K and V beside what a dense map would.

import { bindCase } from "../../execute/environment.ts";
import type { WalkCounts } from "../../execute/walk-counts.ts";
import { evaluator, startPoint } from "../../ir/evaluate.ts";
import type { Buffer, Program } from "../../schedule/plan.ts";
import { attendSteps } from "../../schedule/steps.ts";
import type { Case } from "../../spec/case.ts";
import { bytesPerElement } from "../../tensors/elements.ts";

export type Bytes = {
  /** Of every tensor of the call that has a known length, and of scratch between steps. */
  readonly inputs: number;
  readonly outputs: number;
  readonly scratch: number;
  /** Captured tensors that were not given and have an axis of their own. */
  readonly unknown: readonly string[];
  /** Of K and V, as often as query tiles read them, of all passes; `all` without a mask. */
  readonly keysAndValues: { readonly read: number; readonly all: number; readonly saved: number };
};

export function bytesOf(program: Program, call: Case, counts: WalkCounts): Bytes {
  const bindings = bindCase(program.ir, call);
  const isUnknown = ({ name, extents }: Buffer) =>
    call.tensors[name] === undefined &&
    extents.some((each) => each.kind === "extent" && each.extent.startsWith("axis:") && !isShapeParam(each.extent));
  const isShapeParam = (extent: string) => call.shape.axes[extent.slice("axis:".length)] !== undefined;
  const sizeOf = ({ element, extents, mostBytes = Number.POSITIVE_INFINITY }: Buffer) => {
    const lengths = extents.map((extent) => Number(evaluator(extent, "decide", bindings)(startPoint())));
    const bytes = lengths.reduce((size, length) => size * length, bytesPerElement(element));
    return bytes > mostBytes ? 0 : bytes;
  };
  const unknown = program.buffers.filter(isUnknown);
  const sum = (role: Buffer["role"]) =>
    program.buffers
      .filter((buffer) => buffer.role === role && !unknown.includes(buffer))
      .reduce((total, buffer) => total + sizeOf(buffer), 0);
  return {
    inputs: sum("input"),
    outputs: sum("output"),
    scratch: sum("scratch"),
    unknown: unknown.map(({ name }) => name),
    keysAndValues: traffic(program, call, counts),
  };
}

/** Every pass reads K, and the one that adds up the values reads V. */
function traffic(program: Program, { shape }: Case, { keyRows }: WalkCounts): Bytes["keysAndValues"] {
  const passes = attendSteps(program);
  const rowBytes = (passes.length * shape.dim + shape.valueDim) * bytesPerElement(passes[0]!.plan.rows.stored);
  const [read, all] = [keyRows.read * rowBytes, keyRows.all * rowBytes];
  return { read, all, saved: all - read };
}
