// Where a shader finds the tensors of a call: every tensor of the caller is a buffer of its own, what steps write down about
// them (orders, summaries, choices and lists of blocks) stands in one buffer of words, `facts`, what the map was folded to in
// another, `folds`, because it is written while facts are read, and lengths of batches in `lengths`.
// Bindings are counted from 0 in the order of this file, storage first and the uniform last.

import type * as ir from "../../ir/expr.ts";
import { orderTensors, storesCopies } from "../../ir/order.ts";
import { choiceTensors, foldedForWalk, readableTensors, scoringTensors } from "../../ir/selection.ts";
import { lseTensor, statisticsTensors } from "../../ir/statistics.ts";
import { calledName, type MovedTensor, storedName } from "../../schedule/order.ts";
import type { Program } from "../../schedule/plan.ts";
import {
  blockListSteps,
  chooseSteps,
  isAttend,
  isImportance,
  isMerge,
  isMove,
  isOrder,
  isPairs,
  poolSteps,
  summarySteps,
} from "../../schedule/steps.ts";
import { axesOf } from "../describe-call.ts";
import { call, closed, open, ownName, type Text } from "../simt/dialect.ts";
import { CALLED_KV_HEADS, type Place, type Surroundings } from "../simt/scope.ts";
import { part } from "./context.ts";
import { WGSL } from "./dialect.ts";
import type { Shader } from "./shaders.ts";

export type Access = "read" | "write";
/** A buffer that a step binds; `of` is the name by which the caller knows it. */
export type Binding = {
  readonly of: string;
  readonly variable: string;
  readonly type: string;
  readonly access: Access;
};

const ROWS = ["query", "key", "value"] as const;

/** What no caller has a buffer for. Tensors are named by the attention, and no name there has a dot. */
const kept = (variable: string, type: string, access: Access): Binding => ({
  ...{ of: `own.${variable}`, variable, type, access },
});

/** The storage buffers of a step, in the order of their bindings. */
export function bindingsOf(program: Program, { step, part: piece }: Pick<Shader, "step" | "part">): readonly Binding[] {
  if (isMove(step)) return movedBindings(program, step.plan.to, piece as MovedTensor);
  const reads = (name: string) => step.reads.includes(name);
  const writes = (name: string) => step.writes.includes(name);
  /** Rows of the call or those that stand for them in stored order. */
  const held = (name: string, all: readonly string[]) => all.find((each) => calledName(each) === name);
  const facts = factNames(program);
  const given = program.ir.tensors.filter(({ name }) => reads(name));
  const factAccess = facts.some(writes) ? "write" : facts.some(reads) ? "read" : undefined;
  const statistics = isAttend(step) ? step.plan.statistics : undefined;
  const failing = (isAttend(step) || isMerge(step)) && step.plan.empty === "error" && step.plan.writes.out;
  const parts = program.few?.parts;
  const folds = foldNames(program);
  const foldAccess = folds.some(writes) ? "write" : folds.some(reads) ? "read" : undefined;
  const named = statisticsOf(program).filter(({ isOutput }) => isOutput);
  const [out, lse, knownLse] = [held("out", step.writes), held("lse", step.writes), held("lse", step.reads)];
  const binding = (of: string, variable: string, type: string, access: Access): Binding => ({
    ...{ of, variable, type, access },
  });
  return [
    ...ROWS.flatMap((name) => {
      const of = held(name, step.reads);
      return of ? [binding(of, `${name}_rows`, `array<${STORED[elementIn(program, name)]}>`, "read")] : [];
    }),
    ...given.map(({ name, element }) => binding(name, ownName(name), `array<${STORED[element]}>`, "read")),
    ...(reads("key_lengths") ? [kept("lengths", "array<i32>", "read")] : []),
    ...(factAccess ? [kept("facts", "array<u32>", factAccess)] : []),
    ...(statistics ? [kept("statistics", "array<f32>", writes(statistics) ? "write" : "read")] : []),
    ...(parts && (reads(parts) || writes(parts))
      ? [kept("parts", "array<f32>", writes(parts) ? "write" : "read")]
      : []),
    ...(out ? [binding(out, "out_rows", `array<${WRITTEN[elementIn(program, "out")]}>`, "write")] : []),
    ...(lse ? [binding(lse, "lse_rows", "array<u32>", "write")] : []),
    ...(knownLse ? [binding(knownLse, "lse_rows", "array<u32>", "read")] : []),
    ...(foldAccess ? [kept("folds", "array<u32>", foldAccess)] : []),
    ...named
      .filter(({ name }) => reads(name) || writes(name))
      .map(({ name, buffer }) => binding(`output.${name}`, buffer, "array<u32>", writes(name) ? "write" : "read")),
    ...(failing ? [kept("empty_rows", "array<atomic<u32>>", "write")] : []),
  ];
}

