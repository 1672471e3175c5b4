// How far the normalised weights p of one row may be off in f32, whatever the order of the keys, the size of the tiles
// and the number of passes. docs/semantics.md, "The error bound", has the derivation.

import { type Accuracy, gamma, relativeError, smallest, unit } from "./rounding.ts";
import type { RowScores } from "./score-bound.ts";

export type Weights = {
  readonly p: readonly number[];
  /** Error of each p. */
  readonly error: readonly number[];
  readonly lse: number;
  readonly lseError: number;
  /** Roundings of the sums beside one per key. */
  readonly rescalings: number;
  /** What a product with a value may lose by underflow, after the division by the sum. */
  readonly underflow: number;
  /** Why nothing can be promised about the row, where that is so. */
  readonly doubt?: string | undefined;
};

/** The part of it that the form of normalising decides; lse does not hang on it. */
type Normalized = Pick<Weights, "p" | "error" | "rescalings" | "underflow" | "doubt">;

/** How p is found: while its sum is, a second time from the sum, or a second time from lse as it is stored. */
export type Found = "at once" | "again" | "from lse";

/** Softmax; a sink of −∞ is none. */
export function softmaxBound({ s, error, sink }: RowScores, found: Found, accuracy: Accuracy): Weights {
  const highest = s.reduce((most, score) => Math.max(most, score), sink.value);
  const rescalings = records(s) + 1;
  if (highest === -Infinity) return { p: [], error: [], lse: highest, lseError: 0, rescalings, underflow: 0 };
  const expError = relativeError(accuracy, "exp", 1);
  const logError = relativeError(accuracy, "log", 1);
  // The exponent is off by the score's error, by two roundings for a change to base 2 and by two of its distance to
  // the maximum; the term then by one exponential and one product for itself and for each maximum that comes later.
  const term = (score: number, own: number) =>
    between(score - highest, own + 2 * unit * (Math.abs(score) + highest - score) + rescalings * (expError + 2 * unit));
  const terms = s.map((score, index) => term(score, error[index]!));
  const all = sink.value === -Infinity ? terms : [...terms, term(sink.value, sink.error)];
  const sum = {
    value: total(all.map(({ value }) => value)),
    low: total(all.map(({ low }) => low)),
    high: total(all.map(({ high }) => high)),
  };
  const sumError = gamma(s.length + rescalings + 1);
  const lse = highest + Math.log(sum.value);
  const lseError =
    Math.max(Math.log(sum.high / sum.value), Math.log(sum.value / sum.low)) +
    sumError +
    Math.abs(Math.log(sum.value)) * logError +
    2 * unit * (Math.abs(lse) + Math.abs(highest));

  // In a second pass lse has been rounded and s − lse is rounded again. As it is stored it comes from a logarithm, whose error
  // it has, and goes through two changes of base.
  const fromSum = (score: number) => 2 * unit * (Math.abs(lse) + Math.abs(score - lse)) + expError + logError;
  const fromLse = (score: number) =>
    unit * (6 * Math.abs(lse) + 2 * Math.abs(score - lse)) + expError + Math.abs(Math.log(sum.value)) * logError;
  const exponent = { "at once": () => 0, again: fromSum, "from lse": fromLse }[found];
  const p = terms.map(({ value }) => value / sum.value);
  const pError = terms.map(({ low, high }, index) => {
    // A term stands above and below the line: where it is large, it is large in both, and p stays below 1. Not so where lse comes
    // from another kernel, which adds up the products of a score in another order.
    const isOther = found === "from lse";
    const most = isOther ? high / sum.low : share(high, sum.low - low);
    const least = isOther ? low / sum.high : share(low, sum.high - high);
    const spread = Math.max(most - p[index]!, p[index]! - least);
    return spread + most * (sumError + 3 * unit + Math.expm1(exponent(s[index]!)));
  });
  const weights = { p, error: pError, lse, lseError, rescalings, underflow: smallest };
  if (Number.isFinite(lseError)) return weights;
  return { ...weights, doubt: "the scores are too large for f32 to tell the keys apart" };
}

/** `normalize sum`. */
export function sumBound({ s, error }: RowScores): Normalized {
  const sum = total(s);
  const size = total(s.map((score, index) => Math.abs(score) + error[index]!));
  const sumError = total(error) + gamma(s.length) * size;
  const rescalings = 0;
  if (sum === 0 && sumError === 0) return { p: s.map(() => 0), error: s.map(() => 0), underflow: 0, rescalings };
  const p = s.map((score) => (sum === 0 ? 0 : score / sum));
  const left = Math.abs(sum) - sumError;
  if (left <= 0) {
    const doubt = "the sum of the scores is within its error of 0";
    return { p, error: p.map(() => Infinity), underflow: 0, rescalings, doubt };
  }
  const pError = p.map((each, index) => {
    const own = error[index]! + Math.abs(each) * sumError;
    return own / left + 3 * unit * Math.abs(each);
  });
  return { p, error: pError, underflow: smallest / left, rescalings };
}

/** `normalize none`. */
export function noneBound({ s, error }: RowScores): Normalized {
  return { p: s, error, underflow: smallest, rescalings: 0 };
}

/** A row that sees no key, under `empty uniform`. */
export function uniformBound(row: RowScores, alive: number, accuracy: Accuracy): Weights {
  const p = Array.from({ length: alive }, () => 1 / alive);
  return {
    ...softmaxBound(row, "at once", accuracy),
    p,
    error: p.map((each) => 2 * unit * each),
    underflow: smallest,
  };
}

/** exp(exponent), and its ends where the exponent is off by at most `error`. */
function between(exponent: number, error: number) {
  // Far below the maximum an exponential may be flushed to 0.
  return {
    value: Math.exp(exponent),
    low: Math.max(0, Math.exp(exponent - error) - 2 * smallest),
    high: Math.exp(exponent + error) + 2 * smallest,
  };
}

/** How often the running maximum changes over the keys in order: an online softmax rescales as often, at most. */
function records(s: readonly number[]): number {
  let highest = -Infinity;
  let count = 0;
  for (const score of s) {
    if (score > highest) count += 1;
    highest = Math.max(highest, score);
  }
  return count;
}

const total = (terms: readonly number[]) => terms.reduce((sum, term) => sum + term, 0);

/** part / (part + rest), where `rest` may have come out below 0 by cancellation. */
function share(part: number, rest: number): number {
  if (part === 0) return 0;
  return part === Infinity ? 1 : part / (part + Math.max(0, rest));
}
