// Whether tiles are skipped under an order: values of keys that only skipped tiles hold are NaN, and a tile that is visited
// multiplies hidden values by 0, which a NaN survives.

import { attend } from "../../../src/reference/attention.ts";
import type { Case } from "../../../src/spec/case.ts";
import { attentionOf, callOf } from "./calls.ts";

const dilated = (permute: string) =>
  attentionOf(`
permutation residues { of token order by k % 4, k // 4 }
attention t { grid (step, residue: 4) mask q.residue == k.residue and 0 <= q.step - k.step < 10 ${permute} }`);

const QUERIES = 512;

/** Every fourth token sees finite values alone, whose tiles have no others where residues lie side by side. */
function poisoned(permute: string): Case {
  const shape = { batch: 1, heads: 2, kvHeads: 1, queries: QUERIES, keys: QUERIES, axes: { step: QUERIES / 4 } };
  const call = callOf(dilated(permute), { shape });
  const { valueDim } = call.shape;
  (call.value.data as Float32Array).forEach((_, at, values) => {
    if (Math.floor(at / valueDim) % 4 !== 0) values[at] = Number.NaN;
  });
  return call;
}

const sawNaN = (out: ArrayLike<number>, valueDim: number) =>
  Array.from(out).some((value, at) => Math.floor(at / valueDim) % 4 === 0 && !(Math.abs(value) < 100));

/** In the order, rows whose own keys are finite are so too; as they are, they are not. */
export async function tilesAreSkipped(run: (call: Case) => Promise<{ readonly out: ArrayLike<number> }>) {
  const [ordered, asTheyAre] = [poisoned("permute residues"), poisoned("")];
  const { valueDim } = ordered.shape;
  const { out } = await run(ordered);
  const exact = attend(ordered).out;
  const gaps = Array.from(exact, (wanted, at) => (Number.isNaN(wanted) ? 0 : Math.abs(wanted - out[at]!)));
  return {
    ordered: !sawNaN(out, valueDim),
    asTheyAre: !sawNaN((await run(asTheyAre)).out, valueDim),
    worst: Math.max(...gaps),
  };
}
