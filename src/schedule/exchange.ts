// How threads that share query rows learn the highest score of a tile. Those of a softmax must agree on it, tile by tile; on
// targets with subgroups they ask each other, and read in memory of the workgroup only what is left.

import type { Target } from "../../targets/target.ts";
import { registerTileOf } from "./larger-tiles.ts";
import type { AttendPlan, Exchange } from "./plan.ts";

export function chooseExchange(
  target: Target,
  { tile, pass, normalize }: Pick<AttendPlan, "tile" | "pass" | "normalize">,
): Exchange | undefined {
  if (!target.features.includes("subgroups") || normalize !== "softmax" || pass === "replay" || pass === "reduce")
    return undefined;
  const { rows, columns } = registerTileOf(target, tile);
  return { rows, strips: tile.keys / columns };
}
