// Names that a program gives to what the user has not named.

import type * as ir from "../ir/expr.ts";
import { readableTensors } from "../ir/selection.ts";
import { RESERVED_BUFFERS } from "./buffers.ts";

/** Names that locals and scratch buffers must not repeat. */
export function takenNames(attention: ir.AttentionIr): ReadonlySet<string> {
  const own = [...attention.params, ...readableTensors(attention)].map(({ name }) => name);
  return new Set([...RESERVED_BUFFERS, ...own]);
}

/** The name, or one like it that nobody has. */
export function freshName(wanted: string, taken: ReadonlySet<string>): string {
  let name = wanted;
  while (taken.has(name)) name += "_";
  return name;
}
