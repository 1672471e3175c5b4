// Tensors of a call in typed arrays: elements are of the array's type, a tensor without strides has exactly as many as its
// shape says, and promises are checked on every element.

import { ARRAYS, isArrayOf } from "./arrays.ts";
import { demandCount, demandPromises } from "./check-captured.ts";
import type { Holding, Shaped } from "./check-inputs.ts";
import { wrongShape, wrongType } from "./errors.ts";
import type { TensorElements, TensorInput } from "./inputs.ts";

export const IN_ARRAYS: Holding<TensorInput & Shaped, { readonly data: TensorElements }> = {
  demandType(name, element, { data }) {
    if (!isArrayOf(element, data)) throw wrongType(name, ARRAYS[element].join(" or "));
  },
  demandRoom(name, _element, { data, shape, strides }, count) {
    if (count > data.length)
      throw wrongShape(name, `is [${shape.join(", ")}], but its data has only ${data.length} elements`);
    if (!strides) demandCount(name, shape, data.length);
  },
  demandPromises,
  held: ({ data }) => ({ data }),
};
