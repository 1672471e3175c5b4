// Verifies one attention: made-up calls over a sweep of shapes, each run on every level and target and compared with the
// dense reference. Keeps the worst element of every level, which is what a reader wants to see.

import { availableParallelism } from "node:os";
import { wasmSimd128 } from "../../targets/wasm-simd128.ts";
import { webgpu } from "../../targets/webgpu.ts";
import { webgpuMatrices } from "../../targets/webgpu-matrices.ts";
import { webgpuSubgroups } from "../../targets/webgpu-subgroups.ts";
import { irRunner, optimizedRunner } from "../execute/run-ir.ts";
import { planRunner } from "../execute/run-plan.ts";
import { wasmRelaxedRunner, wasmRunner } from "../execute/run-wasm.ts";
import type { Runner } from "../execute/runner.ts";
import type { Value } from "../ops/op.ts";
import type { Case } from "../spec/case.ts";
import type { Attention } from "../spec/spec.ts";
import { makeParams } from "../verify/cases.ts";
import type { Element } from "../verify/compare.ts";
import { type LevelReport, runLevels } from "../verify/levels.ts";
import { type GivenExtents, type Setting, sweepOf } from "../verify/sweep.ts";
import { type VerifyOptions, verifyAttention } from "../verify/verify.ts";
import { placeOfRuns } from "./cuda/compile-cuda.ts";
import { cudaRunner, cudaWgmmaRunner } from "./cuda/run-cuda.ts";
import { type OpenedTarget, openSecond, openWebgpu } from "./webgpu/target.ts";

/** A level of the compiler, or a target, under the name that people see. */
export type NamedRunner = {
  readonly name: string;
  readonly runner: Runner;
  /** Why it only runs where somebody names it; undefined where it runs anyway. */
  readonly onRequest?: () => string | undefined;
};

/** The levels before any target, in the order of compilation: the first that is wrong owns the bug. */
const LEVELS: readonly NamedRunner[] = [
  { name: "ir", runner: irRunner },
  { name: "optimized", runner: optimizedRunner },
  { name: "plan", runner: planRunner },
];

const TARGET_RUNNERS: readonly NamedRunner[] = [
  { name: "wasm", runner: wasmRunner },
  { name: "wasm-relaxed", runner: wasmRelaxedRunner },
  { name: "cuda", runner: cudaRunner, onRequest: emulatedOnRequest },
  { name: "cuda-wgmma", runner: cudaWgmmaRunner, onRequest: emulatedOnRequest },
];

const WEBGPU_TARGETS = [webgpu, webgpuSubgroups, webgpuMatrices];
/** The kernels of `wgsl` on another adapter, for who asks for it. */
const SECOND = "wgsl-software";

/** An emulated sweep takes a minute, where others take seconds. */
function emulatedOnRequest(): string | undefined {
  return placeOfRuns().kind === "device" ? undefined : "this machine has no device; --targets cuda emulates it";
}

/** The published accuracies that the bound reads for levels that have no target: those of Wasm. */
const ACCURACY = wasmSimd128.errorUlps;

export type Targets = {
  readonly runners: readonly NamedRunner[];
  readonly missing: readonly { readonly name: string; readonly why: string }[];
  /** Lets go of devices; Node does not exit before. */
  close(): void;
};

/** What this machine can run of the wanted targets, and why not the rest. `wasm` names both of its variants. */
export async function chooseTargets(wanted: readonly string[] | undefined): Promise<Targets> {
  const names = wanted ?? TARGET_NAMES;
  const isWanted = ({ name }: NamedRunner) => names.includes(name) || names.some((each) => name.startsWith(`${each}-`));
  const chosen = TARGET_RUNNERS.filter(isWanted);
  const unavailable = chosen.flatMap(({ name, runner, onRequest }) => {
    const available = runner.available();
    const why = available === true ? wanted === undefined && onRequest?.() : available;
    return why ? [{ name, why }] : [];
  });
  const there = chosen.filter(({ name }) => unavailable.every((each) => each.name !== name));
  const opened: ({ readonly name: string } & OpenedTarget)[] = await Promise.all(
    WEBGPU_TARGETS.filter(({ name }) => names.includes(name)).map(async (target) => ({
      name: target.name,
      ...(await openWebgpu(wanted !== undefined, target)),
    })),
  );
  if (wanted?.includes(SECOND)) {
    const first = opened.find(({ name }) => name === webgpu.name)?.runner;
    opened.push({ name: SECOND, ...(await openSecond(first)) });
  }
  return {
    runners: [...LEVELS, ...there, ...opened.flatMap(({ name, runner }) => (runner ? [{ name, runner }] : []))],
    missing: [...unavailable, ...opened.flatMap((each) => (each.runner ? [] : [{ name: each.name, why: each.why }]))],
    close: () => {
      for (const each of opened) each.close();
    },
  };
}

/** Names that `--targets` and `--require` may hold. */
export const TARGET_NAMES: readonly string[] = [
  ...[...TARGET_RUNNERS, ...WEBGPU_TARGETS].map(({ name }) => name),
  SECOND,
];

/** What was worst on one level, and in which case. */
export type LevelSummary = {
  readonly name: string;
  readonly agrees: boolean;
  readonly worst?: { readonly element: Element; readonly setting: Setting };
  /** The level threw instead of answering. */
  readonly failed?: { readonly why: string; readonly setting: Setting };
  /** Why some of the calls did not go this level's way. */
  readonly passedBy?: string;
};

