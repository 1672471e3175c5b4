// What the kernel tests share: an attention by hand, its kernel in both builds, random inputs, and the dense formula in a
// few lines of f64.

import { emitProgram } from "../../../src/backend/index.ts";
import { assemble } from "../../../src/backend/wasm/assemble.ts";
import type { AttentionIr, Expr, Tensor } from "../../../src/ir/expr.ts";
import { bool, extent, op, quantity } from "../../../src/ir/make.ts";
import { type AttentionTensor, instantiate, type Kernel, type KernelInputs } from "../../../src/runtime/wasm.ts";
import { planProgram } from "../../../src/schedule/choose.ts";
import type { RowElement } from "../../../targets/target.ts";
import { wasmRelaxed } from "../../../targets/wasm-relaxed.ts";
import { wasmSimd128 } from "../../../targets/wasm-simd128.ts";

const nowhere = { file: 0, start: 0, end: 0 };
export const BUILDS = { plain: wasmSimd128, relaxed: wasmRelaxed } as const;
export type Build = keyof typeof BUILDS;

/** Softmax attention with scale 1/√dim and no mask, changed as the test says. */
export function attention(changes: Partial<AttentionIr> = {}): AttentionIr {
  return {
    ...{ name: "tested", span: nowhere, params: [], tensors: [], shapeParams: [] },
    mask: bool(true),
    scale: op("rsqrt", op("toFloat", extent("dim"))),
    score: quantity("score"),
    normalize: { kind: "softmax" },
    empty: "zero",
    weight: quantity("weight"),
    queryStart: op("sub", extent("keys"), extent("queries")),
    outputs: { lse: true },
    selections: [],
    ...changes,
  };
}

export function captured(name: string, element: Tensor["element"], extents: readonly Expr[]): Tensor {
  return { name, element, extents, range: {}, sorted: false, span: nowhere };
}

export function textOf(ir: AttentionIr, dims: { dim: number; valueDim: number }, build: Build, element?: RowElement) {
  const { value, problems } = planProgram(ir, BUILDS[build], dims, element);
  if (problems.length > 0) throw new Error(JSON.stringify(problems));
  return emitProgram(value, BUILDS[build]);
}

export async function kernelOf(
  ir: AttentionIr,
  dims: { dim: number; valueDim: number },
  build: Build = "plain",
  element?: RowElement,
): Promise<Kernel> {
  const { files, description } = textOf(ir, dims, build, element);
  return instantiate(assemble(files[0]!.text), description);
}

/** A small generator of numbers in [0, 1), so that every failure can be run again. */
export function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

export type Shape = {
  readonly batch: number;
  readonly heads: number;
  readonly kvHeads: number;
  readonly queries: number;
  readonly keys: number;
  readonly dim: number;
  readonly valueDim: number;
};

/** Everything that the last call left behind, and whatever lies beyond, becomes NaN. */
export function poison({ memory, description }: Pick<Kernel, "memory" | "description">): void {
  new Float32Array(memory.buffer).fill(Number.NaN, description.memory.firstByte / 4);
}

/** A call whose keys and values are f32, as those of most tests are. */
export type FloatInputs = KernelInputs & { readonly key: AttentionTensor; readonly value: AttentionTensor };

/** Normal-ish query, key and value; rows of keys past a batch's length are NaN. */
export function randomInputs(shape: Shape, seed: number, keyLengths?: readonly number[]): FloatInputs {
  const next = random(seed);
  const { batch, heads, kvHeads, queries, keys, dim, valueDim } = shape;
  const tensor = (...extents: [number, number, number, number]) => {
    const data = Float32Array.from(
      { length: extents.reduce((a, b) => a * b, 1) },
      () => (next() + next() + next() - 1.5) * 2,
    );
    return { data, shape: extents };
  };
  const stored = (width: number) => {
    const made = tensor(batch, kvHeads, keys, width);
    const rowsOf = (b: number) => kvHeads * keys * b;
    keyLengths?.forEach((alive, b) => {
      for (let row = 0; row < kvHeads * keys; row++) {
        if (row % keys >= alive) made.data.fill(Number.NaN, (rowsOf(b) + row) * width, (rowsOf(b) + row + 1) * width);
      }
    });
    return made;
  };
  return {
    query: tensor(batch, heads, queries, dim),
    key: stored(dim),
    value: stored(valueDim),
    ...(keyLengths ? { keyLengths } : {}),
  };
}

