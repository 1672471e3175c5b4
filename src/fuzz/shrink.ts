// Makes a failing trial small: the mask term by term, then the shape, the tile and every number, as long as the same check
// fails. What comes out is the smallest that no single step makes smaller.

import type { Value } from "../ops/op.ts";
import { type Elements, extentsOf } from "./elements.ts";
import type { Wrong } from "./facts.ts";
import type { Inputs } from "./inputs.ts";
import { PARAMS, TENSORS } from "./leaves.ts";
import { needed, type Program } from "./program.ts";
import { bool, float, int, type Term, textOf, withParts } from "./term.ts";
import { type Called, type Sound, soundOf, type Trial } from "./trials.ts";

/** Fails as the original did, or not. */
export type Judge = (sound: Sound) => Promise<Wrong | undefined>;

export type Shrunk = { readonly sound: Called; readonly wrong: Wrong; readonly tried: number };

/** Trials that are looked at, at most. */
const MOST_TRIED = 3000;

/** The smallest failing trial within reach. */
export async function shrink(sound: Called, wrong: Wrong, judge: Judge): Promise<Shrunk> {
  let best = { sound, wrong };
  let tried = 0;
  for (let candidates = smaller(sound); tried < MOST_TRIED; ) {
    const { value: candidate, done } = candidates.next();
    if (done) break;
    if (!keepsPromises(candidate)) continue;
    tried += 1;
    const judged = soundOf(candidate);
    if ("refused" in judged) continue;
    const found = await judge(judged);
    if (!found) continue;
    best = { sound: judged, wrong: found };
    candidates = smaller(judged);
  }
  return { ...best, tried };
}

/** One step smaller, the boldest steps first. */
function* smaller(trial: Trial): Generator<Trial, undefined> {
  const { program, inputs } = trial;
  for (const fewer of smallerPrograms(program)) yield { program: fewer, inputs };
  for (const less of smallerShapes(inputs)) yield { program, inputs: less };
  for (const less of smallerNumbers(trial)) yield { program, inputs: less };
  return undefined;
}

function* smallerPrograms(program: Program): Generator<Program> {
  const { masks, declarations, align, origin } = program;
  if (masks.length > 1) for (const mask of masks) yield { ...program, masks: masks.filter((each) => each !== mask) };
  for (const [index, mask] of masks.entries()) {
    for (const less of smallerTerms(mask)) yield { ...program, masks: masks.with(index, less) };
  }
  if (align !== "end") yield { ...program, align: "end" };
  if (origin !== "0") yield { ...program, origin: "0" };
  for (const [name, declaration] of Object.entries(declarations)) {
    const plain = { const: false, promise: {} };
    if (declaration.const || Object.keys(declaration.promise).length > 0) {
      yield { ...program, declarations: { ...declarations, [name]: plain } };
    }
  }
}

const SIMPLE: Readonly<Record<Term["type"], readonly Term[]>> = {
  bool: [bool(true), bool(false)],
  int: [int(0), int(1)],
  float: [float("0.0"), float("1.0")],
};

/** The term with one node replaced: by something simple, or by a part of its own. */
function* smallerTerms(term: Term): Generator<Term> {
  const text = textOf(term);
  if (term.parts.length > 0 || term.needs.length > 0) yield* SIMPLE[term.type];
  for (const part of term.parts) if (part.type === term.type) yield part;
  for (const part of term.parts) for (const below of part.parts) if (below.type === term.type) yield below;
  if (/^\d+$/.test(text) && Number(text) > 1) yield* [int(Number(text) >> 1), int(Number(text) - 1)];
  for (const [index, part] of term.parts.entries()) {
    for (const less of smallerTerms(part)) yield withParts(term, term.parts.with(index, less));
  }
}

function* smallerShapes(inputs: Inputs): Generator<Inputs> {
  const { shape, tile, keyLengths: _, queryStart: __, ...rest } = inputs;
  if (inputs.keyLengths) yield { ...rest, shape, tile, ...(inputs.queryStart && { queryStart: inputs.queryStart }) };
  if (inputs.queryStart) yield { ...rest, shape, tile, ...(inputs.keyLengths && { keyLengths: inputs.keyLengths }) };
  if (shape.batch > 1) yield resized(inputs, { batch: 1 });
  if (shape.heads > 1) yield resized(inputs, { heads: 1, kvHeads: 1 });
  for (const axis of ["queries", "keys"] as const) {
    for (const extent of lower(shape[axis], tile[axis])) yield resized(inputs, { [axis]: extent });
  }
  for (const axis of ["queries", "keys"] as const) {
    for (const extent of lower(tile[axis])) if (extent > 0) yield { ...inputs, tile: { ...tile, [axis]: extent } };
  }
  for (const [axis, extent] of Object.entries(shape.axes)) {
    for (const less of lower(extent)) if (less > 0) yield resized(inputs, { axes: { ...shape.axes, [axis]: less } });
  }
}