/** Rows are moved as the words or halves that they are. */
function movedBindings(program: Program, to: "stored" | "call", tensor: MovedTensor): readonly Binding[] {
  const stored = storedName(tensor);
  const [source, target] = to === "stored" ? [tensor, stored] : [stored, tensor];
  const type = elementIn(program, tensor) === "f16" ? WRITTEN.f16 : "u32";
  return [
    { of: source, variable: "from_rows", type: "array<u32>", access: "read" },
    kept("facts", "array<u32>", "read"),
    { of: target, variable: "to_rows", type: `array<${type}>`, access: "write" },
  ];
}

/** Scratch buffers of the program that stand in `facts`, in their order there. */
export function factNames(program: Program): readonly string[] {
  const { order } = program.ir;
  return [
    ...program.steps
      .filter(isImportance)
      .flatMap(({ plan: { importance, statistics } }) => [importance.tensor.name, ...(statistics ? [statistics] : [])]),
    ...program.steps.filter(isOrder).map(({ plan }) => plan.work),
    ...(order ? orderTensors(order).map(({ name }) => name) : []),
    ...summarySteps(program).flatMap(({ plan }) => [plan.least.name, plan.most.name]),
    ...foldedFacts(program),
    ...poolSteps(program).map(({ plan }) => plan.pooled),
    ...program.steps.filter(isPairs).map(({ plan }) => plan.fold.tensor.name),
    ...chooseSteps(program).flatMap(({ plan }) => [plan.scores, plan.selection.chosen.name]),
    ...blockListSteps(program).flatMap(({ plan }) => [plan.list.counts, plan.list.tiles]),
  ];
}

/** What folds leave for a walk. */
const foldedFacts = ({ ir: attention }: Pick<Program, "ir">): readonly string[] =>
  attention.selections.flatMap(foldedForWalk).map(({ name }) => name);

/** Scratch buffers that stand in `folds`. */
export const foldNames = (program: Program): readonly string[] =>
  statisticsOf(program).flatMap(({ name, isOutput }) => (isOutput ? [] : [name]));

/** Where what a fold leaves lies: among facts what the mask reads, what the map was folded to in `folds`, or, of what the
 *  attention names, in a buffer of its own. */
export function foldPlace(program: Pick<Program, "ir">, { name }: Pick<ir.Tensor, "name">) {
  const isOutput = program.ir.statistics?.outputs.includes(name) ?? false;
  if (isOutput) return { name, buffer: `output_${ownName(name)}`, at: "0", isOutput };
  const isFact = foldedFacts(program).includes(name);
  return { name, buffer: isFact ? "facts" : "folds", at: placeOf(name), isOutput };
}

const statisticsOf = (program: Program) =>
  program.ir.statistics ? statisticsTensors(program.ir.statistics).map((tensor) => foldPlace(program, tensor)) : [];

/** Four bytes each, in the order of the uniform. */
export type Field = { readonly name: string; readonly type: "i32" | "f32"; readonly of: string };

/** `of` says what fills the field: a length, an offset or a stride of a tensor, an axis, a parameter, a place in `facts`. */
export function fieldsOf(program: Program): readonly Field[] {
  const { ir: attention } = program;
  const int = (name: string, of: string): Field => ({ name, type: "i32", of });
  return [
    ...["batch", "heads", "queries", "keys"].map((name) => int(name, name)),
    int("kv_heads", "kvHeads"),
    ...(storesCopies(attention.order) ? [int(CALLED_KV_HEADS, "calledKvHeads")] : []),
    int("has_key_lengths", "hasKeyLengths"),
    int("has_query_start", "hasQueryStart"),
    ...[...ROWS, "out"].flatMap((name) =>
      ["offset", "batch", "head", "row"].map((part) => int(`${name}_${part}`, `${name}.${part}`)),
    ),
    ...axesOf(attention).map((name) => int(`axis_${ownName(name)}`, `axis:${name}`)),
    ...attention.params.map(
      ({ name, type }): Field => ({
        ...{ name: ownName(name), type: type === "float" ? "f32" : "i32", of: `param:${name}` },
      }),
    ),
    ...factNames(program).map((name) => int(factField(name), `fact:${name}`)),
    ...foldNames(program).map((name) => int(factField(name), `fold:${name}`)),
  ];
}

/** Where a scratch begins in `facts`. */
export const placeOf = (scratch: string) => `call.${factField(scratch)}`;

export const factField = (name: string) => `at_${ownName(name)}`;

/** How elements lie in a buffer: bytes and halves are packed in words. */
export const STORED: Readonly<Record<ir.Tensor["element"], string>> = {
  ...{ f32: "f32", i32: "i32", u8: "u32", bool: "u32", f16: "u32", bf16: "u32" },
};

