// Tensors that live in a kernel's memory from call to call.

import type { Arena } from "./arena.ts";
import { sizeOf } from "./call-shapes.ts";
import { demandShape } from "./check-captured.ts";
import type { ResidentArrays, ResidentTensor } from "./inputs.ts";

type Views = { readonly [Element in keyof ResidentArrays]: View<Element> };
type View<Element extends keyof ResidentArrays> = {
  readonly bytes: number;
  view(buffer: ArrayBufferLike, address: number, length: number): ResidentArrays[Element];
};

const VIEWS: Views = {
  f32: { bytes: 4, view: (buffer, address, length) => new Float32Array(buffer, address, length) },
  f16: { bytes: 2, view: (buffer, address, length) => new Uint16Array(buffer, address, length) },
};
const GONE = new ArrayBuffer(0);

/** Throws AttentionInputError E0704 where the shape is no list of lengths, E0709 where there is no room. */
export function makeResident<Shape extends readonly number[], Element extends keyof ResidentArrays = "f32">(
  arena: Arena,
  shape: Shape,
  element = "f32" as Element,
): ResidentTensor<Shape, Element> {
  demandShape("shape", shape);
  const { bytes, view } = VIEWS[element] as View<Element>;
  let address: number | undefined = arena.hold(bytes * sizeOf(shape));
  return {
    shape,
    get data() {
      return address === undefined ? view(GONE, 0, 0) : view(arena.memory.buffer, address, sizeOf(shape));
    },
    free() {
      if (address !== undefined) arena.release(address);
      address = undefined;
    },
  };
}
