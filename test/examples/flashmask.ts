// The thirteen generators of FlashMask's tests as the four ends of each column, and beside each the mask that it stands for, as a
// predicate of a pair. Nothing of ours is imported.

export const COLUMNS = ["lower_start", "lower_end", "upper_start", "upper_end"] as const;

export type Family = {
  /** Lower start and end, upper start and end of the column of key k: the queries that it is hidden from. */
  readonly ends: (k: number) => readonly [number, number, number, number];
  readonly isVisible: (q: number, k: number) => boolean;
};

export const TOKENS = 36;

/** Documents of 11, 4, 13 and 8 tokens: where that of a token begins and ends. */
const DOCUMENTS = [
  [0, 11],
  [11, 15],
  [15, 28],
  [28, 36],
] as const;
const documentOf = (k: number) => DOCUMENTS.find(([start, end]) => k >= start && k < end)!;
const isSame = (q: number, k: number) => documentOf(q) === documentOf(k);
const [LAST] = DOCUMENTS[3];

/** Stretches whose queries do not see their keys. */
const HOLES = [
  [6, 11],
  [17, 30],
] as const;
const holeOf = (token: number) => HOLES.find(([start, end]) => token >= start && token < end);

/** How long key k is kept. */
const evictedAt = (k: number) => k + 1 + ((k * 7) % 13);
const GLOBAL = 3;
const KEPT = 29;

export const FAMILIES: Readonly<Record<string, Family>> = {
  everything: { ends: () => [TOKENS, TOKENS, 0, 0], isVisible: () => true },
  causal: { ends: (k) => [TOKENS, TOKENS, 0, k], isVisible: (q, k) => k <= q },
  "sliding window": { ends: (k) => [k + 8, TOKENS, 0, k], isVisible: (q, k) => k <= q && k > q - 8 },
  "causal document": {
    ends: (k) => [documentOf(k)[1], TOKENS, 0, k],
    isVisible: (q, k) => k <= q && isSame(q, k),
  },
  document: { ends: (k) => [documentOf(k)[1], TOKENS, 0, documentOf(k)[0]], isVisible: isSame },
  // The first document is the question, which the answers see besides themselves.
  "shared question": {
    ends: (k) => [documentOf(k)[0] === 0 ? TOKENS : documentOf(k)[1], TOKENS, 0, k],
    isVisible: (q, k) => k <= q && (isSame(q, k) || documentOf(k)[0] === 0),
  },
  "global and window": {
    ends: (k) => [k < GLOBAL ? TOKENS : k + 6, TOKENS, GLOBAL, k - 5],
    isVisible: (q, k) => q < GLOBAL || k < GLOBAL || Math.abs(q - k) <= 5,
  },
  // The last document sees all that is before it.
  "causal blockwise": {
    ends: (k) => [documentOf(k)[1], Math.max(LAST, documentOf(k)[1]), 0, k],
    isVisible: (q, k) => k <= q && (isSame(q, k) || q >= LAST),
  },
  "prefix of each document": {
    ends: (k) => [documentOf(k)[1], TOKENS, 0, k < documentOf(k)[0] + 3 ? documentOf(k)[0] : k],
    isVisible: (q, k) => isSame(q, k) && (k <= q || k < documentOf(k)[0] + 3),
  },
  "prefix of the sequence": {
    ends: (k) => [TOKENS, TOKENS, 0, k < 10 ? 0 : k],
    isVisible: (q, k) => k <= q || k < 10,
  },
  "sparse pairs": {
    ends: (k) => [holeOf(k) ? k : TOKENS, holeOf(k)?.[1] ?? TOKENS, 0, k],
    isVisible: (q, k) => k <= q && !(holeOf(q) && holeOf(q) === holeOf(k)),
  },
  "eviction at random": {
    ends: (k) => [evictedAt(k), TOKENS, 0, k],
    isVisible: (q, k) => k <= q && q < evictedAt(k),
  },
  padding: { ends: (k) => [k < KEPT ? TOKENS : 0, TOKENS, 0, 0], isVisible: (_q, k) => k < KEPT },
};
