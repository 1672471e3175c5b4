// Writes the certificate of a program's walk over the keys for one call: its claims are read off the walk itself, its terms
// off the plan.

import { walks } from "../execute/walk.ts";
import { op } from "../ir/make.ts";
import { printExpr } from "../ir/print.ts";
import type { Let, Region } from "../schedule/loop.ts";
import type { Program } from "../schedule/plan.ts";
import { printRun } from "../schedule/print.ts";
import { attendSteps } from "../schedule/steps.ts";
import type { Claim } from "../schedule/traversal.ts";
import type { Case } from "../spec/case.ts";
import type { Certificate, Letter } from "./certificate.ts";

const LETTERS: Readonly<Record<Claim, Letter>> = { jumped: "j", empty: "e", full: "f", partial: "p" };

/** What the program's first pass over the keys claims of every tile of the call. Cost: a few operations a tile. */
export function certificateOf(program: Program, call: Case): Certificate {
  const { plan } = attendSteps(program)[0]!;
  const { traversal, head, queryTile } = plan;
  const { batch, heads } = call.shape;
  const claims: string[][][] = Array.from({ length: batch }, () => Array.from({ length: heads }, () => []));
  for (const walk of walks(program, call)) {
    claims[walk.batch]![walk.head]!.push(walk.claims.map((claim) => LETTERS[claim]).join(""));
  }
  return {
    attention: program.name,
    tile: plan.tile,
    because: {
      definitions: plan.mask ? [...head, ...queryTile].map(printLet) : [],
      j: traversal.runs.map(printRun),
      e: traversal.may ? printRegion({ ...traversal.may, value: op("not", traversal.may.value) }) : [],
      f: !plan.mask ? ["there is no mask"] : traversal.must ? printRegion(traversal.must) : [],
    },
    claims,
  };
}

const printLet = ({ name, value }: Let) => `${name} = ${printExpr(value)}`;

/** The region's definitions and then its value. */
const printRegion = ({ lets, value }: Region) => [...lets.map(printLet), ...printExpr(value).split("\n")];