/** Halves that share a word are written one by one. */
const WRITTEN: Readonly<Record<ir.Tensor["element"], string>> = { ...STORED, f16: "atomic<u32>" };

/** Functions that read one element of the caller's rows, whatever it lies in. */
export const readRows = (program: Program, reads: readonly string[]): readonly string[] =>
  ROWS.filter((tensor) => reads.some((name) => calledName(name) === tensor)).map((tensor) =>
    part(`read-${elementIn(program, tensor)}`, { tensor }),
  );

/** The function that writes one of out. */
export const writeRows = (program: Program): readonly string[] => [part(`write-${elementIn(program, "out")}`, {})];

/** What a tensor of the caller is made of. */
export const elementIn = ({ buffers }: Program, name: string) =>
  buffers.find((buffer) => buffer.name === name)!.element;

export function surroundingsOf(program: Program): Surroundings {
  const captured = program.ir.tensors.map((tensor): [string, Place] => [tensor.name, ownPlace(tensor)]);
  const summaries = summarySteps(program).flatMap(({ plan }) =>
    [plan.least, plan.most].map((tensor): [string, Place] => [tensor.name, factPlace(tensor)]),
  );
  const choices = program.ir.selections
    .flatMap((selection) => [...choiceTensors(selection), ...scoringTensors(selection)])
    .map((tensor): [string, Place] => [tensor.name, factPlace(tensor)]);
  const { order } = program.ir;
  const ordered = order ? [...orderTensors(order), ...order.importances.map(({ tensor }) => tensor)] : [];
  const orders = ordered.map((tensor): [string, Place] => [tensor.name, factPlace(tensor)]);
  const { statistics } = program.ir;
  const folds = (statistics ? statisticsTensors(statistics) : []).map((tensor): [string, Place] => {
    const { buffer, at, isOutput } = foldPlace(program, tensor);
    const place = wordPlace(tensor, buffer, at);
    // A caller is given infinities.
    const isOurs = !isOutput || tensor.element === "i32";
    return [tensor.name, isOurs ? place : { ...place, read: (index) => call("finite")([place.read(index)]) }];
  });
  const lse: Place = { ...factPlace(lseTensor(program.ir)), read: (index) => call("known_lse")([closed(index)]) };
  const places = new Map([...captured, ...summaries, ...choices, ...orders, ...folds, ["lse", lse]]);
  return { dialect: WGSL, dims: program.dims, places, ...(storesCopies(order) && { kvHeads: CALLED_KV_HEADS }) };
}

/** Where functions by themselves find what they read: every tensor, and every choice, is a buffer of its own. */
export const bareSurroundings = ({ ir: attention, dims }: Program): Surroundings => ({
  dialect: WGSL,
  dims,
  places: new Map(readableTensors(attention).map((tensor) => [tensor.name, ownPlace(tensor)])),
});

function ownPlace(tensor: ir.Tensor): Place {
  const buffer = ownName(tensor.name);
  return {
    tensor,
    read: (index) => ELEMENTS[tensor.element](buffer, index),
    countBelow: (start, count, value) => closed(`count_below_${buffer}(${start}, ${count}, ${value})`),
  };
}

const byte = (buffer: string, index: string) => `(${buffer}[${index} >> 2u] >> ((u32(${index}) & 3u) * 8u)) & 0xffu`;
const half = (buffer: string, index: string) => `half_value(${buffer}[${index} >> 1u] >> (16u * u32(${index} & 1)))`;

/** Reads one element; what is stored as an infinity is read as the largest finite number. */
const ELEMENTS: Readonly<Record<ir.Tensor["element"], (buffer: string, index: string) => Text>> = {
  f32: (buffer, index) => closed(`finite(${buffer}[${index}])`),
  i32: (buffer, index) => closed(`${buffer}[${index}]`),
  u8: (buffer, index) => closed(`i32(${byte(buffer, index)})`),
  bool: (buffer, index) => open(`(${byte(buffer, index)}) != 0u`),
  f16: (buffer, index) => closed(`finite(${half(buffer, index)})`),
  bf16: () => {
    throw new Error("WGSL reads no bf16: a bug in the plan");
  },
};

const factPlace = (tensor: ir.Tensor) => wordPlace(tensor, "facts", placeOf(tensor.name));

/** What was written down as words, from a place of the buffer on. */
function wordPlace(tensor: ir.Tensor, buffer: string, at: string): Place {
  const word = (index: string) => `${buffer}[${at} + ${index}]`;
  const isFloat = tensor.element === "f32" || tensor.element === "f16";
  return {
    tensor,
    read: (index) =>
      tensor.element === "bool"
        ? open(`${word(index)} != 0u`)
        : closed(`bitcast<${isFloat ? "f32" : "i32"}>(${word(index)})`),
    countBelow: () => {
      throw new Error("a fact is not searched: a bug in the plan");
    },
  };
}