function* smallerNumbers({ program, inputs }: Trial): Generator<Inputs> {
  const { params, tensors, keyLengths, queryStart } = inputs;
  for (const name of needed(program, "param")) {
    for (const less of lowerValues(params[name]!)) yield { ...inputs, params: { ...params, [name]: less } };
  }
  for (const name of needed(program, "tensor")) {
    const { shape, values } = tensors[name]!;
    for (const less of lowerElements(values))
      yield { ...inputs, tensors: { ...tensors, [name]: { shape, values: less } } };
  }
  for (const less of lowerElements(keyLengths ?? [])) yield { ...inputs, keyLengths: less };
  for (const less of lowerElements(queryStart ?? [])) yield { ...inputs, queryStart: less };
}

/** Whole numbers towards zero. */
function lower(value: number, step = 1): readonly number[] {
  const size = Math.abs(value);
  const sizes = [0, 1, size >> 1, size - step, size - 1].filter((each) => each >= 0 && each < size);
  return [...new Set(sizes)].map((each) => Math.sign(value) * each);
}

function lowerValues(value: Value): readonly Value[] {
  if (typeof value === "boolean") return value ? [false] : [];
  if (Number.isInteger(value)) return lower(value);
  return [0, 1];
}

function* lowerElements(values: readonly number[]): Generator<readonly number[]> {
  const isZero = (value: number) => value === 0;
  if (values.every(isZero)) return;
  yield values.map(() => 0);
  for (let size = values.length >> 1; size > 0; size >>= 1) {
    for (let from = 0; from < values.length; from += size) {
      const part = values.slice(from, from + size);
      if (!part.every(isZero)) yield values.map((value, index) => (index >= from && index < from + size ? 0 : value));
    }
    if (size < values.length / 64) return;
  }
  const halved = values.map((value) => (Number.isInteger(value) ? Math.trunc(value / 2) : value));
  if (halved.some((value, index) => value !== values[index])) yield halved;
}

/** The inputs in another shape; tensors keep the corner that is left. */
function resized(inputs: Inputs, change: Partial<Inputs["shape"]>): Inputs {
  const shape = { ...inputs.shape, ...change };
  const tensors = Object.entries(inputs.tensors).map(([name, elements]) => {
    const fresh = TENSORS[name]!.axes.indexOf("z");
    return [name, corner(elements, extentsOf(name, shape, fresh < 0 ? 1 : elements.shape[fresh]!))] as const;
  });
  const { keyLengths, queryStart, ...rest } = inputs;
  return {
    ...rest,
    shape,
    tensors: Object.fromEntries(tensors),
    ...(keyLengths && { keyLengths: keyLengths.slice(0, shape.batch).map((each) => Math.min(each, shape.keys)) }),
    ...(queryStart && { queryStart: queryStart.slice(0, shape.batch) }),
  };
}

function corner({ shape, values }: Elements, extents: readonly number[]): Elements {
  const count = extents.reduce((product, extent) => product * extent, 1);
  const kept = Array.from({ length: count }, (_, flat) => {
    let [rest, index] = [flat, 0];
    const place = extents.toReversed().map((extent) => {
      const at = rest % extent;
      rest = Math.floor(rest / extent);
      return at;
    });
    for (const [axis, extent] of shape.entries()) index = index * extent + place.at(-1 - axis)!;
    return values[index]!;
  });
  return { shape: extents, values: kept };
}

/** True if every number is what the declarations promise. */
function keepsPromises({ program, inputs }: Trial): boolean {
  const holds = (name: string, value: Value) => {
    const { low = -Infinity, high = Infinity } = program.declarations[name]!.promise;
    return typeof value === "boolean" || Number.isNaN(value) || (value >= low && value <= high);
  };
  return (
    Object.keys(PARAMS).every((name) => holds(name, inputs.params[name]!)) &&
    Object.entries(inputs.tensors).every(
      ([name, { shape, values }]) =>
        values.every((value) => holds(name, value)) && (!TENSORS[name]!.sorted || isSorted(values, shape.at(-1)!)),
    )
  );
}

const isSorted = (values: readonly number[], length: number) =>
  values.every((value, index) => index % length === 0 || values[index - 1]! <= value);