export type Pair = { readonly b: number; readonly h: number; readonly q: number; readonly k: number };
export type Dense = {
  readonly visible?: (at: Pair) => boolean;
  readonly score?: (s: number, at: Pair) => number;
  readonly sink?: (at: Pair) => number;
  readonly weight?: (p: number, at: Pair & { s: number; lse: number }) => number;
  readonly normalize?: "softmax" | "sum" | "none";
  readonly empty?: "zero" | "uniform";
  readonly scale?: number;
  readonly start?: (b: number, alive: number) => number;
};

/** The dense formula, [batch, heads, queries, …]. */
export function dense(shape: Shape, inputs: KernelInputs, formula: Dense = {}) {
  const { batch, heads, kvHeads, queries, keys, dim, valueDim } = shape;
  const { normalize = "softmax", scale = 1 / Math.sqrt(dim) } = formula;
  const out = new Float64Array(batch * heads * queries * valueDim);
  const logarithms = new Float64Array(batch * heads * queries);
  for (let b = 0; b < batch; b++) {
    const alive = inputs.keyLengths?.[b] ?? keys;
    const start = formula.start?.(b, alive) ?? alive - queries;
    for (let h = 0; h < heads; h++) {
      const kv = b * kvHeads + Math.floor(h / (heads / kvHeads));
      for (let row = 0; row < queries; row++) {
        const at = (b * heads + h) * queries + row;
        const q = start + row;
        const scores: number[] = [];
        for (let k = 0; k < alive; k++) {
          let dot = 0;
          for (let d = 0; d < dim; d++)
            dot += inputs.query.data[at * dim + d]! * inputs.key.data[(kv * keys + k) * dim + d]!;
          const seen = formula.visible?.({ b, h, q, k }) ?? true;
          scores.push(seen ? (formula.score?.(dot * scale, { b, h, q, k }) ?? dot * scale) : -Infinity);
        }
        const sink = formula.sink?.({ b, h, q, k: 0 }) ?? -Infinity;
        const most = Math.max(sink, ...scores);
        const total = [sink, ...scores].reduce((sum, s) => sum + (s === -Infinity ? 0 : Math.exp(s - most)), 0);
        const lse = most === -Infinity ? -Infinity : most + Math.log(total);
        const sum = scores.reduce((all, s) => all + (s === -Infinity ? 0 : s), 0);
        const nothing = scores.every((s) => s === -Infinity);
        logarithms[at] = lse;
        scores.forEach((s, k) => {
          let p = 0;
          if (nothing) p = formula.empty === "uniform" ? 1 / alive : 0;
          else if (s !== -Infinity) {
            p = normalize === "softmax" ? Math.exp(s - lse) : normalize === "none" ? s : sum === 0 ? 0 : s / sum;
            p = formula.weight?.(p, { b, h, q, k, s, lse }) ?? p;
          }
          if (p === 0) return;
          for (let d = 0; d < valueDim; d++)
            out[at * valueDim + d]! += p * inputs.value.data[(kv * keys + k) * valueDim + d]!;
        });
      }
    }
  }
  return { out, lse: logarithms };
}

/** The largest |got − wanted|; infinite where one of them is NaN or only one is infinite. */
export function worstError(got: ArrayLike<number>, wanted: ArrayLike<number>): number {
  let worst = got.length === wanted.length ? 0 : Infinity;
  for (let index = 0; index < wanted.length; index++) {
    if (Object.is(got[index], wanted[index])) continue;
    const error = Math.abs(got[index]! - wanted[index]!);
    worst = Math.max(worst, Number.isNaN(error) ? Infinity : error);
  }
  return worst;
}
