// An explanation as text: rows of a name and a sentence. Whatever is an estimate says "about", and from what.

import { choiceRows } from "./choice-words.ts";
import type { Bounds } from "./choices.ts";
import type { ExplainedOrder, Explanation, Flops, Sample, Walk } from "./explanation.ts";
import { percent } from "./percent.ts";
import type { Term } from "./term-plans.ts";

type Row = readonly [name: string, text: string];

/** Ends with a line break. */
export function inWords(explanation: Explanation): string {
  const { attention, passes, tile, orders = [], terms, structure, walks } = explanation;
  const rows: readonly Row[] = [
    ["shape", shapeText(explanation)],
    ...passes.map(({ pass, why }): Row => ["pass", `${pass}: ${why}`]),
    ["tile", `${tile.queries} queries × ${tile.keys} keys`],
    ...orders.map(orderRow),
    ...terms.flatMap((term) => termRows(term, terms.length > 1)),
    ...(terms.length > 1 ? [["mask", structure] as const] : []),
    ...walks.flatMap((walk) => walkRows(walk, terms)),
    ...amountRows(explanation),
  ];
  const lines = rows.map(
    ([name, text]) => `  ${name.padEnd(NAMES)} ${text.replaceAll("\n", `\n${" ".repeat(NAMES + 3)}`)}`,
  );
  return [attention, ...lines, ""].join("\n");
}

const NAMES = 8;
/** Formulas beyond a line are for `show --stage plan` and for `--json`. */
const LONGEST = 150;

const shorten = (formula: string) => (formula.length > LONGEST ? `${formula.slice(0, LONGEST)}…` : formula);

function shapeText({ shape }: Explanation): string {
  const axes = Object.entries(shape.axes).map(([name, extent]) => `, ${name} ${extent}`);
  const dims = shape.dim === shape.valueDim ? `dim ${shape.dim}` : `dim ${shape.dim}, value dim ${shape.valueDim}`;
  const heads = `batch ${shape.batch}, heads ${shape.heads}/${shape.kvHeads}`;
  return `${heads}, ${shape.queries} queries × ${shape.keys} keys, ${dims}${axes.join("")}`;
}

function termRows({ number, text, at, keys, unsolved, provesEmpty, provesFull }: Term, isNumbered: boolean): Row[] {
  const proofs = [provesEmpty ? "empty" : [], provesFull ? "full" : []].flat();
  return [
    ["term", `${isNumbered ? `${number}  ` : ""}\`${shorten(text)}\` (${at})`],
    ...(keys.length === 0
      ? [["", unsolved.length === 0 ? "allows every key" : "gives no range of keys"] as const]
      : keys.map((range, index): Row => ["", `${index === 0 ? "allows" : "and"} keys ${rangeText(range)}`])),
    ...unsolvedRows(unsolved),
    ["", proofs.length === 0 ? "proves no tile empty or full" : `can prove tiles ${proofs.join(" and ")}`],
  ];
}

/** One row a reason. */
function unsolvedRows(unsolved: Term["unsolved"]): Row[] {
  return [...new Set(unsolved.map(({ why }) => why))].map((why) => {
    const [first, ...others] = unsolved.filter((each) => each.why === why);
    const more = others.length === 0 ? "" : ` and ${others.length} more`;
    return ["", `no range from \`${shorten(first!.part)}\`${more}: ${why}`];
  });
}

/** Ends of a range are told whole or not at all. */
const rangeText = (range: string) => (range.length > LONGEST ? "in a range whose closed form is long" : range);

function walkRows({ step, ranges, blockedBy, skips, leavesMaskOut }: Walk, terms: readonly Term[]): Row[] {
  const from = (numbers: readonly number[] | undefined) =>
    numbers === undefined || numbers.length === 0 || terms.length < 2 ? "" : `   (from ${termList(numbers)})`;
  const places = ranges.map((range): Row => ["visits", `${step}: keys ${rangeText(range.keys)}${from(range.terms)}`]);
  const blocked = blockedBy.length === 0 ? "" : `, because ${blocking(blockedBy, terms)}`;
  return [
    ...(places.length > 0 ? places : [["visits", `${step}: every key${blocked}`] as const]),
    ["", skips ? "tiles that the mask proves empty are skipped" : "no other tile is skipped"],
    [
      "",
      leavesMaskOut
        ? "no mask is computed on tiles that are proved full"
        : "the mask is computed on every visited tile",
    ],
  ];
}

