// What each example means, written by hand as plain functions of indices and flat arrays. Nothing of ours is imported;
// a formula is taken from the paper that the example names, not from the example.

import type { At, Formula, Inputs, Rows, Sizes } from "./dense.ts";
import { COLUMNS, FAMILIES, TOKENS } from "./flashmask.ts";
import { GYM } from "./gym.ts";
import { PATTERNS } from "./patterns.ts";

export type Expectation = Formula & {
  /** Of the first query; where it is absent, the last query stands at the last key. */
  readonly row0?: number;
  /** The calls to compare on: extents, scalars by name, and captured tensors as functions of a random draw in [0, 1). */
  readonly calls: readonly {
    readonly sizes: Sizes;
    readonly scalar?: Readonly<Record<string, number>>;
    readonly tensor?: (draw: () => number) => Record<string, { shape: number[]; data: number[] }>;
  }[];
};

const square = (tokens: number, more: Partial<Sizes> = {}): Sizes => ({
  batch: 1,
  heads: 2,
  kvHeads: 1,
  queries: tokens,
  keys: tokens,
  dim: 8,
  valueDim: 8,
  ...more,
});
const decode = square(40, { queries: 3, heads: 6, kvHeads: 2, batch: 2, valueDim: 5 });
const fill = (shape: number[], next: (index: number) => number) => ({
  shape,
  data: Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, index) => next(index)),
});

/** One axis of neighborhood attention: the keys that position i of n sees, counted inside its residue class. */
function natten(i: number, j: number, n: number, window: number, dilation: number): boolean {
  if (i % dilation !== j % dilation) return false;
  const places: number[] = [];
  for (let p = i % dilation; p < n; p += dilation) places.push(p);
  const own = places.indexOf(i);
  const start = Math.min(Math.max(own - Math.floor(window / 2), 0), Math.max(places.length - window, 0));
  return places.slice(start, start + window).includes(j);
}

/** The slopes that the ALiBi paper's code lists for n heads, as a list, by its recursion. */
function alibiSlopes(n: number): number[] {
  const powers = (m: number) => Array.from({ length: m }, (_, i) => 2 ** ((-8 / m) * (i + 1)));
  if (Number.isInteger(Math.log2(n))) return powers(n);
  const below = 2 ** Math.floor(Math.log2(n));
  return [...powers(below), ...alibiSlopes(2 * below).filter((_, i) => i % 2 === 0)].slice(0, n);
}

/** The counter-based generator of the language definition, with big integers. */
function random(seed: number, ...counters: number[]): number {
  const u32 = (x: bigint) => BigInt.asUintN(32, x);
  const mix = (x: bigint) => {
    let y = x;
    y ^= y >> 16n;
    y = u32(y * 0x7feb352dn);
    y ^= y >> 15n;
    y = u32(y * 0x846ca68bn);
    return y ^ (y >> 16n);
  };
  let r = mix(u32(BigInt(seed) + 0x9e3779b9n));
  for (const i of counters) r = mix(u32(u32((r ^ u32(BigInt(i))) * 0x85ebca6bn) + 0x9e3779b9n));
  return Number(r >> 8n) / 2 ** 24;
}

const causal = ({ q, k }: At) => k <= q;
const within =
  (fallback: number) =>
  ({ q, k }: At, { scalar }: Inputs) =>
    k <= q && k > q - (scalar.window ?? fallback);
const norm = (x: readonly number[]) => Math.sqrt(x.reduce((sum, y) => sum + y * y, 0));
const cosine = ({ Q, K }: Rows) => Q.reduce((sum, x, d) => sum + x * K[d]!, 0) / (norm(Q) * norm(K));

/** FlashMask's four tensors, from the ends of each column: lower start and end, upper start and end. */
function columns(count: number, ends: (k: number) => readonly number[], batch = 1) {
  const each = Array.from({ length: count }, (_, k) => ends(k));
  return Object.fromEntries(COLUMNS.map((name, at) => [name, fill([batch, count / batch], (k) => each[k]![at]!)]));
}

