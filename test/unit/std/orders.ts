/** Entries of the library that are orders of storage, which not every target compiles. */
export const ORDERS: readonly string[] = ["hilbert", "morton", "residues", "reversed", "tiles"];
