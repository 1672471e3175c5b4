// What the runtime must know to call the kernel, from the program: see src/runtime/description.ts.

import type { Target } from "../../../targets/target.ts";
import type * as runtime from "../../runtime/description.ts";
import type { AttendPlan, Program } from "../../schedule/plan.ts";
import { attendSteps, reduceSteps } from "../../schedule/steps.ts";
import { describeCall } from "../describe-call.ts";
import { CONSTANTS_AT } from "./constants.ts";
import { layoutOf, type Words } from "./layout.ts";

/** @param constants how many vectors of constants the module keeps */
export function describe(program: Program, words: Words, target: Target, constants: number): runtime.KernelDescription {
  const attends = attendSteps(program);
  const reduces = reduceSteps(program);
  const passes = [...attends, ...reduces];
  const layouts = passes.map(({ plan }) => layoutOf(plan, target));
  const largestTile = Math.max(...passes.map(({ plan }) => plan.tile.keys));
  return {
    ...describeCall(program),
    steps: program.steps.map(({ name }) => name),
    rows: rowsOf(passes[0]!.plan),
    shared: Object.fromEntries([
      ...attends.map(({ name, plan: { tile, decode, traversal } }) => {
        const counts = traversal.list ? { counts: traversal.list.counts } : {};
        return [name, { queries: tile.queries, wholeQueries: decode.queries, ...counts }] as const;
      }),
      ...reduces.map(({ name }) => [name, {}] as const),
    ]),
    ...(target.threads ? { threads: target.threads } : {}),
    memory: {
      words,
      blockBytes: Object.keys(words).length * 4,
      scratch: {
        fixedBytes: Math.max(...layouts.map(({ fixedBytes }) => fixedBytes)),
        bytesPerKey: Math.max(...layouts.map(({ bytesPerKey }) => bytesPerKey)),
        keyMultiple: largestTile,
      },
      // A vector of the last tile may read past a row of a captured tensor; what it finds there decides nothing.
      slackBytes: largestTile * 4,
      firstByte: Math.ceil((CONSTANTS_AT + 16 * constants) / 64) * 64,
      limitBytes: target.limits.memoryBytes,
    },
  };
}

function rowsOf({ rows: { query, stored } }: AttendPlan): runtime.KernelDescription["rows"] {
  if (query !== "f32" || stored === "bf16")
    throw new Error(`Wasm reads no ${query} and ${stored}: a bug in the target`);
  return { query, stored };
}
