// How strips tell each other the highest scores of their rows: through workgroup memory, or, where a target has subgroups,
// first from thread to thread, so that fewer of them are left to be read there.

import type { WgslHighestView } from "../views-wgsl.ts";
import { part, type StepContext } from "./context.ts";
import { highestOwn } from "./scores.ts";

export const highestPart = ({ plan, layout }: StepContext): string =>
  part(plan.exchange ? "tile-highest-subgroups" : "tile-highest", { layout, highestOwn: highestOwn(layout) });

/** What a kernel needs for it beside that. */
export function highestView({ plan, layout }: StepContext): WgslHighestView {
  if (!plan.exchange) return { reachMemory: "", subgroupSize: "", findReach: "" };
  return {
    reachMemory: "var<workgroup> least_reach: atomic<u32>;\nvar<workgroup> common_reach: u32;",
    subgroupSize: ", @builtin(subgroup_size) subgroup_size: u32",
    findReach: part("find-reach", layout),
  };
}
