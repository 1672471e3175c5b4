// `attnc verify`: every level and target against the dense reference, as a table of worst errors. Any miss is exit 1.

import type { Element } from "../../verify/compare.ts";
import { readParams, splitAssignments, suggestion } from "../assignments.ts";
import { failure, wrongUsage } from "../command-error.ts";
import { readCount } from "../dims.ts";
import { type Io, note } from "../io.ts";
import { loadAll } from "../load.ts";
import { startProgress } from "../progress.ts";
import { readSelector } from "../selection.ts";
import { headsOf, readShape } from "../shapes.ts";
import {
  type AttentionSummary,
  chooseTargets,
  type LevelSummary,
  type Plan,
  percentText,
  planOf,
  settingText,
  summarise,
  TARGET_NAMES,
  type Targets,
} from "../verification.ts";

type Options = {
  readonly targets?: string;
  readonly require?: string;
  readonly sweep?: "quick" | "full";
  readonly seed?: string;
  readonly set?: readonly string[];
  readonly shape?: readonly string[];
  readonly dtype?: "f32" | "f16";
  readonly json?: true;
};

export async function run(io: Io, files: readonly string[], options: Options): Promise<0 | 1> {
  const { sweep = "quick" } = options;
  const seed = readCount("--seed", options.seed, 1, 0);
  const targets = await chooseTargets(readNames("--targets", options.targets));
  try {
    const required = readNames("--require", options.require) ?? [];
    demandRequired(targets, required);
    const plans = plansOf(io, files, options, sweep, seed);
    const summaries = await verifyAll(io, plans, targets);
    return report(io, summaries, targets, options, { sweep, seed, required });
  } finally {
    targets.close();
  }
}

type Sweep = { readonly sweep: "quick" | "full"; readonly seed: number; readonly required: readonly string[] };

function report(
  io: Io,
  summaries: readonly AttentionSummary[],
  targets: Targets,
  options: Options,
  { sweep, seed, required }: Sweep,
): 0 | 1 {
  const isSound = (summary: AttentionSummary) =>
    summary.firstWrong === undefined && passedByAll(summary, required).length === 0;
  const passed = summaries.every(isSound);
  if (options.json) {
    io.out.write(
      `${JSON.stringify({ passed, seed, sweep, missing: targets.missing, places: placesOf(targets), attentions: summaries }, null, 2)}\n`,
    );
    return passed ? 0 : 1;
  }
  io.out.write(table(summaries, targets));
  for (const summary of summaries) printMisses(io, summary, required);
  printNotes(io, summaries, targets, sweep);
  const cases = summaries.reduce((count, summary) => count + summary.cases, 0);
  const failed = summaries.filter((summary) => !isSound(summary)).length;
  io.err.write(
    passed
      ? `${io.err.style("green", "verified")}: ${summaries.length === 1 ? "1 attention" : `${summaries.length} attentions`}, ${cases} cases, seed ${seed}\n`
      : `${io.err.style(["red", "bold"], "failed")}: ${failed} of ${summaries.length} attentions, seed ${seed}\n`,
  );
  return passed ? 0 : 1;
}

/** Targets that are required and that no call went to. */
const passedByAll = ({ levels }: AttentionSummary, required: readonly string[]) =>
  levels.filter(({ name, worst, failed, passedBy }) => required.includes(name) && passedBy && !worst && !failed);

function readNames(option: string, text: string | undefined): readonly string[] | undefined {
  const names = text?.split(",").map((name) => name.trim());
  const unknown = names?.find((name) => !TARGET_NAMES.includes(name));
  if (unknown === undefined) return names;
  throw wrongUsage(`${option} names no target \`${unknown}\``, suggestion(unknown, TARGET_NAMES));
}

function demandRequired({ runners, missing }: Targets, required: readonly string[]): void {
  for (const name of required) {
    const gone = missing.find((each) => each.name === name);
    if (gone) throw failure("E0806", `target \`${name}\` is required and not there: ${gone.why}`);
    if (!runners.some((each) => each.name === name)) throw wrongUsage(`--require ${name} contradicts --targets`);
  }
}

function plansOf(
  io: Io,
  files: readonly string[],
  options: Options,
  sweep: "quick" | "full",
  seed: number,
): readonly Plan[] {
  const assignments = splitAssignments("--set", options.set ?? []);
  const given = splitAssignments("--shape", options.shape ?? []);
  const chosen = files.flatMap((file) =>
    loadAll(io, file).map((attention) => ({ path: readSelector(file).path, attention })),
  );
  const others = chosen.map(({ attention }) => attention);
  return chosen.map(({ path, attention }) => {
    const extents = readShape(attention, given, others);
    headsOf(extents);
    return planOf(path, attention, sweep, seed, readParams(attention, assignments, others), extents, options.dtype);
  });
}

