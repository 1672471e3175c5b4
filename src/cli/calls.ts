// What `mask`, `show --mask` and `explain` ask about: a call without rows of numbers, made of a shape, parameters and the
// captured tensors that the question depends on.

import type { Case } from "../spec/case.ts";
import type { Attention, TensorParam } from "../spec/spec.ts";
import { capturedTensors } from "../verify/captured.ts";
import { numbersOf } from "../verify/numbers.ts";
import { completeParams, readParams, splitAssignments } from "./assignments.ts";
import { type NamedTensors, withCaptured } from "./call.ts";
import { wrongUsage } from "./command-error.ts";
import { choiceTensors, type MaskReads, maskReads } from "./mask-reads.ts";
import { completeShape, emptyCase, readShape } from "./shapes.ts";
import { readTensors } from "./tensor-files.ts";

export type CallOptions = {
  readonly set?: readonly string[];
  readonly shape?: readonly string[];
  readonly in?: readonly string[];
};

export type MaskCall = {
  readonly call: Case;
  readonly reads: MaskReads;
  /** Query and key were given, so that what a sparsity chooses is known. */
  readonly choosable: boolean;
  /** What sparsities read beside scores is there, so that their candidates are known. */
  readonly hasCandidates: boolean;
  /** Captured tensors that nobody gave and that were made up. */
  readonly madeUp: readonly string[];
};

export type MaskCallSettings = {
  /** How many queries there are where nothing else says it. */
  readonly queries?: number;
  /** Captured tensors that are not given are drawn at random, within their contracts. */
  readonly makeUp?: boolean;
  /** All attentions that the command is about. */
  readonly others?: readonly Attention[];
};

/** The call that a mask is asked of. */
export function maskCall(attention: Attention, options: CallOptions, settings: MaskCallSettings = {}): MaskCall {
  const { others = [] } = settings;
  const params = completeParams(attention, readParams(attention, splitAssignments("--set", options.set ?? []), others));
  const given = readShape(attention, splitAssignments("--shape", options.shape ?? []), others);
  const shape = completeShape(attention, params, given, settings.queries);
  const reads = maskReads(attention);
  const tensors = readTensors(options.in ?? []);
  const ofChoice = choiceTensors(attention);
  const chooses = settings.makeUp || (tensors.has("query") && tensors.has("key"));
  const wanted = [...new Set([...reads.tensors, ...ofChoice.filter(({ name }) => chooses || tensors.has(name))])];
  const missing = settings.makeUp ? wanted.filter(({ name }) => !tensors.has(name)) : [];
  const bare = emptyCase(attention, params, shape);
  for (const tensor of missing) refuseLarge(tensor, bare);
  const drawn =
    missing.length === 0
      ? {}
      : capturedTensors({ ...bare, attention: { ...attention, tensors: missing } }, numbersOf(SEED, 0));
  const all = new Map([...tensors, ...Object.entries(drawn)]);
  const rows = rowsOf(attention, tensors, shape);
  return {
    call: { ...withCaptured(bare, given, all, wanted), ...rows },
    reads,
    choosable: rows !== undefined,
    hasCandidates: ofChoice.every(({ name }) => all.has(name)),
    madeUp: missing.map(({ name }) => name),
  };
}

/** The rows that blocks are chosen by, where the attention chooses some and the files hold them. */
function rowsOf(
  { sparsities, permutation }: Attention,
  tensors: NamedTensors,
  { batch, heads, kvHeads, queries, keys, dim }: Case["shape"],
): Pick<Case, "query" | "key"> | undefined {
  const [query, key] = [tensors.get("query"), tensors.get("key")];
  if (!query || !key || !(sparsities || permutation)) return undefined;
  const wanted = { query: [batch, heads, queries, dim], key: [batch, kvHeads, keys, dim] };
  for (const [name, tensor] of Object.entries({ query, key })) {
    const shape = wanted[name as keyof typeof wanted];
    if (tensor.shape.join() === shape.join()) continue;
    throw wrongUsage(
      `\`${name}\` has the shape [${tensor.shape.join(", ")}], but the call asks for [${shape.join(", ")}]`,
      "pass its lengths with --shape, such as --shape dim=64",
    );
  }
  return { query, key };
}

/** Elements that are made up at most. */
const MOST_MADE_UP = 2 ** 24;

/** A mask that looks up every pair has a tensor as large as the map. */
function refuseLarge({ name, axes }: TensorParam, { shape: { batch, heads, kvHeads, queries, keys } }: Case): void {
  const known = { batch, head: heads, kv: kvHeads, query: queries, key: keys, token: keys };
  const extents = axes.map((axis) => (axis.kind === "extent" || axis.kind === "fresh" ? 1 : known[axis.axis]));
  if (extents.reduce((product, extent) => product * extent, 1) <= MOST_MADE_UP) return;
  throw wrongUsage(
    `\`${name}\` is too large to be made up: ${extents.join(" × ")} elements`,
    "give yours with --in, or ask for a smaller shape",
  );
}

/** Made-up tensors are the same every time. */
const SEED = 1;
