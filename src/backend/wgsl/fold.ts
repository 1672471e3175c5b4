// From a fold of tensors to the record that its template reads. All is computed one place a thread: there are few of them
// beside the pairs of the map.

import { placesAlong, type TensorFold } from "../../ir/statistics.ts";
import type { FoldPlan, Program, StepOf } from "../../schedule/plan.ts";
import type { PlaceAxis } from "../../spec/choice.ts";
import { operand } from "../simt/dialect.ts";
import { type Surroundings, storedExtent } from "../simt/scope.ts";
import type { WgslFoldView } from "../views-wgsl.ts";
import { startView } from "./attend.ts";
import { part, printedCall } from "./context.ts";
import { FACT_THREADS } from "./facts.ts";
import { JOINS, nothingOf } from "./folds.ts";
import { foldPlace } from "./places.ts";

type Along = NonNullable<TensorFold["along"]>;

export function foldView(
  program: Program,
  { plan }: StepOf<FoldPlan>,
  step: string,
  around: Surroundings,
): WgslFoldView {
  const { tensor, axes, value, along } = plan.fold;
  const type = tensor.element === "i32" ? "i32" : "f32";
  const own = printedCall("value_of", value, "What a place comes to.", around);
  const folded = along && foldAlong(along, tensor, own.call, around);
  const count = (axis: PlaceAxis) => {
    const places = placesAlong(plan.fold, axis);
    return places ? operand(storedExtent(places, around.dialect)) : "1";
  };
  const counts = { queries: count("query"), keys: count("key") };
  const ofKv = axes.includes("kv");
  const { buffer, at, isOutput } = foldPlace(program, tensor);
  return {
    ...{ step, threads: FACT_THREADS },
    ...startView(program, around),
    functions: [...own.functions, ...(folded?.functions ?? [])],
    head: ofKv ? "line * sharing" : "line",
    kv: ofKv ? "line" : "line / sharing",
    place: part(`place-${placeOf(axes)}`, { threads: FACT_THREADS, lastThread: FACT_THREADS - 1, ...counts }),
    lines: count(ofKv ? "kv" : "head"),
    ...counts,
    value: folded?.statements ?? `let value = ${own.call};`,
    target: buffer,
    at,
    bits: isOutput && type === "f32" ? "stored_bits(value)" : "bitcast<u32>(value)",
  };
}

/** Which of the long axes a thread finds its place on. */
export function placeOf(axes: readonly PlaceAxis[]): "alone" | "query" | "key" | "pair" {
  if (axes.includes("query")) return axes.includes("key") ? "pair" : "query";
  return axes.includes("key") ? "key" : "alone";
}

function foldAlong({ axis, op, first, end }: Along, tensor: TensorFold["tensor"], value: string, around: Surroundings) {
  const [from, to] = [
    printedCall("first_of", first, "Where the fold of a place begins.", around),
    printedCall("end_of", end, "And where it ends.", around),
  ];
  const statements = part("fold-along", {
    ...{ axis, type: tensor.element, first: from.call, end: to.call },
    ofNothing: nothingOf(op, tensor),
    moves: MOVES[axis],
    join: JOINS[op]("value", value),
  });
  return { functions: [...from.functions, ...to.functions], statements };
}

/** The place at hand, one further along. */
const MOVES: Readonly<Record<Along["axis"], readonly string[]>> = {
  head: ["let head = at;", "let kv = at / sharing;"],
  kv: ["let kv = at;", "let head = at * sharing;"],
  query: ["let query = query_start + at;"],
  key: ["let key = at;"],
};
