// From a summary step to the record that its template reads.

import type { StepOf, SummaryPlan } from "../../schedule/plan.ts";
import type { SummaryView } from "../views.ts";
import type { Words } from "./layout.ts";
import { readAs, storedExtent, word } from "./scope.ts";

export function summaryView({ name, plan }: StepOf<SummaryPlan>, words: Words): SummaryView {
  const { of, least, most, stretch, rows: band } = plan;
  const access = ACCESSES[readAs(of.element)];
  const { bytes: keptBytes, load: loadKept } = ACCESSES[readAs(least.element)];
  const lengths = of.extents.map((extent) => storedExtent(extent, words));
  const outer = lengths.slice(0, band === 1 ? -1 : -2);
  return {
    step: name,
    tensor: of.name,
    stretch,
    stretchBytes: stretch * access.bytes,
    band,
    matrices:
      outer.length === 0 ? "(i32.const 1)" : outer.reduce((product, length) => `(i32.mul ${product} ${length})`),
    height: band === 1 ? "(i32.const 1)" : lengths.at(-2)!,
    length: lengths.at(-1)!,
    source: word(words, words[`tensor.${of.name}`] === undefined ? `buffer.${of.name}` : `tensor.${of.name}`),
    leastAt: word(words, `buffer.${least.name}`),
    mostAt: word(words, `buffer.${most.name}`),
    ...access,
    keptBytes,
    loadKept,
  };
}

type Access = Pick<SummaryView, "type" | "bytes" | "load" | "store" | "min" | "max">;

/** `f32.min` and `f32.max` pass NaN on, which says that nothing is known of a stretch. */
const ACCESSES: Readonly<Record<ReturnType<typeof readAs>, Access>> = {
  f32: { type: "f32", bytes: 4, load: "f32.load", store: "f32.store", min: "f32.min", max: "f32.max" },
  f16: { type: "f32", bytes: 2, load: "call $load_half", store: "f32.store", min: "f32.min", max: "f32.max" },
  i32: { type: "i32", bytes: 4, load: "i32.load", store: "i32.store", min: "call $min_int", max: "call $max_int" },
  u8: { type: "i32", bytes: 1, load: "i32.load8_u", store: "i32.store8", min: "call $min_int", max: "call $max_int" },
};
