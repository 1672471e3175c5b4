// The systems that are compiled to kernels, call by call, with rows of f32 or of halves.

import { uncompiledPart } from "../../src/ir/lower-selection.ts";
import { uncompiledOrder } from "../../src/ir/uncompiled-order.ts";
import type { Case } from "../../src/spec/case.ts";
import { floats, makeTensor } from "../../src/tensors/elements.ts";
import type { RowElement } from "../../targets/target.ts";
import { REORDERED, SPARSE } from "./all.ts";
import { caseOf } from "./case.ts";
import { draw, type Inputs } from "./dense.ts";

export type CompiledCall = {
  readonly name: string;
  readonly given: Case;
  /** How narrowly the nearest choice was taken; see Result. */
  readonly margin: number;
};

/** The margin is that of the rows as the kernel sees them. */
export function compiledCalls(element: RowElement = "f32"): readonly CompiledCall[] {
  return [...SPARSE, ...REORDERED]
    .flatMap((system) =>
      system.calls.map((call, place) => {
        const inputs = withRows(draw(call, place + 1), element);
        const given = caseOf(system.attn, inputs);
        const as = ({ shape, data }: Case["query"]) => makeTensor(element, shape, [...Array.from(data, Number)]);
        const { margin = Number.POSITIVE_INFINITY } = system.run(inputs);
        const rows = { query: as(given.query), key: as(given.key), value: as(given.value) };
        return { name: `${system.name}, call ${place}`, given: { ...given, ...rows }, margin };
      }),
    )
    .filter(({ given: { attention } }) => {
      const { sparsities = [] } = attention;
      if (uncompiledOrder(attention) !== undefined) return false;
      return sparsities.every((sparsity) => uncompiledPart(sparsity, attention) === undefined);
    });
}

function withRows({ query, key, value, ...inputs }: Inputs, element: RowElement): Inputs {
  const as = (row: ArrayLike<number>) => floats(makeTensor(element, [row.length], [...Array.from(row)]));
  return { ...inputs, query: as(query), key: as(key), value: as(value) };
}
