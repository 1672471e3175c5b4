// Logic. Every operation is total, so `and` and `or` need no order of evaluation; `select` is `if then else`.

import type { OpInfo, ScalarType, Signature, Value } from "./op.ts";

const bool2 = (meaning: (a: boolean, b: boolean) => boolean): Signature => ({
  args: ["bool", "bool"],
  result: "bool",
  eval: meaning,
});
const choose = (type: ScalarType): Signature => ({
  args: ["bool", type, type],
  result: type,
  eval: (condition: boolean, then: Value, otherwise: Value) => (condition ? then : otherwise),
});

export const logic = {
  and: { signatures: [bool2((a, b) => a && b)], laws: ["commutative", "associative", "idempotent"] },
  or: { signatures: [bool2((a, b) => a || b)], laws: ["commutative", "associative", "idempotent"] },
  not: { signatures: [{ args: ["bool"], result: "bool", eval: (a: boolean) => !a }] },
  select: { signatures: [choose("int"), choose("float"), choose("bool")] },
} as const satisfies Record<string, OpInfo>;