/** Mean rows of the blocks of 64 tokens of a head. */
function meanRows(values: ArrayLike<number>, first: number, tokens: number, dim: number): number[][] {
  return Array.from({ length: Math.ceil(tokens / 64) }, (_, block) => {
    const rows = Array.from({ length: Math.min(64, tokens - block * 64) }, (_, row) => first + block * 64 + row);
    return Array.from(
      { length: dim },
      (_, d) => rows.reduce((sum, row) => sum + values[row * dim + d]!, 0) / rows.length,
    );
  });
}

/** Products of the mean rows of blocks, over √dim: [row block][key block] of a query head. */
function blockScores({ sizes, query, key }: Inputs, b: number, h: number): number[][] {
  const { heads, kvHeads, queries, keys, dim } = sizes;
  const kv = b * kvHeads + Math.floor(h / (heads / kvHeads));
  const ofKeys = meanRows(key, kv * keys, keys, dim);
  return meanRows(query, (b * heads + h) * queries, queries, dim).map((row) =>
    ofKeys.map((other) => row.reduce((sum, x, d) => sum + x * other[d]!, 0) / Math.sqrt(dim)),
  );
}

/** Key blocks of a list, the best first; of equal ones the lower first. */
const best = (scores: readonly number[], blocks: readonly number[]) =>
  [...blocks].sort((i, j) => scores[j]! - scores[i]! || i - j);
const range = (count: number) => Array.from({ length: count }, (_, index) => index);

