// The plan of an attention in words and numbers: what the kernel does for one call, how much of the map it looks at, and
// what that costs. Everything is read off the program and the call; nothing is decided here.

import { TARGETS } from "../../targets/index.ts";
import { compileAttention } from "../compile.ts";
import type { Problem } from "../diagnostics/problem.ts";
import { blockClasses } from "../execute/block-classes.ts";
import { bindCase } from "../execute/environment.ts";
import { evaluator, startPoint } from "../ir/evaluate.ts";
import { printExpr } from "../ir/print.ts";
import type { AttendPlan, Buffer, Program } from "../schedule/plan.ts";
import { printRun } from "../schedule/print.ts";
import { attendSteps } from "../schedule/steps.ts";
import type { Case } from "../spec/case.ts";
import { bytesPerElement } from "../tensors/elements.ts";
import { denseMask } from "./dense-mask.ts";
import type { MaskReads } from "./mask-reads.ts";

export type Explanation = {
  readonly attention: string;
  readonly shape: Case["shape"];
  readonly passes: readonly { readonly step: string; readonly pass: string; readonly why: string }[];
  readonly tile: { readonly queries: number; readonly keys: number };
  readonly walks: readonly Walk[];
  /** Of the tiles of all heads and batches, by what is proved of them. */
  /** Absent where they are too many to be classified one by one; `blockCount` is all of them. */
  readonly blocks?: { readonly full: number; readonly partial: number; readonly empty: number };
  readonly blockCount: number;
  /** Visible pairs of all heads and batches, and their share; absent where counting them would take too long. */
  readonly visiblePairs?: number;
  readonly density?: number;
  /** Multiplications and additions of the two products, for all pairs and for visible ones. */
  readonly flops: { readonly allPairs: number; readonly visiblePairs?: number };
  /** Bytes of every tensor of the call, and of scratch between steps. */
  readonly bytes: { readonly inputs: number; readonly outputs: number; readonly scratch: number };
};

/** How the kernel walks over the keys for one tile of queries. */
export type Walk = {
  readonly step: string;
  /** The runs of keys that it visits, as the mask's terms give them. */
  readonly runs: readonly string[];
  /** Terms of the mask that give no run. */
  readonly unsolved: readonly string[];
  /** Tiles are skipped where the mask's bounds prove that nothing is visible. */
  readonly skips: boolean;
  /** The mask is left out where the bounds prove that everything is. */
  readonly leavesMaskOut: boolean;
};

function walkOf(step: string, { traversal, mask }: AttendPlan): Walk {
  return {
    step,
    runs: traversal.runs.map(printRun),
    unsolved: traversal.unsolved.map(printExpr),
    skips: traversal.may !== undefined,
    leavesMaskOut: traversal.must !== undefined || mask === undefined,
  };
}

/** Pairs that are counted one by one at most. */
const MOST_COUNTED = 2 ** 26;
/** Blocks that are classified at most; the kernel itself never makes such a table. */
const MOST_CLASSIFIED = 2 ** 17;

/** The explanation, or the problems that keep the attention from being planned. */
export function explanationOf(
  call: Case,
  reads: MaskReads,
): { readonly explanation?: Explanation; readonly problems: readonly Problem[] } {
  const { attention, shape, params } = call;
  const target = TARGETS[0]!;
  const settings = { dims: { dim: shape.dim, valueDim: shape.valueDim }, consts: params };
  const { value, problems } = compileAttention(attention, target, settings);
  const program = value[0]?.program;
  if (!program) return { problems };
  const passes = attendSteps(program);
  const { tile } = passes[0]!.plan;
  const visiblePairs = countVisible(call, reads);
  const heads = shape.batch * shape.heads;
  const pairs = heads * shape.queries * shape.keys;
  // Every pass over the map scores all pairs; the last one also weighs the values.
  const scoring = passes.length;
  const flopsOf = (count: number) => count * 2 * (scoring * shape.dim + shape.valueDim);
  return {
    problems,
    explanation: {
      attention: attention.name.text,
      shape,
      passes: program.steps.map(({ name, plan }) => {
        const pass = plan.kind === "attend" ? plan.pass : plan.kind;
        return { step: name, pass, why: PASSES[pass] };
      }),
      tile,
      walks: passes.map(({ name, plan }) => walkOf(name, plan)),
      ...countBlocks(call, tile),
      ...(visiblePairs !== undefined && { visiblePairs, density: pairs === 0 ? 0 : visiblePairs / pairs }),
      flops: { allPairs: flopsOf(pairs), ...(visiblePairs !== undefined && { visiblePairs: flopsOf(visiblePairs) }) },
      bytes: bytesOf(program, call),
    },
  };
}

const PASSES = {
  summary: "the least and the most element of every stretch of a captured tensor, to know what a tile can hold",
  blocks: "the tiles to visit, written down once for all heads, because the mask gives no range of keys in closed form",
  online: "one pass over the keys with running statistics",
  statistics: "a first pass that keeps only the maximum and the sum of each row, because the weight reads the final p",
  replay: "a second pass that computes every p again, final this time, and adds up the values",
} as const;

function countVisible(call: Case, reads: MaskReads): number | undefined {
  const { batch, heads, queries, keys } = call.shape;
  const distinct = (reads.batch || call.keyLengths ? batch : 1) * (reads.head ? heads : 1);
  if (distinct * queries * keys > MOST_COUNTED) return undefined;
  const mask = denseMask(call, reads);
  let visible = 0;
  let last: readonly string[] | undefined;
  let ofLast = 0;
  for (let b = 0; b < batch; b++) {
    for (let h = 0; h < heads; h++) {
      const rows = mask.rows(b, h);
      if (rows !== last) ofLast = rows.reduce((sum, row) => sum + row.split("1").length - 1, 0);
      last = rows;
      visible += ofLast;
    }
  }
  return visible;
}

function countBlocks(call: Case, tile: Explanation["tile"]): Pick<Explanation, "blocks" | "blockCount"> {
  const { batch, heads, queries, keys } = call.shape;
  const blockCount = batch * heads * Math.ceil(queries / tile.queries) * Math.ceil(keys / tile.keys);
  if (blockCount > MOST_CLASSIFIED) return { blockCount };
  const classes = blockClasses(call, tile);
  const counts = { full: 0, partial: 0, empty: 0 };
  const names = { f: "full", p: "partial", e: "empty" } as const;
  for (let b = 0; b < batch; b++) {
    for (let h = 0; h < heads; h++) {
      for (const row of classes.rows(b, h)) for (const letter of row) counts[names[letter as keyof typeof names]] += 1;
    }
  }
  return { blocks: counts, blockCount };
}

function bytesOf(program: Program, call: Case): Explanation["bytes"] {
  const bindings = bindCase(program.ir, call);
  const sizeOf = ({ element, extents }: Buffer) =>
    extents.reduce(
      (size, extent) => size * Number(evaluator(extent, "decide", bindings)(startPoint())),
      bytesPerElement(element),
    );
  const sum = (role: Buffer["role"]) =>
    program.buffers.filter((buffer) => buffer.role === role).reduce((total, buffer) => total + sizeOf(buffer), 0);
  return { inputs: sum("input"), outputs: sum("output"), scratch: sum("scratch") };
}
