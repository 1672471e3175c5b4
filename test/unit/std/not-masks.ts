/** Entries of the library that are no masks, scores or numbers: orders of storage, and sparsities, which tests of systems hold. */
export const ORDERS_AND_SPARSITIES: readonly string[] = [
  "covering_blocks",
  "hilbert",
  "morton",
  "morton_3d",
  "residues",
  "reversed",
  "tiles",
  "tiles_3d",
  "top_blocks",
];
