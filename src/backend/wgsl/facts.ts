// From the steps that write down facts, summaries and lists of blocks, to the records that their templates read.

import type { BlockListPlan, Program, StepOf, SummaryPlan } from "../../schedule/plan.ts";
import { operand, ownName } from "../simt/dialect.ts";
import { type Surroundings, storedExtent } from "../simt/scope.ts";
import type { WgslBlocksView, WgslSummaryView } from "../views-wgsl.ts";
import { enterView, listView, walkText } from "./attend.ts";
import { WGSL } from "./dialect.ts";
import { floatText } from "./numbers.ts";
import { factField } from "./places.ts";
import { spanOf } from "./split.ts";

/** Threads of a workgroup in steps that compute one number a thread. */
export const FACT_THREADS = 64;

export function blocksView(
  program: Program,
  { name, plan }: StepOf<BlockListPlan>,
  around: Surroundings,
): WgslBlocksView {
  return {
    step: name,
    threads: FACT_THREADS,
    ...enterView(program, plan, spanOf(plan.tile), around),
    ...listView(plan.list, plan.tile),
    walk: walkText(plan, true, around, plan.tile),
  };
}

export function summaryView({ plan }: StepOf<SummaryPlan>, step: string, around: Surroundings): WgslSummaryView {
  const { of, least, most, stretch, rows: band } = plan;
  const lengths = of.extents.map((extent) => operand(storedExtent(extent, WGSL)));

  const element = around.places.get(of.name)!.read("at").text;
  return {
    ...{ step, threads: FACT_THREADS, stretch, band },
    lastElement: stretch - 1,
    lastRow: band - 1,
    length: lengths.at(-1)!,
    height: band === 1 ? "1" : lengths.at(-2)!,
    ...(of.element === "f32" || of.element === "f16" ? floats(of.element, ownName(of.name)) : WHOLE),
    element: of.element === "bool" ? `i32(${element})` : element,
    leastAt: `call.${factField(least.name)}`,
    mostAt: `call.${factField(most.name)}`,
  };
}

type Widening = Pick<WgslSummaryView, "type" | "lowest" | "highest" | "widen">;

const WIDEN = "least = min(least, element);\nmost = max(most, element);";
const WHOLE: Widening = { type: "i32", lowest: "i32(-2147483648)", highest: "2147483647", widen: WIDEN };

/** Of a stretch with a NaN in it nothing is known; its bits tell, because a comparison may not. */
function floats(element: "f32" | "f16", buffer: string): Widening {
  const [lowest, highest] = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY].map(floatText);
  const unknown = `if (${isNotANumber(element, buffer)}) {\n  least = ${lowest};\n  most = ${highest};\n}`;
  return { type: "f32", lowest: lowest!, highest: highest!, widen: `${WIDEN}\n${unknown}` };
}

/** Exponent bits all set, and others too. */
const isNotANumber = (element: "f32" | "f16", buffer: string) =>
  element === "f32"
    ? `(bitcast<u32>(${buffer}[at]) & 0x7fffffffu) > 0x7f800000u`
    : `((${buffer}[at >> 1u] >> (16u * (u32(at) & 1u))) & 0x7fffu) > 0x7c00u`;