function orderRow({ name, visited, taken }: ExplainedOrder, index: number): Row {
  const share = `${(100 * visited).toFixed(1)} % of the pairs lie in tiles that are visited`;
  return [index === 0 ? "tokens" : "", `${name}: ${share}${taken ? "; the kernel stores them so" : ""}`];
}

const termList = (numbers: readonly number[]) => `term${numbers.length === 1 ? "" : "s"} ${numbers.join(" and ")}`;

function blocking(numbers: readonly number[], terms: readonly Term[]): string {
  const verb = numbers.length === 1 ? "gives" : "give";
  return `${terms.length === 1 ? "the term" : termList(numbers)} ${verb} no range`;
}

function amountRows(explanation: Explanation): Row[] {
  const { blocks, blockCount, visits, visited, flops, bytes } = explanation;
  const { keysAndValues } = bytes;
  const about = visits.sample ? "about " : "";
  const saved = keysAndValues.all === 0 ? 0 : keysAndValues.saved / keysAndValues.all;
  const missing =
    bytes.unknown.length === 0 ? "" : `, without ${bytes.unknown.join(" and ")}, whose length nobody gave`;
  return [
    ...(blocks
      ? [
          [
            "blocks",
            `${blockCount}: ${blocks.full} proved full, ${blocks.empty} proved empty, ${blocks.partial} partial`,
          ] as const,
        ]
      : []),
    [
      blocks ? "walk" : "blocks",
      `${blocks ? "" : `${blockCount}: `}${about}${visits.full} visited full, ${about}${visits.partial} visited partial, ${about}${visits.skipped} skipped${sampleText(visits.sample)}`,
    ],
    [
      "",
      `${about}${percent(visited.tiles)} of the tiles are visited, ${about}${percent(visited.pairs)} of all pairs lie in them`,
    ],
    ["density", densityText(explanation)],
    ...choiceRows(explanation),
    ["FLOPs", flopsText(flops, about)],
    [
      "bytes",
      `${amount(bytes.inputs, 1024, "iB")} in, ${amount(bytes.outputs, 1024, "iB")} out, ${amount(bytes.scratch, 1024, "iB")} between steps${missing}`,
    ],
    [
      "saved",
      `${about}${amount(keysAndValues.saved, 1024, "iB")} of K and V are not read, ${percent(saved)} of what all tiles would read`,
    ],
  ];
}

/** From what is dense to what is left. */
function flopsText({ allPairs, visitedPairs, chosenPairs, visiblePairs }: Flops, about: string): string {
  const [dense, visited] = [allPairs, visitedPairs].map(flopCount);
  return [
    `${dense} for all pairs`,
    `${about}${visited} for visited tiles`,
    ...(visiblePairs === undefined ? [] : [`${flopCount(visiblePairs)} for visible pairs`]),
    ...(chosenPairs ? [`${boundsText(chosenPairs)} for chosen blocks`] : []),
  ].join(", ");
}

const flopCount = (value: number) => amount(value, 1000, "");
const boundsText = ({ least, most }: Bounds) =>
  least === most ? flopCount(most) : `${flopCount(least)} to ${flopCount(most)}`;

const sampleText = (sample: Sample | undefined) =>
  sample ? `\nestimated from ${sample.queryTiles} of ${sample.of} query tiles, evenly spaced` : "";

function densityText({
  visiblePairs,
  density,
  densityEstimate,
}: Pick<Explanation, "visiblePairs" | "density" | "densityEstimate">): string {
  if (!densityEstimate) return `${percent(density)} of all pairs are visible (${visiblePairs})`;
  const { queryTiles, of, pairs } = densityEstimate;
  const tiles = queryTiles === of ? `all ${of} query tiles` : `${queryTiles} of ${of} query tiles`;
  const about = (text: string) => (text.startsWith("more") ? text : `about ${text}`);
  return `${about(percent(density))} of all pairs are visible, estimated from ${tiles} and ${pairs} pairs of their partial tiles`;
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
