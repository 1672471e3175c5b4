// From a fold of tensors to the record that its template reads. All is computed one place at a time: there are few of them
// beside the pairs of the map.

import { ofNothing, placesAlong, type TensorFold } from "../../ir/statistics.ts";
import type { FoldPlan, Program, StepOf } from "../../schedule/plan.ts";
import { capturedBy } from "../attend-facts.ts";
import { render } from "../template.ts";
import { blockFunction } from "./choose.ts";
import type { Words } from "./layout.ts";
import { JOIN_ONE } from "./reduce.ts";
import { storedExtent, word } from "./scope.ts";
import { floatText } from "./types.ts";
import type { FoldAlongView, FoldView } from "./views-reduce.ts";

type Along = NonNullable<TensorFold["along"]>;

export function foldView(program: Program, { name: step, plan }: StepOf<FoldPlan>, words: Words): FoldView {
  const { tensor, axes, value, along } = plan.fold;
  const around = { step, words, tensors: capturedBy(program), dims: program.dims, head: [] };
  const group = `(i32.div_u ${word(words, "heads")} ${word(words, "kvHeads")})`;
  const count = (axis: (typeof axes)[number]) => {
    const places = placesAlong(plan.fold, axis);
    return places ? storedExtent(places, words) : "(i32.const 1)";
  };
  const ofKv = axes.includes("kv");
  const type = tensor.element === "i32" ? "i32" : "f32";
  const functions = [
    blockFunction("value", ["query", "key"], value, around),
    ...(along
      ? [
          blockFunction("first", ["query", "key"], along.first, around),
          blockFunction("end", ["query", "key"], along.end, around),
          render("wasm/parts/fold-along", alongView(step, along, ofNothing(along.op, tensor), type)),
        ]
      : []),
  ];
  return {
    ...{ step, group, type },
    summary: `${tensor.name}, a value for every ${axes.join(", ")}`,
    target: word(words, `buffer.${tensor.name}`),
    batches: count("batch"),
    lines: count(ofKv ? "kv" : "head"),
    queries: count("query"),
    keys: count("key"),
    headOfLine: ofKv ? `(i32.mul (local.get $line) ${group})` : "(local.get $line)",
    value: along ? "along" : "value",
    functions: functions.map((code) => ({ code: code.trimEnd() })),
  };
}

function alongView(step: string, { axis, op }: Along, identity: number, type: "i32" | "f32"): FoldAlongView {
  return {
    ...{ step, axis, type, name: `$${step}.along` },
    identity: type === "f32" ? floatText(identity) : String(identity),
    join: JOIN_ONE[type][op],
    move: MOVES[axis](step),
  };
}

const MOVES: Readonly<Record<Along["axis"], (step: string) => string>> = {
  head: (step) => `(call $${step}.enter_head (local.get $at))`,
  kv: () => "(global.set $kv (local.get $at))",
  query: () => "(local.set $query (i32.add (global.get $query_start) (local.get $at)))",
  key: () => "(local.set $key (local.get $at))",
};
