// What is fixed in the kernel that runs a call: the dims, the values of `const` parameters, and what its rows are made of.

import type { RowElement, Target } from "../../targets/target.ts";
import type { Settings } from "../compile.ts";
import type { Case } from "../spec/case.ts";
import { bytesPerElement } from "../tensors/elements.ts";
import type { Tensor } from "../tensors/tensor.ts";

/** The settings of the target's kernel for the call. */
export function settingsOf(call: Case, target: Target): Settings {
  const { attention, shape, params } = call;
  const names = attention.params.filter((param) => param.const).map(({ name }) => name);
  return {
    dims: { dim: shape.dim, valueDim: shape.valueDim },
    element: rowElementOf(call, target),
    consts: Object.fromEntries(names.map((name) => [name, params[name]!])),
  };
}

/** The smallest of the target's row types that holds the call's tensors as they are. */
function rowElementOf({ query, key, value }: Case, { rows }: Target): RowElement {
  const fitting = (Object.keys(rows) as RowElement[]).filter((element) => {
    const { query: computed, stored } = rows[element]!;
    return holds(computed, query) && holds(stored, key) && holds(stored, value);
  });
  const smallestFirst = fitting.sort((a, b) => bytesPerElement(rows[a]!.stored) - bytesPerElement(rows[b]!.stored));
  return smallestFirst[0] ?? "f32";
}

const holds = (element: RowElement, { dtype }: Tensor) => element === "f32" || element === dtype;
