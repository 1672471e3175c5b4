// A dense attention written by hand from the textbook formula, in f64, that imports nothing of ours. The tests of the
// examples compare the reference with it, because reference and compiler share the checker and could be wrong together.

export type At = { readonly b: number; readonly h: number; readonly q: number; readonly k: number };

/** Extents of a call; `row0` is the position of the first query. */
export type Sizes = {
  readonly batch: number;
  readonly heads: number;
  readonly kvHeads: number;
  readonly queries: number;
  readonly keys: number;
  readonly dim: number;
  readonly valueDim: number;
  readonly axes?: Readonly<Record<string, number>>;
};

export type Inputs = {
  readonly sizes: Sizes;
  readonly row0: number;
  /** Scalars by name. */
  readonly scalar: Readonly<Record<string, number>>;
  /** Captured tensors by name, flat, row-major. */
  readonly tensor: Readonly<Record<string, ArrayLike<number>>>;
  readonly query: ArrayLike<number>;
  readonly key: ArrayLike<number>;
  readonly value: ArrayLike<number>;
};

/** What an attention says, as plain functions. `p` of a weight is the softmax's, or the score under `none`. */
export type Formula = {
  readonly visible?: (at: At, inputs: Inputs) => boolean;
  /** Which of the visible pairs are computed, by what the rows say. */
  readonly chosen?: (inputs: Inputs) => (at: At) => boolean;
  readonly scale?: (inputs: Inputs) => number;
  readonly score?: (s: number, at: At, inputs: Inputs, rows: Rows) => number;
  readonly sink?: (h: number, inputs: Inputs) => number;
  readonly softmax?: false;
  readonly weight?: (p: number, s: number, at: At, inputs: Inputs) => number;
  /** What it tells of its map, flat, by name. */
  readonly outputs?: Readonly<Record<string, (map: AttentionMap, inputs: Inputs) => readonly number[]>>;
};

/** Of every head of every batch [rows][keys]: weights before a weight clause, and scores, 0 and -∞ where nothing is seen. */
export type AttentionMap = { readonly p: readonly number[][][]; readonly s: readonly number[][][] };

/** The row vectors of the pair at hand. */
export type Rows = { readonly Q: readonly number[]; readonly K: readonly number[] };

export type Dense = {
  readonly out: Float64Array;
  readonly lse: Float64Array;
  readonly visible: Uint8Array;
} & AttentionMap;

export function denseAttention(formula: Formula, inputs: Inputs): Dense {
  const { batch, heads, kvHeads, queries, keys, dim, valueDim } = inputs.sizes;
  const out = new Float64Array(batch * heads * queries * valueDim);
  const lse = new Float64Array(batch * heads * queries);
  const visible = new Uint8Array(batch * heads * queries * keys);
  const filled = (value: number) =>
    Array.from({ length: batch * heads }, () => Array.from({ length: queries }, () => Array<number>(keys).fill(value)));
  const [weights, scores] = [filled(0), filled(-Infinity)];
  const scale = formula.scale?.(inputs) ?? 1 / Math.sqrt(dim);
  const chosen = formula.chosen?.(inputs) ?? (() => true);
  for (let b = 0; b < batch; b++) {
    for (let h = 0; h < heads; h++) {
      const kv = b * kvHeads + Math.floor(h / (heads / kvHeads));
      for (let i = 0; i < queries; i++) {
        const row = (b * heads + h) * queries + i;
        const Q = Array.from({ length: dim }, (_, d) => inputs.query[row * dim + d]!);
        const q = inputs.row0 + i;
        const seen: { k: number; s: number }[] = [];
        for (let k = 0; k < keys; k++) {
          if (formula.visible && !formula.visible({ b, h, q, k }, inputs)) continue;
          visible[row * keys + k] = 1;
          if (!chosen({ b, h, q, k })) continue;
          const K = Array.from({ length: dim }, (_, d) => inputs.key[(kv * keys + k) * dim + d]!);
          const dot = Q.reduce((sum, x, d) => sum + x * K[d]!, 0);
          const s = scale * dot;
          seen.push({ k, s: formula.score ? formula.score(s, { b, h, q, k }, inputs, { Q, K }) : s });
        }
        const logits = seen.map(({ s }) => s);
        if (formula.sink) logits.push(formula.sink(h, inputs));
        const top = Math.max(...logits);
        lse[row] =
          logits.length === 0 ? -Infinity : top + Math.log(logits.reduce((sum, s) => sum + Math.exp(s - top), 0));
        for (const { k, s } of seen) {
          const p = formula.softmax === false ? s : Math.exp(s - lse[row]!);
          weights[b * heads + h]![i]![k] = p;
          scores[b * heads + h]![i]![k] = s;
          const w = formula.weight ? formula.weight(p, s, { b, h, q, k }, inputs) : p;
          for (let e = 0; e < valueDim; e++) {
            out[row * valueDim + e] = out[row * valueDim + e]! + w * inputs.value[(kv * keys + k) * valueDim + e]!;
          }
        }
      }
    }
  }
  return { out, lse, visible, p: weights, s: scores };
}