export type AttentionSummary = {
  readonly file: string;
  readonly name: string;
  readonly cases: number;
  readonly levels: readonly LevelSummary[];
  /** The first level, in the order of compilation, that disagrees anywhere. */
  readonly firstWrong?: string;
  /** Rows that are not judged, because a decision lies within its error of a boundary; and the first of them. */
  readonly undecided: number;
  readonly undecidedExample?: string;
  /** Cases whose inputs have no answer, such as an empty row under `empty error`. */
  readonly withoutAnswer: number;
  readonly leftOut: readonly string[];
};

export type Plan = {
  readonly file: string;
  readonly attention: Attention;
  readonly cases: number;
  readonly leftOut: readonly string[];
  readonly options: Omit<VerifyOptions, "runners">;
};

/** The cases of one attention, before any of them runs. */
export function planOf(
  file: string,
  attention: Attention,
  sweep: "quick" | "full",
  seed: number,
  given: Readonly<Record<string, Value>>,
  extents: GivenExtents = {},
  stored?: "f32" | "f16",
): Plan {
  // One value of each const parameter serves the whole sweep: kernels are compiled for it.
  const drawn = makeParams(attention, seed, given);
  const consts = attention.params.filter((param) => param.const).map(({ name }) => [name, drawn[name]!] as const);
  const params = { ...Object.fromEntries(consts), ...given };
  const { settings, leftOut } = sweepOf(attention, sweep, seed, drawn, extents, stored);
  const options = { sweep, seed, params, extents, ...(stored && { stored }), accuracy: ACCURACY };
  return { file, attention, cases: settings.length, leftOut, options };
}

/** Runs every case. `step` is called after each. */
export async function summarise(
  plan: Plan,
  runners: readonly NamedRunner[],
  step: () => void,
): Promise<AttentionSummary> {
  const levels = runners.map(({ name }): LevelSummary => ({ name, agrees: true }));
  let cases = 0;
  let undecided = 0;
  let undecidedExample: string | undefined;
  let withoutAnswer = 0;
  for await (const outcome of verifyAttention(plan.attention, {
    ...plan.options,
    ahead: availableParallelism(),
    runners: runners.map(({ runner }) => runner),
  })) {
    step();
    cases += 1;
    // Lets a progress line be drawn and a signal be heard.
    await new Promise((resolve) => setImmediate(resolve));
    if (outcome.kind === "skipped") {
      withoutAnswer += 1;
      continue;
    }
    const { setting, report } = outcome;
    for (const [index, level] of report.levels.entries()) levels[index] = worse(levels[index]!, level, setting);
    const [rows = []] = report.levels.flatMap((level) => (level.kind === "compared" ? [level.verdict.undecided] : []));
    undecided += rows.length;
    const [row] = rows;
    if (row)
      undecidedExample ??= `batch ${row.batch}, head ${row.head}, row ${row.row} of ${settingText(setting)}: ${row.why}`;
  }
  const firstWrong = levels.find(({ agrees }) => !agrees)?.name;
  return {
    file: plan.file,
    name: plan.attention.name.text,
    cases,
    levels,
    ...(firstWrong !== undefined && { firstWrong }),
    undecided,
    ...(undecidedExample !== undefined && { undecidedExample }),
    withoutAnswer,
    leftOut: plan.leftOut,
  };
}

/** One call on every level. */
export async function compareOnce(
  call: Case,
  setting: Setting,
  runners: readonly NamedRunner[],
): Promise<readonly LevelSummary[]> {
  const { levels } = await runLevels(
    call,
    runners.map(({ runner }) => runner),
    ACCURACY,
  );
  return levels.map((level, index) => worse({ name: runners[index]!.name, agrees: true }, level, setting));
}

/** A share of the bound: `12 %`. */
export function percentText(ratio: number): string {
  if (ratio === 0) return "0 %";
  if (ratio < 0.005) return "<1 %";
  return ratio < 100 ? `${Math.round(ratio * 100)} %` : ">9999 %";
}

/** A setting as a line that says how to make the case again. */
export function settingText({ shape, profile, stored, keyLengths, queryStart, seed }: Setting): string {
  const { batch, heads, kvHeads, queries, keys, dim, valueDim, axes } = shape;
  const extents = { batch, heads, kv_heads: kvHeads, queries, keys, dim, value_dim: valueDim, ...axes };
  const parts = Object.entries(extents).map(([name, extent]) => `${name}=${extent}`);
  const start = typeof queryStart === "number" ? `query_start=${queryStart}` : queryStart && "query_start";
  const optional = [stored === "f16" && "f16 keys and values", keyLengths && "key_lengths", start].filter(
    (part) => part !== false,
  );
  return [parts.join(","), `${profile} numbers`, ...optional, `seed ${seed}`].join(" ");
}

function worse(before: LevelSummary, report: LevelReport, setting: Setting): LevelSummary {
  if (report.kind === "unavailable") return { ...before, passedBy: report.why };
  if (report.kind === "failed") {
    return { ...before, agrees: false, failed: before.failed ?? { why: report.why, setting } };
  }
  const { agrees, worst: element } = report.verdict;
  const isWorse = element !== undefined && element.ratio > (before.worst?.element.ratio ?? -1);
  return {
    ...before,
    agrees: before.agrees && agrees,
    ...(isWorse && { worst: { element, setting } }),
  };
}