async function verifyAll(io: Io, plans: readonly Plan[], targets: Targets): Promise<readonly AttentionSummary[]> {
  const total = plans.reduce((count, { cases }) => count + cases, 0);
  const progress = startProgress(io);
  let done = 0;
  const summaries: AttentionSummary[] = [];
  for (const plan of plans) {
    const what = `${plan.file}#${plan.attention.name.text}`;
    const summary = await summarise(plan, targets.runners, () => progress.update(++done, total, what));
    progress.tell(`${what}: ${summary.firstWrong ? `${summary.firstWrong} is WRONG` : "agrees"}, ${plan.cases} cases`);
    summaries.push(summary);
  }
  progress.end();
  return summaries;
}

/** Where targets ran that can run in several places. */
const placesOf = ({ runners }: Targets) =>
  Object.fromEntries(runners.flatMap(({ name, runner }) => (runner.where ? [[name, runner.where()]] : [])));

/** Rows of attentions, columns of levels: the worst error and its share of the bound. */
function table(summaries: readonly AttentionSummary[], { runners }: Targets): string {
  const heading = ["worst error, share of its bound", ...runners.map(({ name }) => name)];
  const rows = summaries.map((summary) => [`${summary.file}#${summary.name}`, ...summary.levels.map(cell)]);
  const all = [heading, ...rows];
  const widths = heading.map((_, column) => Math.max(...all.map((row) => row[column]!.length)));
  return all
    .map(
      (row) =>
        `${row
          .map((text, column) => text.padEnd(widths[column]!))
          .join("  ")
          .trimEnd()}\n`,
    )
    .join("");
}

function cell({ agrees, worst, failed }: LevelSummary): string {
  if (failed) return "STOPPED";
  if (!worst) return "nothing to compare";
  const { got, wanted, ratio } = worst.element;
  return `${agrees ? "" : "WRONG "}${Math.abs(got - wanted).toExponential(1)} ${percentText(ratio)}`;
}

/** The first level that disagrees, where and in which case. Later levels follow from it. */
function printMisses(io: Io, summary: AttentionSummary, required: readonly string[]): void {
  const { file, name, levels, firstWrong } = summary;
  for (const level of passedByAll(summary, required)) {
    const what = `${file}#${name}: target \`${level.name}\` is required, and no call went to it: ${level.passedBy}`;
    io.out.write(`\n${io.out.style(["red", "bold"], "miss")}: ${what}\n`);
  }
  const level = levels.find((each) => each.name === firstWrong);
  if (!level) return;
  const what = `${file}#${name}: \`${level.name}\` is the first level that disagrees with the reference`;
  io.out.write(`\n${io.out.style(["red", "bold"], "miss")}: ${what}\n`);
  if (level.failed)
    io.out.write(`  it stopped: ${level.failed.why}\n  in the case ${settingText(level.failed.setting)}\n`);
  else if (level.worst)
    io.out.write(`  ${elementText(level.worst.element)}\n  in the case ${settingText(level.worst.setting)}\n`);
}

function elementText({ batch, head, row, column, got, wanted, bound }: Element): string {
  const place =
    typeof column === "object"
      ? `element ${column.index} of ${column.output}`
      : column === "lse"
        ? `lse[${batch}, ${head}, ${row}]`
        : `out[${batch}, ${head}, ${row}, ${column}]`;
  return `${place} is ${got}, the reference says ${wanted} ± ${bound.toExponential(2)}`;
}

function printNotes(
  io: Io,
  summaries: readonly AttentionSummary[],
  { runners, missing }: Targets,
  sweep: string,
): void {
  for (const { name, runner } of runners) if (runner.where) note(io, `${name} ran ${runner.where()}`);
  for (const { name, why } of missing) note(io, `not run: ${name}, ${why}`);
  for (const text of new Set(summaries.flatMap(({ leftOut }) => leftOut)))
    note(io, `left out of the ${sweep} sweep: ${text}`);
  for (const { file, name, levels } of summaries) {
    for (const { name: level, passedBy } of levels) {
      if (passedBy !== undefined) note(io, `${file}#${name}: some calls are not for ${level}: ${passedBy}`);
    }
  }
  for (const { file, name, undecided, undecidedExample, withoutAnswer } of summaries) {
    if (undecided > 0) note(io, `${file}#${name}: ${undecided} rows not judged, such as ${undecidedExample}`);
    if (withoutAnswer > 0) note(io, `${file}#${name}: ${withoutAnswer} cases have no answer by the reference itself`);
  }
}
