// `attnc explain`: the long form of a problem, or what a kernel does for one call and why.

import { ALL_CODES, entryOf, explainCode } from "../../diagnostics/codes.ts";
import type { Case } from "../../spec/case.ts";
import { suggestion } from "../assignments.ts";
import type { CallOptions } from "../calls.ts";
import { printedAlready, wrongUsage } from "../command-error.ts";
import type { DimOptions } from "../dims.ts";
import type { Explanation, Walk } from "../explanation.ts";
import { type Io, note } from "../io.ts";

type Options = CallOptions & DimOptions & { readonly json?: true; readonly certificate?: string };

/** Queries where nobody says how many. */
const QUERIES = 1024;

export async function run(io: Io, topics: readonly string[], options: Options): Promise<0> {
  const topic = topics[0]!;
  if (/^[EW]\d+$/i.test(topic)) {
    explainProblem(io, topic, options);
    return 0;
  }
  await explainAttentions(io, topic, options);
  return 0;
}

function explainProblem(io: Io, code: string, { json }: Options): void {
  const text = explainCode(code);
  if (text === undefined)
    throw wrongUsage(`there is no problem \`${code}\``, suggestion(code.toUpperCase(), ALL_CODES));
  io.out.write(json ? `${JSON.stringify(entryOf(code))}\n` : text);
}

async function explainAttentions(io: Io, topic: string, options: Options): Promise<void> {
  const { maskCall } = await import("../calls.ts");
  const { explanationOf } = await import("../explanation.ts");
  const { describeProblems, loadSound } = await import("../load.ts");
  const { readSelector, selectAll } = await import("../selection.ts");
  const selector = readSelector(topic);
  const loaded = loadSound(io, selector.path);
  const explanations: Explanation[] = [];
  const calls: Case[] = [];
  const others = selectAll(loaded.attentions, selector);
  for (const attention of others) {
    const { call, reads, madeUp } = maskCall(attention, withDims(options), { queries: QUERIES, makeUp: true, others });
    if (madeUp.length > 0) note(io, `made up for ${attention.name.text}: ${madeUp.join(", ")}; give yours with --in`);
    const { explanation, problems } = explanationOf(call, reads);
    if (!explanation) {
      describeProblems(io.err, problems, loaded.sources);
      throw printedAlready();
    }
    explanations.push(explanation);
    calls.push(call);
  }
  if (options.certificate !== undefined) {
    const { writeCertificates } = await import("../certificates.ts");
    writeCertificates(io, options.certificate, calls);
  }
  io.out.write(options.json ? `${JSON.stringify(explanations)}\n` : explanations.map(inWords).join("\n"));
}

/** The dims are a part of the shape here; the options of `build` are understood too. */
function withDims({ headDim, valueDim, shape = [], ...rest }: Options): CallOptions {
  const dims = [
    headDim === undefined ? [] : `dim=${headDim}`,
    valueDim === undefined ? [] : `value_dim=${valueDim}`,
  ].flat();
  return { ...rest, shape: [...dims, ...shape] };
}

function inWords({
  attention,
  shape,
  passes,
  tile,
  walks,
  blocks,
  blockCount,
  visiblePairs,
  density,
  flops,
  bytes,
}: Explanation): string {
  const axes = Object.entries(shape.axes).map(([name, extent]) => `, ${name} ${extent}`);
  const dims = shape.dim === shape.valueDim ? `dim ${shape.dim}` : `dim ${shape.dim}, value dim ${shape.valueDim}`;
  const rows: readonly (readonly [string, string])[] = [
    [
      "shape",
      `batch ${shape.batch}, heads ${shape.heads}/${shape.kvHeads}, ${shape.queries} queries × ${shape.keys} keys, ${dims}${axes.join("")}`,
    ],
    ...passes.map(({ pass, why }) => ["pass", `${pass}: ${why}`] as const),
    ["tile", `${tile.queries} queries × ${tile.keys} keys`],
    ...walks.flatMap(walkRows),
    [
      "blocks",
      blocks
        ? `${blockCount}: ${blocks.full} proved full, ${blocks.empty} proved empty, ${blocks.partial} partial`
        : `${blockCount}, too many to classify here one by one; the kernel walks over them by the terms above`,
    ],
    [
      "density",
      visiblePairs === undefined
        ? "not counted, the map is too large"
        : `${percent(density!)} of all pairs are visible (${visiblePairs})`,
    ],
    [
      "FLOPs",
      flops.visiblePairs === undefined
        ? `${amount(flops.allPairs, 1000, "")} for all pairs`
        : `${amount(flops.visiblePairs, 1000, "")} for visible pairs, ${amount(flops.allPairs, 1000, "")} for all`,
    ],
    [
      "bytes",
      `${amount(bytes.inputs, 1024, "iB")} in, ${amount(bytes.outputs, 1024, "iB")} out, ${amount(bytes.scratch, 1024, "iB")} between steps`,
    ],
  ];
  return [attention, ...rows.map(([name, text]) => `  ${name.padEnd(8)} ${text}`), ""].join("\n");
}

function walkRows({ step, runs, unsolved, skips, leavesMaskOut }: Walk): (readonly [string, string])[] {
  const places =
    runs.length === 0
      ? ["every key"]
      : runs.map((run) => (isShort(run) ? `keys ${run}` : "a range of keys in closed form"));
  const long = unsolved.filter((term) => !isShort(term)).length;
  const terms = [
    ...unsolved.filter(isShort).map((term) => `\`${term}\` gives`),
    ...(long > 0 ? [`${long} long terms give`] : []),
  ];
  return [
    ...places.map((place) => ["visits", `${step}: ${place}`] as const),
    ...terms.map((which) => ["", `${which} no range of keys`] as const),
    ["", skips ? "tiles that the mask proves empty are skipped" : "no other tile is skipped"],
    [
      "",
      leavesMaskOut
        ? "no mask is computed on tiles that are proved full"
        : "the mask is computed on every visited tile",
    ],
  ];
}

/** Expressions beyond a line are for `show --stage plan`. */
function isShort(expression: string): boolean {
  return expression.length <= 72 && !expression.includes("\n");
}

function percent(share: number): string {
  return `${(share * 100).toFixed(share < 0.1 ? 2 : 1)} %`;
}

/** `12.3 G`, `1.50 MiB`. */
function amount(value: number, base: 1000 | 1024, unit: string): string {
  const steps = ["", "K", "M", "G", "T", "P"];
  let step = 0;
  let scaled = value;
  while (scaled >= base && step < steps.length - 1) {
    scaled /= base;
    step += 1;
  }
  if (step === 0) return `${value}${unit === "" ? "" : " B"}`;
  return `${scaled.toPrecision(3)} ${steps[step]}${unit}`;
}
