// What a run of the fuzz has looked at, as numbers that add up: shards and jobs are put together. A law that is never
// tried is never broken, so a run also fails where its programs were not interesting enough.

import type { FactReport } from "./facts.ts";
import { OPERATOR_NAMES } from "./operators.ts";
import { termsIn } from "./term.ts";
import type { Drawn, Sound } from "./trials.ts";

export type Statistics = {
  /** Trials that were judged. */
  readonly programs: number;
  /** Programs with empty, full and partial blocks. */
  readonly withAllClasses: number;
  /** Programs in which the operator stands, by its name. */
  readonly operators: Counts;
  /** Blocks by what is true of them. */
  readonly blocks: Counts;
  /** Of the truly empty and the truly full blocks, those that were found. */
  readonly found: Readonly<Record<"classifier" | "walk", Counts>>;
  /** Programs that write a list of blocks. */
  readonly lists: number;
  /** Calls of kernels, by target. */
  readonly kernels: Counts;
  /** Texts that did not compile, by the code of the error. */
  readonly refused: Counts;
};

type Counts = Readonly<Record<string, number>>;

const NONE: Counts = {};
export const NO_STATISTICS: Statistics = {
  programs: 0,
  withAllClasses: 0,
  operators: NONE,
  blocks: NONE,
  found: { classifier: NONE, walk: NONE },
  lists: 0,
  kernels: NONE,
  refused: NONE,
};

/** What language features count as operators beside the operators: reads, grids, lengths, the standard library. */
const FEATURES = ["tensor", "grid", "len", "std", "parameter"];
export const COUNTED: readonly string[] = [...OPERATOR_NAMES, ...FEATURES];

/** What one number of the stream adds. */
export function statisticsOf({ sound, refused }: Drawn, report?: FactReport, kernels: Counts = NONE): Statistics {
  const codes = refused.flatMap((each) => [...new Set(each)]);
  const ofTexts = { ...NO_STATISTICS, refused: countEach(codes) };
  if (!sound || !report) return ofTexts;
  const { counts } = sound.truth;
  return {
    ...ofTexts,
    programs: 1,
    withAllClasses: Number(counts.empty > 0 && counts.full > 0 && counts.partial > 0),
    operators: countEach([...usedIn(sound)]),
    blocks: counts,
    found: report.found,
    lists: Number(report.listed),
    kernels,
  };
}

const usedIn = ({ program }: Sound) => new Set(program.masks.flatMap(termsIn).map(({ name }) => name));

const countEach = (names: readonly string[]): Counts =>
  names.reduce((counts, name) => addCounts(counts, { [name]: 1 }), NONE);

export function add(left: Statistics, right: Statistics): Statistics {
  return {
    programs: left.programs + right.programs,
    withAllClasses: left.withAllClasses + right.withAllClasses,
    operators: addCounts(left.operators, right.operators),
    blocks: addCounts(left.blocks, right.blocks),
    found: {
      classifier: addCounts(left.found.classifier, right.found.classifier),
      walk: addCounts(left.found.walk, right.found.walk),
    },
    lists: left.lists + right.lists,
    kernels: addCounts(left.kernels, right.kernels),
    refused: addCounts(left.refused, right.refused),
  };
}

function addCounts(left: Counts, right: Counts): Counts {
  const sum: Record<string, number> = { ...left };
  for (const [name, count] of Object.entries(right)) sum[name] = (sum[name] ?? 0) + count;
  return sum;
}

/** Fewer programs than this say nothing about shares. */
const ENOUGH = 2000;
const FLOORS = { allClasses: 0.5, operator: 0.01 };

/** What the run has looked at too seldom, a sentence each. */
export function shortfalls({ programs, withAllClasses, operators }: Statistics): readonly string[] {
  if (programs < ENOUGH) return [];
  const percent = (count: number) => `${((100 * count) / programs).toFixed(2)} %`;
  const rare = COUNTED.filter((name) => (operators[name] ?? 0) < FLOORS.operator * programs);
  return [
    ...(withAllClasses < FLOORS.allClasses * programs
      ? [`only ${percent(withAllClasses)} of the programs have blocks of all three kinds`]
      : []),
    ...rare.map((name) => `\`${name}\` stands in ${percent(operators[name] ?? 0)} of the programs`),
  ];
}
