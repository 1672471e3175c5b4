// How threads share a step of a call. They take KV heads, and of a KV head its pieces: a tile of query rows of one head of
// the group. A KV head is packed by every thread that works on it, so each begins one that nobody has, and helps with
// another's only when none is left. The heaviest come first; what is left for the end is light. Which thread computes a
// piece changes nothing in it.

export type Share = {
  /** How many KV heads have been begun; then of each, how many of its pieces have been taken. */
  readonly counters: Int32Array;
  /** KV heads of all batches, heaviest first: batch · kvHeads + KV head. */
  readonly heads: readonly number[];
  readonly kvHeads: number;
  /** Query heads of a KV head. */
  readonly group: number;
  /** First rows of the tiles of each batch, heaviest first. None where entering a KV head computes all of it. */
  readonly tiles: readonly (readonly number[])[];
};

/** The functions of a kernel that its threads call. */
export type StepFunctions = Readonly<Record<string, (...args: number[]) => number>>;

/** Takes pieces until none is left, with a thread's own parameter block. */
export function work(step: string, block: number, share: Share, functions: StepFunctions): void {
  const { counters, heads, kvHeads, group, tiles } = share;
  const [enter, piece] = [functions[`${step}.enter`]!, functions[`${step}.piece`]!];
  for (let at = nextHead(share); at !== undefined; at = nextHead(share)) {
    const batch = Math.floor(heads[at]! / kvHeads);
    const kv = heads[at]! % kvHeads;
    enter(block, batch, kv);
    const firstRows = tiles[batch]!;
    const take = () => Atomics.add(counters, 1 + at!, 1);
    for (let index = take(); index < group * firstRows.length; index = take()) {
      piece(kv * group + (index % group), firstRows[Math.floor(index / group)]!);
    }
  }
}

/** A KV head that nobody has begun, or else the one of which most is left. One piece is not worth packing for. */
function nextHead({ counters, heads, kvHeads, group, tiles }: Share): number | undefined {
  const begun = Atomics.add(counters, 0, 1);
  if (begun < heads.length) return begun;
  let [most, found] = [1, undefined as number | undefined];
  for (const [at, head] of heads.entries()) {
    const left = group * tiles[Math.floor(head / kvHeads)]!.length - Atomics.load(counters, 1 + at);
    if (left > most) [most, found] = [left, at];
  }
  return found;
}
