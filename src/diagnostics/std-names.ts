// What "std" offers, for hints only: who forgets an import is told where the name is. A test compares the list with the
// library.

export const STD_NAMES: readonly string[] = [
  "alibi",
  "alibi_slope",
  "block_causal",
  "causal",
  "dilated",
  "document",
  "global_tokens",
  "hilbert",
  "keep",
  "local",
  "morton",
  "morton_3d",
  "neighborhood",
  "neighborhood_causal",
  "neighborhood_strided",
  "prefix_lm",
  "relative_bias",
  "residues",
  "reversed",
  "sinks",
  "sliding_window",
  "softcap",
  "tiles",
  "tiles_3d",
];
