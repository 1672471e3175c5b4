// A failure as a file: the smallest program as text, under a header of comments with the seed, the cause and everything
// that the program was called with. The tests of test/corpus/regressions read such files and run them on every level.

import type { Value } from "../ops/op.ts";
import { parseFile } from "../syntax/parse.ts";
import { printFile } from "../syntax/print.ts";
import { gridAxes, needed } from "./program.ts";
import { type Trial, trialText } from "./trials.ts";

/** The file. `story` is what a reader should know first, a line each. */
export function writeRegression(trial: Trial, story: readonly string[]): string {
  const { shape, tile, params, tensors, keyLengths, queryStart } = trial.inputs;
  const { batch, heads, kvHeads, queries, keys, axes } = shape;
  const extents = [
    ...[`queries=${queries}`, `keys=${keys}`, `batch=${batch}`, `heads=${heads}`, `kv_heads=${kvHeads}`],
    ...gridAxes(trial.program).map((axis) => `${axis}=${axes[axis]}`),
  ];
  const scalars = needed(trial.program, "param").map((name) => `${name}=${numberText(params[name]!)}`);
  const rows = [
    `shape: ${extents.join(", ")}`,
    ...(scalars.length > 0 ? [`set: ${scalars.join(", ")}`] : []),
    ...needed(trial.program, "tensor").map((name) => {
      const { shape: lengths, values } = tensors[name]!;
      return `${name} [${lengths}]: ${values.map(numberText).join(" ")}`;
    }),
    ...(keyLengths ? [`key_lengths: ${keyLengths.join(" ")}`] : []),
    ...(queryStart ? [`query_start: ${queryStart.join(" ")}`] : []),
    `tile: ${tile.queries}x${tile.keys}`,
  ];
  const header = [...story, "", ...rows].map((line) => `// ${line}`.trimEnd());
  return [...header, formatted(trialText(trial))].join("\n");
}

function formatted(text: string): string {
  const source = { path: "regression.attn", text };
  return printFile(parseFile(source, 0).value, source);
}

const numberText = (value: Value) => (Object.is(value, -0) ? "-0" : String(value));
