// Times of several things that are compared: taken in turns in one process, so that what else the machine does hits all of
// them alike, and told as median and spread.

export type Rounds = {
  readonly warmUp: number;
  readonly rounds: number;
  /** Runs of each thing in a round, of which a time is the mean; 1 if absent. */
  readonly each?: number;
  /** Milliseconds since some moment; the clock's if absent. */
  readonly now?: () => number;
};

/** What is timed; waits for the promise if it gives one. */
export type Run = () => unknown;

/** Milliseconds of each run, by round; rounds to warm up, in which engines compile, are not kept. */
export async function interleave(runs: readonly Run[], { warmUp, rounds, ...rest }: Rounds): Promise<number[][]> {
  const { each = 1, now = () => performance.now() } = rest;
  const times = runs.map((): number[] => []);
  for (let round = -warmUp; round < rounds; round++) {
    for (const [index, run] of runs.entries()) {
      const start = now();
      for (let count = 0; count < each; count++) {
        const result = run();
        if (result instanceof Promise) await result;
      }
      if (round >= 0) times[index]!.push((now() - start) / each);
    }
  }
  return times;
}

/** What the thread itself worked, in milliseconds: on a busy machine it says more than the clock, but it may move in steps of
 *  4 ms. */
export function worked(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

export function median(values: readonly number[]): number {
  return [...values].sort((left, right) => left - right)[Math.floor(values.length / 2)]!;
}

/** `median [smallest .. largest]`, with three digits. */
export function spread(values: readonly number[]): string {
  const [middle, low, high] = [median(values), Math.min(...values), Math.max(...values)].map(threeDigits);
  return `${middle} [${low} .. ${high}]`;
}

export function threeDigits(value: number): string {
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2);
}
