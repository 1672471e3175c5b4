// `--target` and `--tile QxK`: the size of the blocks that a mask is classified in.

import { TARGETS } from "../../targets/index.ts";
import type { Target } from "../../targets/target.ts";
import type { Tile } from "../execute/block-classes.ts";
import { wrongUsage } from "./command-error.ts";

/** What stands on a command line for a target: the name of its backend, or its own. */
export function targetNamed(name: string): Target {
  const found = TARGETS.find((each) => each.name === name);
  if (found) return found;
  const known = `there is ${[...new Set(TARGETS.map((target) => target.name))].map((each) => `\`${each}\``).join(", ")}`;
  throw wrongUsage(`there is no target \`${name}\``, known);
}

/** The tile that the options name: their own, else the target's. */
export function tileOf(options: { readonly tile?: string; readonly target?: string }): Tile {
  const { tile } = targetNamed(options.target ?? "wasm");
  if (options.tile === undefined) return tile;
  const { 1: queries, 2: keys } = /^(\d+)x(\d+)$/.exec(options.tile) ?? [];
  if (Number(queries) >= 1 && Number(keys) >= 1) return { queries: Number(queries), keys: Number(keys) };
  throw wrongUsage(`--tile takes QxK, such as 64x64, but it is \`${options.tile}\``);
}

/** The tile of a picture: as the options say, else the target's where the map has several of them, else a smaller one,
 *  so that a small picture shows blocks at all. */
export function pictureTile(
  options: { readonly tile?: string; readonly target?: string },
  { queries, keys }: { readonly queries: number; readonly keys: number },
): Tile {
  const tile = tileOf(options);
  const size = Math.max(queries, keys);
  if (options.tile !== undefined || options.target !== undefined || size >= 4 * tile.keys) return tile;
  const small = size <= 24 ? 4 : size <= 96 ? 8 : 16;
  return { queries: small, keys: small };
}
