// A stream of random numbers that is the same everywhere: a counter run through the mixing function behind the
// language's own `random`. No state is shared, so one seed gives one case.

import { OPS } from "../ops/index.ts";

export type Numbers = {
  /** In [0, 1). */
  unit(): number;
  /** Whole, both ends included. */
  int(low: number, high: number): number;
  /** Near enough to a standard normal for test data; exact in f32. */
  normal(): number;
  pick<T>(choices: readonly T[]): T;
};

const [seeded] = OPS.randomSeed.signatures;
const [mixed] = OPS.randomMix.signatures;
const [toUnit] = OPS.randomUnit.signatures;

/** The stream of a seed. Streams of different `purpose` do not resemble each other. */
export function numbersOf(seed: number, purpose: number): Numbers {
  const start = mixed.eval(seeded.eval(seed | 0) as number, purpose) as number;
  let counter = 0;
  const unit = () => toUnit.eval(mixed.eval(start, counter++) as number);
  const int = (low: number, high: number) => low + Math.floor(unit() * (high - low + 1));
  return {
    unit,
    int,
    normal: () => Math.fround((unit() + unit() + unit() + unit() - 2) * Math.sqrt(3)),
    pick: (choices) => choices[int(0, choices.length - 1)]!,
  };
}
