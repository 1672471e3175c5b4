// From the step that folds the pairs of blocks to the record that its template reads.

import type { BlockFold } from "../../ir/pair-fold.ts";
import { sideText } from "../../ir/sides.ts";
import { OF_NO_FLOATS } from "../../ir/statistics.ts";
import type { PairsPlan, Program, StepOf } from "../../schedule/plan.ts";
import { countOf, endStatements } from "../simt/blocks.ts";
import { ownName } from "../simt/dialect.ts";
import type { Surroundings } from "../simt/scope.ts";
import { render } from "../template.ts";
import type { Printed } from "../views.ts";
import type { CudaPairsView } from "../views-cuda.ts";
import { C_TYPES } from "./call.ts";
import { COMBINED } from "./choice.ts";
import { CUDA } from "./dialect.ts";
import { deviceFunction, stepName } from "./scope.ts";
import type { BlockSize } from "./units.ts";

export function pairsView(
  { buffers }: Program,
  step: StepOf<PairsPlan>,
  kernel: string,
  around: Surroundings,
  { threads }: BlockSize,
): CudaPairsView {
  const { fold, sides, dims } = step.plan;
  const functions: Printed[] = [];
  const called = (name: string, value: BlockFold["value"]): string => {
    const printed = deviceFunction(name, { lets: [], value }, around);
    functions.push({ code: printed.code });
    return printed.called();
  };
  const along = (of: "row" | "key", { op, takes, value }: BlockFold) => ({
    nothing: CUDA.literal("float", OF_NO_FLOATS[op]).text,
    ...{ takes: called(`takes_${of}`, takes), value: called(`worth_of_${of}`, value), joined: COMBINED[op] },
  });
  const elementOf = (tensor: string) => C_TYPES[buffers.find(({ name }) => name === tensor)!.element].kernel;
  const elements = { queryElement: elementOf("query"), keyElement: elementOf("key") };
  return {
    ...{ step: stepName(step), kernel, threads, dim: dims.dim },
    ...{ rows: sideText(sides.query, "query rows"), keys: sideText(sides.key, "keys") },
    ...{ ofRows: along("row", fold.rows), ofKeys: along("key", fold.keys), functions },
    queryRow: render("cuda/parts/own-query", elements).trimEnd(),
    keyRow: render("cuda/parts/own-key", elements).trimEnd(),
    rowStatements: endStatements(sides.query, "query", around),
    keyStatements: endStatements(sides.key, "key", around),
    ...{ rowBlocks: countOf(sides.query, "query", CUDA), keyBlocks: countOf(sides.key, "key", CUDA) },
    folded: ownName(fold.tensor.name),
  };
}
