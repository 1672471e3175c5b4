// A call of a system's program as every level of the compiler takes it.

import type { Case } from "../../src/spec/case.ts";
import { makeTensor } from "../../src/tensors/elements.ts";
import { specOf } from "../check.ts";
import type { Inputs } from "./dense.ts";

/** The last attention of the text is the system. */
export function caseOf(text: string, { sizes, query, key, value, scalar, tensor }: Inputs): Case {
  const attention = specOf(text).attentions.at(-1)!;
  const { batch, heads, kvHeads, queries, keys, dim, valueDim } = sizes;
  const defaults = attention.params.flatMap(({ name, default: known }) => (known === undefined ? [] : [[name, known]]));
  const tensors = attention.tensors.map(({ name, element }) => {
    const { shape, data } = tensor[name]!;
    return [name, makeTensor(element, [...shape], [...data])];
  });
  return {
    attention,
    shape: { batch, heads, kvHeads, queries, keys, dim, valueDim, axes: sizes.axes ?? {} },
    params: { ...Object.fromEntries(defaults), ...scalar },
    tensors: Object.fromEntries(tensors),
    query: makeTensor("f32", [batch, heads, queries, dim], [...Array.from(query)]),
    key: makeTensor("f32", [batch, kvHeads, keys, dim], [...Array.from(key)]),
    value: makeTensor("f32", [batch, kvHeads, keys, valueDim], [...Array.from(value)]),
  };
}
