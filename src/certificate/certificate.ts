// A certificate says what a kernel will do with every key tile of one call, and by which terms of the mask: plain data, so
// that it can be kept, compared and checked by somebody who does not trust the compiler (check.ts).

/** What becomes of a key tile. `j` jumped over, because no run of keys holds a key of it; `e` skipped, because its bounds
 *  prove it empty; `f` visited without the mask, because they prove it full; `p` visited with the mask. */
export type Letter = "j" | "e" | "f" | "p";

export type Certificate = {
  readonly attention: string;
  readonly tile: { readonly queries: number; readonly keys: number };
  /** The terms that prove the claims, by their letter; `definitions` names what several of them share. Positions
   *  `firstQuery`, `lastQuery`, `firstKey` and `lastKey` are those of the tile at hand, both ends included. */
  readonly because: { readonly definitions: readonly string[] } & Readonly<Record<"j" | "e" | "f", readonly string[]>>;
  /** [batch][head] one string for each query tile, with one letter for each tile of the keys that are alive. */
  readonly claims: readonly (readonly (readonly string[])[])[];
};
