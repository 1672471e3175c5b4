// The promises of a captured tensor, checked element by element before a call: `in lo..hi` and `sorted`. What lies
// beyond the lengths of a batch is nobody's and is not looked at.

import type { Case } from "../spec/case.ts";
import type { TensorParam } from "../spec/spec.ts";
import { floats } from "../tensors/elements.ts";
import { isWithin, rangeText, rangeUnder } from "./assignments.ts";
import { failure } from "./command-error.ts";

/** Problems: E0705 out of its range, E0706 not sorted. O(elements). */
export function checkContracts(call: Case, param: TensorParam): void {
  const range = rangeUnder(param, call.params);
  const hasRange = range.low !== undefined || range.high !== undefined;
  if (!hasRange && !param.sorted) return;
  const tensor = call.tensors[param.name]!;
  const values = floats(tensor);
  const lastExtent = tensor.shape.at(-1) ?? 1;
  const isAlive = aliveElements(call, param);
  for (let index = 0; index < values.length; index++) {
    if (!isAlive(index)) continue;
    const value = values[index]!;
    if (hasRange && !isWithin(value, range)) {
      throw failure(
        "E0705",
        `\`${param.name}\` promises values in ${rangeText(range)}, but \`${param.name}\`${placeOf(index, tensor.shape)} is ${value}`,
      );
    }
    if (param.sorted && index % lastExtent > 0 && value < values[index - 1]!) {
      throw failure(
        "E0706",
        `\`${param.name}\` promises to be sorted along its last axis, but \`${param.name}\`${placeOf(index, tensor.shape)} is ${value} after ${values[index - 1]}`,
      );
    }
  }
}

/** Whether an element belongs to a living key. Without lengths all do. */
function aliveElements(call: Case, param: TensorParam): (index: number) => boolean {
  const { keyLengths } = call;
  const keyAxis = param.axes.findIndex((axis) => axis.kind === "position" && axis.axis !== "query");
  if (!keyLengths || keyAxis < 0) return () => true;
  const { shape } = call.tensors[param.name]!;
  const batchAxis = param.axes.findIndex((axis) => axis.kind === "implicit" && axis.axis === "batch");
  const longest = Math.max(0, ...keyLengths);
  const coordinate = (index: number, axis: number) => {
    const step = shape.slice(axis + 1).reduce((product, extent) => product * extent, 1);
    return Math.floor(index / step) % shape[axis]!;
  };
  return (index) => {
    const alive = batchAxis < 0 ? longest : keyLengths[coordinate(index, batchAxis)]!;
    return coordinate(index, keyAxis) < alive;
  };
}

/** `[2, 17]` */
function placeOf(index: number, shape: readonly number[]): string {
  const place: number[] = [];
  let rest = index;
  for (const extent of shape.toReversed()) {
    place.unshift(rest % extent);
    rest = Math.floor(rest / extent);
  }
  return `[${place.join(", ")}]`;
}
