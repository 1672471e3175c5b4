// The columns of a row of results that a thread owns: every so many-th, from its own on.

import type { WgslColumnView } from "../views-wgsl.ts";

/** A guard keeps the last from reaching beyond the row.
 *  @param threads how many share a row
 *  @param own the variable that counts them */
export function columnsFor(valueDim: number, threads: number, own: string): readonly WgslColumnView[] {
  return Array.from({ length: Math.ceil(valueDim / threads) }, (_, index) => {
    const offset = index * threads;
    const isRagged = offset + threads > valueDim;
    const guard = isRagged ? `if (${own} < ${valueDim - offset}) { ` : "";
    return { index, offset, guard, guardEnd: isRagged ? " }" : "" };
  });
}
