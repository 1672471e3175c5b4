// KV heads of the call, for steps that find keys stored once for each query head and are told of as many KV heads as heads. The
// launcher leaves them in a field of their own, before it makes the record of those steps.

import { storesCopies } from "../../ir/order.ts";
import type { Program } from "../../schedule/plan.ts";
import { CALLED_KV_HEADS } from "../simt/scope.ts";

/** The field of the record that has them, and what the launcher fills in. */
export const calledHeadsOf = (program: Program) =>
  hasOwn(program) ? [{ field: CALLED_KV_HEADS, value: "call.kv_heads" }] : [];

/** The same in Python. */
export const pythonCalledHeads = (program: Program) => (hasOwn(program) ? { [CALLED_KV_HEADS]: "kv_heads" } : {});

const hasOwn = ({ ir }: Program) => storesCopies(ir.order);

/** A count over lengths of the call, in Python, as steps count that find keys so. */
export const countedByHeads = (count: string): string =>
  count.replaceAll(/\bkv_heads\b/g, "heads").replaceAll(CALLED_KV_HEADS, "kv_heads");