/** Keyed by `file#attention`. */
export const EXPECTED: Readonly<Record<string, Expectation>> = {
  "01-causal#gpt": { visible: causal, calls: [{ sizes: square(33) }, { sizes: decode }] },
  "02-grouped-query#llama3": {
    visible: causal,
    calls: [
      { sizes: square(18, { heads: 32, kvHeads: 8, dim: 128, valueDim: 128 }) },
      { sizes: square(9, { queries: 1, heads: 32, kvHeads: 8, dim: 128, valueDim: 128 }) },
    ],
  },
  "03-sliding-window#mistral": {
    visible: within(4096),
    calls: [
      { sizes: square(40), scalar: { window: 7 } },
      { sizes: decode, scalar: { window: 1 } },
      { sizes: square(21) },
    ],
  },
  "04-prefix-lm#t5_prefix": {
    visible: ({ q, k }, { scalar }) => k <= q || k < (scalar.prefix ?? 32),
    calls: [
      { sizes: square(40) },
      { sizes: square(30), scalar: { prefix: 9 } },
      { sizes: square(9), scalar: { prefix: 0 } },
    ],
  },
  "04-prefix-lm#paligemma": {
    visible: ({ b, q, k }, { tensor }) => k <= q || k < tensor.prefix![b]!,
    calls: [{ sizes: square(20, { batch: 3 }), tensor: () => ({ prefix: { shape: [3], data: [0, 5, 20] } }) }],
  },
  "05-documents#packed": {
    visible: ({ b, q, k }, { tensor, sizes }) =>
      k <= q && tensor.doc![b * sizes.keys + q] === tensor.doc![b * sizes.keys + k],
    calls: [
      {
        sizes: square(30, { batch: 2 }),
        tensor: () => ({ doc: fill([2, 30], (i) => Math.floor((i % 30) / (i < 30 ? 7 : 11))) }),
      },
      { sizes: square(30, { queries: 4 }), tensor: () => ({ doc: fill([1, 30], (i) => (i < 28 ? 3 : 9)) }) },
    ],
  },
  "06-gemma2#gemma2_local": {
    visible: within(4096),
    score: (s, _at, { scalar }) => (scalar.cap ?? 50) * Math.tanh(s / (scalar.cap ?? 50)),
    calls: [
      { sizes: square(40), scalar: { window: 12, cap: 0.5 } },
      { sizes: square(12, { heads: 16, kvHeads: 8, dim: 256, valueDim: 256 }) },
    ],
  },
  "06-gemma2#gemma2_global": {
    visible: causal,
    scale: () => 1 / 12,
    score: (s) => 50 * Math.tanh(s / 50),
    calls: [{ sizes: square(14, { heads: 32, kvHeads: 16, dim: 128, valueDim: 128 }) }],
  },
  "07-attention-sinks#gpt_oss_window": {
    visible: within(128),
    sink: (h, { tensor }) => tensor.sink![h]!,
    calls: [
      {
        sizes: square(20, { heads: 64, kvHeads: 8, dim: 64, valueDim: 64 }),
        scalar: { window: 6 },
        tensor: (draw) => ({ sink: fill([64], () => 4 * draw() - 2) }),
      },
    ],
  },
  "07-attention-sinks#gpt_oss_full": {
    visible: causal,
    sink: (h, { tensor }) => tensor.sink![h]!,
    calls: [{ sizes: decode, tensor: (draw) => ({ sink: fill([6], () => 4 * draw() - 2) }) }],
  },
  "08-alibi#bloom": {
    visible: causal,
    score: (s, { h, q, k }, { sizes }) => s - alibiSlopes(sizes.heads)[h]! * (q - k),
    calls: [{ sizes: square(25, { heads: 8, kvHeads: 8 }) }, { sizes: square(11, { heads: 12, kvHeads: 4 }) }],
  },
  "08-alibi#mpt": {
    visible: causal,
    score: (s, { h, q, k }, { tensor }) => s - tensor.slope![h]! * (q - k),
    calls: [{ sizes: decode, tensor: (draw) => ({ slope: fill([6], draw) }) }],
  },
  "09-longformer#longformer": {
    visible: ({ b, q, k }, { scalar, tensor, sizes }) =>
      Math.abs(q - k) <= (scalar.radius ?? 256) || [q, k].some((i) => tensor.is_global![b * sizes.keys + i] === 1),
    calls: [
      {
        sizes: square(37, { batch: 2 }),
        scalar: { radius: 3 },
        tensor: () => ({ is_global: fill([2, 37], (i) => (i % 17 === 4 ? 1 : 0)) }),
      },
    ],
  },
  "10-dilated-window#dilated_heads": {
    visible: ({ h, q, k }, { scalar }) => {
      const steps = (q - k) / (h + 1);
      return Number.isInteger(steps) && steps >= 0 && steps < (scalar.window ?? 16);
    },
    calls: [{ sizes: square(40, { heads: 4, kvHeads: 2 }), scalar: { window: 3 } }, { sizes: square(40) }],
  },
  "11-block-diffusion#bd3_lm": {
    visible: ({ q, k }, { scalar, sizes }) => {
      const half = sizes.keys / 2;
      const block = (i: number) => Math.floor((i < half ? i : i - half) / (scalar.size ?? 16));
      const noisy = (i: number) => i < half;
      if (noisy(q) && noisy(k)) return block(q) === block(k);
      if (noisy(q)) return block(k) < block(q);
      return !noisy(k) && block(k) <= block(q);
    },
    calls: [{ sizes: square(48), scalar: { size: 5 } }, { sizes: square(64) }],
  },
  "12-neighborhood-2d#natten": {
    visible: ({ q, k }, { scalar, sizes }) => {
      const { y, x } = sizes.axes as { y: number; x: number };
      const window = scalar.window ?? 7;
      const dilation = scalar.dilation ?? 1;
      return (
        natten(Math.floor(q / x), Math.floor(k / x), y, window, dilation) && natten(q % x, k % x, x, window, dilation)
      );
    },
    calls: [
      { sizes: square(63, { axes: { y: 7, x: 9 } }), scalar: { window: 3 } },
      { sizes: square(63, { axes: { y: 9, x: 7 } }), scalar: { window: 4 } },
      { sizes: square(96, { axes: { y: 8, x: 12 } }), scalar: { window: 3, dilation: 2 } },
      { sizes: square(30, { axes: { y: 5, x: 6 } }) },
    ],
  },
  "13-graph-bias#graphormer": {
    visible: ({ b, q, k }, { tensor, sizes }) => tensor.distance![(b * sizes.queries + q) * sizes.keys + k]! >= 0,
    score: (s, { b, h, q, k }, { tensor, sizes }) => {
      const steps = tensor.distance![(b * sizes.queries + q) * sizes.keys + k]!;
      return s + tensor.bias![h * 6 + Math.min(Math.max(steps, 0), 5)]!;
    },
    calls: [
      {
        sizes: square(19, { batch: 2 }),
        tensor: (draw) => ({
          distance: fill([2, 19, 19], () => Math.floor(9 * draw()) - 1),
          bias: fill([2, 6], () => 2 * draw() - 1),
        }),
      },
    ],
  },
  "14-dropout#dropout": {
    visible: causal,
    weight: (p, _s, { b, h, q, k }, { scalar }) => {
      const rate = Math.fround(scalar.rate ?? 0.1);
      return random(scalar.seed ?? 17, b, h, q, k) < rate ? 0 : p / (1 - rate);
    },
    calls: [{ sizes: square(30, { batch: 2 }), scalar: { rate: 0.4, seed: 5 } }, { sizes: decode }],
  },
  "15-perturbed-guidance#soft_pag": {
    weight: (p, _s, { q, k }, { scalar }) => {
      const u = Math.fround(scalar.u ?? 0.3);
      return (1 - u) * p + (q === k ? u : 0);
    },
    calls: [{ sizes: square(20), scalar: { u: 1 } }, { sizes: square(20) }],
  },
  "16-relative-bias#t5_encoder": {
    scale: () => 1,
    score: (s, { h, q, k }, { tensor }) => s + tensor.table![h * 9 + Math.min(Math.max(q - k + 4, 0), 8)]!,
    calls: [{ sizes: square(22), tensor: (draw) => ({ table: fill([2, 9], () => 2 * draw() - 1) }) }],
  },
  "17-cosine-attention#swin_v2": {
    score: (_s, { h, q, k }, { tensor, sizes }, rows) =>
      cosine(rows) / tensor.temperature![h]! + tensor.bias![(h * sizes.queries + q) * sizes.keys + k]!,
    calls: [
      {
        sizes: square(16),
        tensor: (draw) => ({
          temperature: fill([2], () => 0.05 + draw()),
          bias: fill([2, 16, 16], () => 2 * draw() - 1),
        }),
      },
    ],
  },
  "18-video-neighborhood#video": {
    visible: ({ q, k }, { scalar, sizes }) => {
      const { y, x } = sizes.axes as { t: number; y: number; x: number };
      const frame = (i: number) => Math.floor(i / (y * x));
      const back = frame(q) - frame(k);
      return (
        back >= 0 &&
        back < (scalar.frames ?? 3) &&
        natten(Math.floor(q / x) % y, Math.floor(k / x) % y, y, scalar.window ?? 5, 1) &&
        natten(q % x, k % x, x, scalar.window ?? 5, 1)
      );
    },
    calls: [
      { sizes: square(60, { axes: { t: 3, y: 4, x: 5 } }), scalar: { frames: 2, window: 3 } },
      { sizes: square(48, { axes: { t: 4, y: 4, x: 3 } }) },
    ],
  },
  "19-speculative-tree#draft_tree": {
    visible: ({ q, k }, { tensor, sizes }) => {
      const first = sizes.keys - 8;
      return k < first || (q >= first && tensor.tree![(q - first) * 8 + (k - first)] === 1);
    },
    calls: [
      {
        sizes: square(30, { queries: 8 }),
        tensor: () => ({ tree: fill([8, 8], (i) => (i % 8 <= Math.floor(i / 8) && (i * 5) % 3 !== 1 ? 1 : 0)) }),
      },
    ],
  },
  "20-sigmoid-attention#sigmoid_attention": {
    visible: causal,
    softmax: false,
    weight: (_p, s, _at, { sizes }) => 1 / (1 + Math.exp(Math.log(sizes.keys) - s)),
    calls: [{ sizes: square(26) }, { sizes: decode }],
  },
  "20-sigmoid-attention#relu_attention": {
    visible: causal,
    softmax: false,
    weight: (_p, s, { q }) => Math.max(s, 0) / (q + 1),
    calls: [{ sizes: square(26) }],
  },
  "21-streaming#streaming": {
    visible: ({ q, k }, { scalar }) => k <= q && (k < (scalar.initial ?? 4) || k > q - (scalar.window ?? 1020)),
    calls: [{ sizes: square(50), scalar: { initial: 4, window: 9 } }, { sizes: decode }],
  },
  "22-frame-causal#tc_llava": {
    visible: ({ b, q, k }, { tensor, sizes }) => {
      const [own, other] = [tensor.frame![b * sizes.keys + q]!, tensor.frame![b * sizes.keys + k]!];
      return k <= q || (own === other && own !== -1);
    },
    calls: [
      {
        sizes: square(34, { batch: 2 }),
        // Text, frames of 6 and 7 tokens, text.
        tensor: () => ({
          frame: fill([2, 34], (i) => (i % 34 < 5 || i % 34 > 28 ? -1 : Math.floor(((i % 34) - 5) / (i < 34 ? 6 : 7)))),
        }),
      },
    ],
  },
  "23-concentric#concentric": {
    visible: ({ q, k }, { scalar }) => {
      const { first = 35, side = 24 } = scalar;
      // Peels the image: ring 0 is the outermost square.
      const ringOf = (token: number) => {
        const at = token - first;
        if (at < 0 || at >= side ** 2) return undefined;
        const [y, x] = [Math.floor(at / side), at % side];
        let ring = 0;
        while (y > ring && x > ring && y < side - 1 - ring && x < side - 1 - ring) ring += 1;
        return ring;
      };
      const [own, other] = [ringOf(q), ringOf(k)];
      return own === undefined || other === undefined ? k <= q : other <= own;
    },
    calls: [
      { sizes: square(45), scalar: { first: 6, side: 5 } },
      { sizes: square(45), scalar: { first: 0, side: 6 } },
      { sizes: square(40, { queries: 3 }), scalar: { first: 2, side: 6 } },
    ],
  },
  "24-suffix-dropout#dpad": {
    visible: ({ k }, { scalar, tensor }) => {
      const { end = 512, seed = 17 } = scalar;
      if (k < end) return true;
      const chance = tensor.stays![k - end];
      return chance !== undefined && random(seed, k - end) < Math.fround(chance);
    },
    calls: [
      {
        sizes: square(50, { queries: 8 }),
        scalar: { end: 12, seed: 3 },
        // 2 φ(x) over 24 tokens, x from 0 to 4.
        tensor: () => ({
          stays: fill([24], (i) => (2 * Math.exp(-0.5 * ((4 * i) / 23) ** 2)) / Math.sqrt(2 * Math.PI)),
        }),
      },
    ],
  },
  "25-token-masking#siblings_masking": {
    visible: ({ b, q, k }, { tensor, sizes }) => {
      const kept = (i: number) => tensor.kept![b * sizes.keys + i] === 1;
      return kept(q) ? kept(k) : k === q;
    },
    calls: [
      { sizes: square(27, { batch: 2 }), tensor: (draw) => ({ kept: fill([2, 27], () => Number(draw() < 0.8)) }) },
    ],
  },
  "25-token-masking#self_masking": {
    visible: ({ b, q, k }, { tensor, sizes }) => {
      const kept = (i: number) => tensor.kept![b * sizes.keys + i] === 1;
      return kept(q) ? kept(k) : k !== q;
    },
    calls: [
      { sizes: square(27, { batch: 2 }), tensor: (draw) => ({ kept: fill([2, 27], () => Number(draw() < 0.8)) }) },
    ],
  },
  "26-gist#gist": {
    visible: ({ b, q, k }, { tensor }) =>
      k <= q && (q <= tensor.last![b]! ? k <= tensor.last![b]! : k >= tensor.first![b]!),
    calls: [
      {
        sizes: square(30, { batch: 2 }),
        tensor: () => ({ first: { shape: [2], data: [9, 20] }, last: { shape: [2], data: [11, 20] } }),
      },
    ],
  },
  "27-flashmask#flashmask": {
    visible: ({ b, q, k }, { tensor, sizes }) => {
      const column = (name: string) => tensor[name]![b * sizes.keys + k]!;
      const isHidden = (side: string) => q >= column(`${side}_start`) && q < column(`${side}_end`);
      return !isHidden("lower") && !isHidden("upper");
    },
    calls: [
      // Causal with a window of 9: hidden from the queries before the key, and from those 9 or more behind it.
      { sizes: square(40), tensor: () => columns(40, (k) => [k + 9, 40, 0, k]) },
      // Random columns: four ends in any order, so that some runs are empty.
      {
        sizes: square(33, { batch: 2 }),
        tensor: (draw) => columns(66, () => [1, 2, 3, 4].map(() => Math.floor(40 * draw()) - 3), 2),
      },
      ...Object.values(FAMILIES).map(({ ends }) => ({ sizes: square(TOKENS), tensor: () => columns(TOKENS, ends) })),
    ],
  },
  "28-block-top-k#block_top_k": {
    visible: ({ q, k }) => k <= q,
    chosen: (inputs) => {
      const { heads, kvHeads } = inputs.sizes;
      const group = heads / kvHeads;
      return ({ b, h, q, k }) => {
        const first = Math.floor(h / group) * group;
        const i = Math.floor(q / 64);
        const members = range(group).map((member) => blockScores(inputs, b, first + member)[i]!);
        const scores = members[0]!.map((_, j) => members.reduce((sum, row) => sum + row[j]!, 0) / group);
        const kept = best(scores, range(i + 1)).slice(0, inputs.scalar.n ?? 8);
        const j = Math.floor(k / 64);
        return j === i || j === 0 || kept.includes(j);
      };
    },
    calls: [
      { sizes: square(300, { heads: 2, dim: 4, valueDim: 3 }), scalar: { n: 1 } },
      { sizes: square(70, { heads: 6, kvHeads: 2, dim: 4 }), scalar: { n: 0 } },
    ],
  },
  "29-block-coverage#block_coverage": {
    visible: ({ q, k }) => k <= q,
    chosen: (inputs) => {
      const known = new Map<string, readonly number[]>();
      const keptOf = (b: number, h: number, i: number): readonly number[] => {
        const scores = blockScores(inputs, b, h)[i]!;
        const order = best(scores, range(i));
        const weights = order.map((j) => Math.exp(scores[j]!));
        const total = weights.reduce((sum, weight) => sum + weight, 0);
        let sum = 0;
        return order.filter((_, place) => {
          const before = sum;
          sum += weights[place]!;
          return before < (inputs.scalar.coverage ?? 0.9) * total;
        });
      };
      return ({ b, h, q, k }) => {
        const [i, j] = [Math.floor(q / 64), Math.floor(k / 64)];
        const name = `${b} ${h} ${i}`;
        const kept = known.get(name) ?? keptOf(b, h, i);
        known.set(name, kept);
        return j === i || kept.includes(j);
      };
    },
    calls: [
      { sizes: square(290, { dim: 4, valueDim: 3 }), scalar: { coverage: 0.5 } },
      { sizes: square(130, { heads: 3, kvHeads: 1, dim: 4 }) },
    ],
  },
  "30-tiled-neighborhood#tiled_natten": {
    visible: ({ q, k }, { scalar, sizes }) => {
      const { y, x } = sizes.axes as { y: number; x: number };
      const window = scalar.window ?? 7;
      return natten(Math.floor(q / x), Math.floor(k / x), y, window, 1) && natten(q % x, k % x, x, window, 1);
    },
    calls: [
      { sizes: square(300, { axes: { y: 20, x: 15 } }), scalar: { window: 3 } },
      { sizes: square(96, { axes: { y: 8, x: 12 }, heads: 6, kvHeads: 2 }) },
    ],
  },
  "31-residue-order#dilated_by_residue": {
    visible: ({ q, k }, { scalar }) => {
      const steps = (q - k) / (scalar.dilation ?? 4);
      return Number.isInteger(steps) && steps >= 0 && steps < (scalar.window ?? 16);
    },
    calls: [
      { sizes: square(300), scalar: { window: 5 } },
      { sizes: square(83, { heads: 6, kvHeads: 2 }), scalar: { dilation: 7 } },
      { sizes: square(90, { queries: 11 }) },
    ],
  },
  ...PATTERNS,
  ...GYM,
};
