// What is known about a condition on all points of a block: the set of truth values that it can take there. `empty` and
// `full` are proofs; `partial` means "not proved", so it is always a safe answer. `never` is the fact about a block
// without points.

export const BlockFact = { never: 0b00, empty: 0b01, full: 0b10, partial: 0b11 } as const;
export type BlockFact = (typeof BlockFact)[keyof typeof BlockFact];

/** The fact about two blocks together. */
export const join = (left: BlockFact, right: BlockFact): BlockFact => (left | right) as BlockFact;

export const not = (fact: BlockFact): BlockFact => (((fact & 0b01) << 1) | (fact >> 1)) as BlockFact;

/** Exact where the operands vary independently; for `m and not m` it may answer `partial`, which is only slower. */
export function and(left: BlockFact, right: BlockFact): BlockFact {
  if (left === BlockFact.never || right === BlockFact.never) return BlockFact.never;
  return (((left | right) & 0b01) | (left & right & 0b10)) as BlockFact;
}

export const or = (left: BlockFact, right: BlockFact): BlockFact => not(and(not(left), not(right)));

/** The fact about `left == right` of two conditions. */
export const equal = (left: BlockFact, right: BlockFact): BlockFact => or(and(left, right), and(not(left), not(right)));

export const factOf = (value: boolean): BlockFact => (value ? BlockFact.full : BlockFact.empty);

/** Whether a condition that is known to this extent may be `value` somewhere. */
export const allows = (fact: BlockFact, value: boolean): boolean => (fact & factOf(value)) !== 0;

/** One letter per fact, as in the block strings of `attnc mask`. A block without points is empty. */
export const letterOf = (fact: BlockFact): "e" | "f" | "p" => (["e", "e", "f", "p"] as const)[fact];
