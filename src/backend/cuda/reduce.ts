// From the passes and steps for statistics of the map to the records that their templates read: the pass that goes from key
// tile to key tile, and folds of what the passes leave.

import type { Target } from "../../../targets/target.ts";
import type * as ir from "../../ir/expr.ts";
import { placesAlong, type TensorFold } from "../../ir/statistics.ts";
import type { AttendPlan, FoldPlan, Program, StepOf } from "../../schedule/plan.ts";
import type { PlaceAxis } from "../../spec/choice.ts";
import { operand, ownName } from "../simt/dialect.ts";
import { rangesOf } from "../simt/folds.ts";
import { type Surroundings, storedExtent } from "../simt/scope.ts";
import { letStatements, walkOf } from "../simt/walk.ts";
import { render } from "../template.ts";
import type { CudaFoldView, CudaReduceView } from "../views-cuda.ts";
import { passView, walkView } from "./attend.ts";
import { CUDA } from "./dialect.ts";
import { JOINS, leaveKeys, nothingOf, openFolds, typeOf } from "./folds.ts";
import { deviceFunction, stepName } from "./scope.ts";
import type { BlockSize } from "./units.ts";

/** The pass that goes from key tile to key tile. */
export function reduceView(
  program: Program,
  step: StepOf<AttendPlan>,
  kernel: string,
  around: Surroundings,
  target: Target,
  blockSize: BlockSize,
): CudaReduceView {
  const { plan } = step;
  const {
    factor: _factor,
    columnValues,
    seen,
    score,
    weigh,
    sink: _,
    ...view
  } = passView(program, step, around, target, blockSize);
  const { next, may, must } = walkView(walkOf(plan, plan.mask !== undefined, around));
  const { rows } = plan.reduce!;
  return {
    ...view,
    ...{ kernel, columnValues, seen, score, weigh, may, must },
    multiplyKeys: render("cuda/parts/multiply-keys-simt", { element: view.element }).trimEnd(),
    place: render("cuda/parts/place-keys", {}).trimEnd(),
    reach: "const int end_key = keys;",
    rangeStatements: letStatements(rangesOf(plan.reduce!), around, "f").join("\n"),
    firstRow: rows ? "rows_first / QUERIES * QUERIES" : "0",
    endRow: rows ? "rows_end" : "call.queries",
    stays: plan.traversal.next ? render("cuda/parts/stays", next).trimEnd() : "// All tiles of rows are looked at.",
    openFolds: openFolds(plan.reduce!),
    leave: leaveKeys(plan.reduce!, program.ir.order),
  };
}

export function foldView(step: StepOf<FoldPlan>, kernel: string, around: Surroundings): CudaFoldView {
  const { tensor, axes, value, along } = step.plan.fold;
  const type = typeOf(tensor);
  const own = deviceFunction("value_of", { lets: [], value }, around);
  const folded = along && foldAlong(along, tensor, own.called(), around);
  const { batches, lines, rows, columns } = countsOf(step.plan.fold, (extent) => operand(storedExtent(extent, CUDA)));
  const ofKv = axes.includes("kv");
  return {
    step: stepName(step),
    ...{ kernel, type, batches, lines, rows, columns, target: ownName(tensor.name) },
    functions: [own.code, ...(folded?.functions ?? [])].map((code) => ({ code })),
    head: ofKv ? "line * sharing" : "line",
    kv: ofKv ? "line" : "line / sharing",
    value: folded?.statements ?? `const ${type} value = ${own.called()};`,
  };
}

/** How many places there are along each axis of a tensor.
 *  @param printed an extent in C, or in Python */
export function countsOf(fold: TensorFold, printed: (extent: ir.Expr) => string) {
  const count = (axis: PlaceAxis) => {
    const places = placesAlong(fold, axis);
    return places ? printed(places) : "1";
  };
  return {
    batches: count("batch"),
    lines: count(fold.axes.includes("kv") ? "kv" : "head"),
    rows: count("query"),
    columns: count("key"),
  };
}

function foldAlong(
  { axis, op, first, end }: NonNullable<TensorFold["along"]>,
  tensor: TensorFold["tensor"],
  value: string,
  around: Surroundings,
) {
  const [from, to] = [
    deviceFunction("first_of", { lets: [], value: first }, around),
    deviceFunction("end_of", { lets: [], value: end }, around),
  ];
  const statements = render("cuda/parts/fold-along", {
    ...{
      axis,
      type: typeOf(tensor),
      value,
      first: from.called(),
      end: to.called(),
      join: JOINS[op],
      moves: MOVES[axis],
    },
    ofNothing: nothingOf(op, tensor),
  }).trimEnd();
  return { functions: [from.code, to.code], statements };
}

/** The place at hand, one further along. */
const MOVES: Readonly<Record<NonNullable<TensorFold["along"]>["axis"], readonly string[]>> = {
  head: ["const int head = at, kv = at / sharing;"],
  kv: ["const int kv = at, head = at * sharing;"],
  query: ["const int query = add(query_start, at);"],
  key: ["const int key = at;"],
};
