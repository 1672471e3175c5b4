/** Entries of the library that are orders of storage, which not every target compiles. */
export const ORDERS: readonly string[] = [
  "hilbert",
  "morton",
  "morton_3d",
  "residues",
  "reversed",
  "tiles",
  "tiles_3d",
];
