// Threads of a workgroup that exchange values by subgroups, all in step, as the kernels of templates/wgsl do it: neither
// the size of a subgroup nor the place of a thread in one is given, so each thread asks who answers, and what is not reached
// is read in memory that all share.

/** A device's subgroups: how many threads are in one, and where a thread stands, counted over all subgroups. */
export type Subgroups = { readonly size: number; readonly placeOf: (thread: number) => number };

/** How many threads side by side, of those that share rows, stand so in a subgroup everywhere in the workgroup. */
export function reachOf(threads: number, strips: number, subgroups: Subgroups): number {
  const index = Float64Array.from({ length: threads }, (_, thread) => thread);
  const reached = index.map(() => 1);
  for (let step = 1; step < strips; step *= 2) {
    const answers = shuffleXor(index, step & (subgroups.size - 1), subgroups);
    for (const [thread, answer] of answers.entries()) {
      if (reached[thread] === step && answer === (thread ^ step)) reached[thread] = 2 * step;
    }
  }
  return Math.min(...reached);
}

/** What each thread takes for the highest value of the `strips` threads that share its rows.
 *  @param own of every thread of the workgroup, strips side by side
 *  @param reach how far they ask each other */
export function highestOfStrips(own: Float64Array, strips: number, reach: number, subgroups: Subgroups): Float64Array {
  let near = own;
  for (let step = 1; step < reach; step *= 2) {
    const exchanged = shuffleXor(near, step, subgroups);
    near = near.map((value, thread) => Math.max(value, exchanged[thread]!));
  }
  return own.map((_, thread) => {
    const first = thread - (thread % strips);
    let highest = Number.NEGATIVE_INFINITY;
    for (let other = 0; other < strips; other += reach) highest = Math.max(highest, near[first + other]!);
    return highest;
  });
}

/** What the thread of the same subgroup holds whose lane differs by `mask`; 0 where nobody stands there. */
function shuffleXor(values: Float64Array, mask: number, { size, placeOf }: Subgroups): Float64Array {
  const threadAt = new Map(Array.from(values, (_, thread) => [placeOf(thread), thread]));
  return values.map((_, thread) => {
    const place = placeOf(thread);
    const other = place - (place % size) + ((place % size) ^ mask);
    return values[threadAt.get(other) ?? -1] ?? 0;
  });
}
