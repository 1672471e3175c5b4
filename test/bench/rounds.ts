// Times of several things that are compared: taken in turns in one process, so that what else the machine does hits all of
// them alike, and told as median and spread. What is counted is the time that the thread itself worked: for a kernel that
// runs on one thread it is the clock's on an idle machine, and on a busy one it says more than the clock.

export type Rounds = { readonly warmUp: number; readonly rounds: number };

/** Milliseconds of each run, by round. */
export function interleave(runs: readonly (() => unknown)[], { warmUp, rounds }: Rounds): number[][] {
  const times = runs.map((): number[] => []);
  for (let round = -warmUp; round < rounds; round++) {
    for (const [index, run] of runs.entries()) {
      const start = workedFor();
      run();
      if (round >= 0) times[index]!.push(workedFor() - start);
    }
  }
  return times;
}

function workedFor(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
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
