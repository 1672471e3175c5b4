// Files of test/corpus/masks and test/corpus/regressions are programs that say in comments which call is meant:
//
//     // shape: queries=12, keys=16, heads=2      counts of the call and grid axes; the others are 1, dims are 4
//     // set: window=5                            parameters that do not keep their default
//     // doc [1,16]: 0 0 0 1 1 ...                a captured tensor; those that are not given are drawn from the seed
//     // key_lengths: 11     query_start: -3      optional inputs, one number a batch, each on a line of its own
//     // profile: large      seed: 7              what rows of numbers look like; default: normal, 1
//     // stored: f16                              what rows are made of; default: f32
//     // tile: 4x4           head: 1              for pictures
//
// Everything else in the comments is for people.

import type { Value } from "../../src/ops/op.ts";
import type { Case, Shape } from "../../src/spec/case.ts";
import type { Attention } from "../../src/spec/spec.ts";
import { makeTensor } from "../../src/tensors/elements.ts";
import { makeCase, makeParams } from "../../src/verify/cases.ts";
import type { Profile } from "../../src/verify/sweep.ts";
import { attentionOf } from "../check.ts";

/** The words behind `// NAME:` lines, by name. */
export type Header = ReadonlyMap<string, string>;

export function headerOf(text: string): Header {
  const lines = [...text.matchAll(/^\/\/ ([a-z_]+(?: \[[\d,]*\])?): (.+)$/gm)];
  return new Map(lines.map(([, name, words]) => [name!, words!.trim()]));
}

/** The call that the file means, of its only attention. */
export function callOf(text: string): Case {
  const header = headerOf(text);
  const attention = attentionOf(text);
  const seed = Number(header.get("seed") ?? 1);
  const setting = {
    shape: shapeOf(attention, assignments(header.get("shape"))),
    profile: (header.get("profile") ?? "normal") as Profile,
    ...(header.get("stored") === "f16" && { stored: "f16" as const }),
    ...{ keyLengths: false, queryStart: false, seed },
  };
  const call = makeCase(attention, setting, { ...defaultsOf(attention), ...values(header.get("set")) });
  const [keyLengths, queryStart] = ["key_lengths", "query_start"].map((name) => numbers(header.get(name)));
  return {
    ...call,
    tensors: { ...call.tensors, ...tensorsOf(attention, header) },
    ...(keyLengths && { keyLengths }),
    ...(queryStart && { queryStart }),
  };
}

function shapeOf(attention: Attention, given: Readonly<Record<string, number>>): Shape {
  const { queries = given.keys ?? 1, batch = 1, heads = 1, dim = 4 } = given;
  const { keys = queries, kv_heads: kvHeads = heads, value_dim: valueDim = dim } = given;
  const free = (attention.grid?.axes ?? []).filter(({ extent }) => !extent);
  const axes = Object.fromEntries(free.map(({ name }) => [name, given[name]!]));
  return { batch, heads, kvHeads, queries, keys, dim, valueDim, axes };
}

function defaultsOf(attention: Attention) {
  const drawn = makeParams(attention, 1);
  return Object.fromEntries(attention.params.map((param) => [param.name, param.default ?? drawn[param.name]!]));
}

function tensorsOf(attention: Attention, header: Header) {
  const given = [...header].flatMap(([name, words]) => {
    const [, tensor, extents] = /^(\w+) \[(.*)\]$/.exec(name) ?? [];
    const param = attention.tensors.find((each) => each.name === tensor);
    return param ? [[param.name, makeTensor(param.element, numbers(extents)!, numbers(words)!)] as const] : [];
  });
  return Object.fromEntries(given);
}

const assignments = (words = ""): Readonly<Record<string, number>> =>
  Object.fromEntries([...words.matchAll(/(\w+)=(\S+?)(?:,|$|\s)/g)].map(([, name, value]) => [name, Number(value)]));

/** Bools keep their words. */
const values = (words: string | undefined): Readonly<Record<string, Value>> => {
  const bools = [...(words ?? "").matchAll(/(\w+)=(true|false)/g)].map(([, name, value]) => [name, value === "true"]);
  return { ...assignments(words), ...Object.fromEntries(bools) };
};

const numbers = (words: string | undefined) => words?.split(/[\s,]+/).map(Number);
