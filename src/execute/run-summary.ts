// One summary step, interpreted: the least and the most element of every stretch of a captured tensor's last axis, or
// of every tile of its last two. One with a NaN in it has NaN for both, which says that nothing is known of it.

import type { SummaryPlan } from "../schedule/plan.ts";
import type { Case } from "../spec/case.ts";
import { floats } from "../tensors/elements.ts";

export type Summary = { readonly shape: readonly number[]; readonly least: Float64Array; readonly most: Float64Array };

export function runSummary({ of, stretch, rows }: SummaryPlan, call: Case): Summary {
  const tensor = call.tensors[of.name]!;
  const values = floats(tensor);
  const [length, height] = [tensor.shape.at(-1)!, rows === 1 ? 1 : tensor.shape.at(-2)!];
  const outer = tensor.shape.slice(0, rows === 1 ? -1 : -2);
  const matrices = outer.reduce((product, extent) => product * extent, 1);
  const [bands, stretches] = [Math.ceil(height / rows), Math.ceil(length / stretch)];
  const least = new Float64Array(matrices * bands * stretches).fill(Number.POSITIVE_INFINITY);
  const most = new Float64Array(matrices * bands * stretches).fill(Number.NEGATIVE_INFINITY);
  for (let matrix = 0; matrix < matrices; matrix++) {
    for (let row = 0; row < height; row++) {
      for (let column = 0; column < length; column++) {
        const value = values[(matrix * height + row) * length + column]!;
        const at = (matrix * bands + Math.floor(row / rows)) * stretches + Math.floor(column / stretch);
        least[at] = Math.min(least[at]!, value);
        most[at] = Math.max(most[at]!, value);
      }
    }
  }
  return { shape: [...outer, ...(rows === 1 ? [] : [bands]), stretches], least, most };
}
