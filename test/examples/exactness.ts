// How many of the truly empty and of the truly full blocks of the examples are found, against a look at every pair. The
// test holds the shares to a floor, and `npm run bench -- exactness` prints the table of docs/blocks.md.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { checkFacts, type Found } from "../../src/fuzz/facts.ts";
import type { Tile } from "../../src/fuzz/inputs.ts";
import { truthOf } from "../../src/fuzz/truth.ts";
import type { Attention } from "../../src/spec/spec.ts";
import { checked } from "../check.ts";
import { BLOCK_CALLS, blockCase } from "./block-calls.ts";

export const TILES: readonly Tile[] = [
  { queries: 64, keys: 64 },
  { queries: 16, keys: 32 },
];

export type Exactness = {
  readonly name: string;
  readonly tile: Tile;
  /** Over all calls of the example. */
  readonly truly: Found;
  readonly classifier: Found;
  readonly walk: Found;
  /** Claims that do not hold. */
  readonly wrong: readonly string[];
};

const folder = new URL("../../examples/", import.meta.url).pathname;

/** Every attention of every example by its name in BLOCK_CALLS. */
export function exampleAttentions(): readonly (readonly [name: string, attention: Attention])[] {
  const files = readdirSync(folder).filter((name) => name.endsWith(".attn"));
  return files.flatMap((file) =>
    checked(readFileSync(join(folder, file), "utf8")).spec.attentions.map(
      (attention) => [`${file.replace(/\.attn$/, "")}#${attention.name.text}`, attention] as const,
    ),
  );
}

export function exactnessOf(name: string, attention: Attention, tile: Tile): Exactness {
  const [truly, classifier, walk] = [nothing(), nothing(), nothing()];
  const wrong: string[] = [];
  for (const blockCall of BLOCK_CALLS[name]!) {
    const call = blockCase(attention, blockCall);
    const truth = truthOf(call, tile);
    const report = checkFacts(call, tile, truth);
    add(truly, truth.counts);
    add(classifier, report.found.classifier);
    add(walk, report.found.walk);
    wrong.push(...report.wrong.map(({ why }) => why));
  }
  return { name, tile, truly, classifier, walk, wrong };
}

const nothing = (): Found => ({ empty: 0, full: 0 });

function add(sum: Found, more: Found): void {
  sum.empty += more.empty;
  sum.full += more.full;
}
