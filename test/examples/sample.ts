// examples/data/qkv.safetensors: query, key and value for a first `attnc run`. Small enough to be committed, random enough
// that a wrong answer shows.

import { makeTensor } from "../../src/tensors/elements.ts";
import { writeSafetensors } from "../../src/tensors/safetensors.ts";
import { numbersOf } from "../../src/verify/numbers.ts";

/** Relative to examples/. */
export const SAMPLE_PATH = "data/qkv.safetensors";

/** [batch, heads, tokens, dim] */
const SHAPE = [1, 2, 16, 16];

/** The bytes of the file. */
export function sampleFile(): Uint8Array {
  const { unit } = numbersOf(1, 0);
  const count = SHAPE.reduce((product, extent) => product * extent, 1);
  const random = () =>
    makeTensor(
      "f32",
      SHAPE,
      Array.from({ length: count }, () => 4 * unit() - 2),
    );
  return writeSafetensors(new Map(["query", "key", "value"].map((name) => [name, random()])));
}
