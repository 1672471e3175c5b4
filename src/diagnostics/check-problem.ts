// Problems of meaning: names E02xx, types E03xx, contracts and clauses E04xx, things not supported yet E05xx, and
// warnings W0xxx.

import type { Name } from "../source/span.ts";

export type CheckProblem = {
  readonly code: "E0201";
  readonly kind: "unknown-name";
  readonly name: Name;
  readonly inScope: readonly string[];
};
