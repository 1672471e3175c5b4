// One summary step, interpreted: the least and the most element of every stretch of a captured tensor's last axis. A
// stretch with a NaN in it has NaN for both, which says that nothing is known of it.

import type { SummaryPlan } from "../schedule/plan.ts";
import type { Case } from "../spec/case.ts";
import { floats } from "../tensors/elements.ts";

export type Summary = { readonly shape: readonly number[]; readonly least: Float64Array; readonly most: Float64Array };

export function runSummary({ of, stretch }: SummaryPlan, call: Case): Summary {
  const tensor = call.tensors[of.name]!;
  const values = floats(tensor);
  const length = tensor.shape.at(-1)!;
  const stretches = Math.ceil(length / stretch);
  const rows = tensor.shape.slice(0, -1).reduce((product, extent) => product * extent, 1);
  const least = new Float64Array(rows * stretches);
  const most = new Float64Array(rows * stretches);
  for (let row = 0; row < rows; row++) {
    for (let index = 0; index < stretches; index++) {
      const first = row * length + index * stretch;
      const elements = values.subarray(first, Math.min(first + stretch, (row + 1) * length));
      least[row * stretches + index] = Math.min(...elements);
      most[row * stretches + index] = Math.max(...elements);
    }
  }
  return { shape: [...tensor.shape.slice(0, -1), stretches], least, most };
}
