// Times of several things that are compared: taken in turns in one process, so that what else the machine does hits all of
// them alike, and told as median and spread.

export type Rounds = { readonly warmUp: number; readonly rounds: number };

/** Milliseconds of each run, by round. */
export function interleave(runs: readonly (() => unknown)[], { warmUp, rounds }: Rounds): number[][] {
  const times = runs.map((): number[] => []);
  for (let round = -warmUp; round < rounds; round++) {
    for (const [index, run] of runs.entries()) {
      const start = performance.now();
      run();
      if (round >= 0) times[index]!.push(performance.now() - start);
    }
  }
  return times;
}

export function median(values: readonly number[]): number {
  return [...values].sort((left, right) => left - right)[Math.floor(values.length / 2)]!;
}

/** Median and, in brackets, the smallest and the largest. */
export function spread(values: readonly number[], digits = 1): string {
  const [low, middle, high] = [Math.min(...values), median(values), Math.max(...values)].map((value) =>
    value.toFixed(digits),
  );
  return `${middle} [${low} .. ${high}]`;
}
