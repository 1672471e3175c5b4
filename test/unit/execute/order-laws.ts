// Laws of orders, of whatever runs calls: what is moved comes back to where it was, and an order that moves nothing changes no bit.

import type { Case } from "../../../src/spec/case.ts";
import { attentionOf, callOf } from "./calls.ts";

type Run = (call: Case) => Promise<{ readonly out: ArrayLike<number> }>;

const ORDERS = [
  "of token order by k % 5, -k",
  "of token within 16 order by -k",
  "of key order by -k",
  "of query order by q % 3",
  "of token per head order by k * (h + 2) % 7",
  "of key per head order by sum[query: last 2] dot(Q, K) descending",
];

const permuted = (order: string, clauses: string) =>
  attentionOf(`permutation order { ${order} }\nattention t { ${clauses} permute order }`);

/** A token that sees itself alone gets its own value, bit for bit. Gives how many elements differ. */
export async function movedElements(run: Run): Promise<number> {
  let moved = 0;
  for (const order of ORDERS) {
    const call = callOf(permuted(order, "mask q == k"), { shape: { queries: 70, keys: 70 } });
    const { heads, kvHeads, keys, valueDim } = call.shape;
    const { out } = await run(call);
    for (let at = 0; at < out.length; at++) {
      const [head, element] = [Math.floor(at / (keys * valueDim)), at % (keys * valueDim)];
      const kv = Math.floor((head % heads) / (heads / kvHeads)) + Math.floor(head / heads) * kvHeads;
      if (out[at] !== Number(call.value.data[kv * keys * valueDim + element])) moved++;
    }
  }
  return moved;
}

/** How many elements an order of ties changes. */
export async function changedElements(run: Run): Promise<number> {
  const shape = { queries: 70, keys: 70 };
  const [plain, tied] = [
    callOf(attentionOf("attention t { score s / 2.0 }"), { shape }),
    callOf(permuted("of token order by 0", "score s / 2.0"), { shape }),
  ];
  const [before, after] = [await run(plain), await run(tied)];
  return Array.from(before.out).filter((value, at) => value !== after.out[at]).length;
}
