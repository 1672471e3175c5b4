// Formulas of the examples from 43 on, masks and scores of attention-gym, in the manner of formulas.ts: from its definitions, by
// hand, with nothing of ours.

import type { At, Inputs, Sizes } from "./dense.ts";
import type { Expectation } from "./formulas.ts";

const square = (tokens: number, more: Partial<Sizes> = {}): Sizes => ({
  ...{ batch: 1, heads: 2, kvHeads: 1, queries: tokens, keys: tokens, dim: 8, valueDim: 8 },
  ...more,
});
const range = (count: number) => Array.from({ length: count }, (_, index) => index);
const fill = (shape: number[], next: (index: number) => number) => ({
  ...{ shape, data: range(shape.reduce((a, b) => a * b, 1)).map(next) },
});
const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
const dot = (x: readonly number[], y: readonly number[]) => sum(x.map((value, d) => value * y[d]!));
const chunked = square(45, { queries: 20, heads: 6, kvHeads: 2, batch: 2 });

/** A token's place on a grid, outermost axis first; row-major. */
const placeOf = (token: number, extents: readonly number[]) =>
  extents.map((extent, axis) => {
    const steps = Math.floor(token / extents.slice(axis + 1).reduce((product, each) => product * each, 1));
    return axis === 0 ? steps : steps % extent;
  });

/** A window of `window` places around i, shifted inwards at the edges. */
function isNear(i: number, j: number, n: number, window: number): boolean {
  const first = Math.min(Math.max(i - Math.floor(window / 2), 0), Math.max(n - window, 0));
  return j >= first && j < first + window;
}

/** Whether both tokens are near each other along every axis, of tiles of the given extents. */
function areNear(q: number, k: number, extents: readonly number[], tiles: readonly number[], window: number) {
  const [own, other] = [placeOf(q, extents), placeOf(k, extents)];
  const tileOf = (place: readonly number[], axis: number) => Math.floor(place[axis]! / tiles[axis]!);
  return extents.every((extent, axis) =>
    isNear(tileOf(own, axis), tileOf(other, axis), Math.floor(extent / tiles[axis]!), window),
  );
}

const extentsOf = ({ sizes }: Inputs) => {
  const { t, y, x } = sizes.axes as { t?: number; y: number; x: number };
  return t === undefined ? [y, x] : [t, y, x];
};

/** Documents of 9, 14, 3, 9, … tokens. */
function documents(tokens: number, batch: number) {
  const ends = range(tokens).map((document) => sum(range(document + 1).map((each) => [9, 14, 3][each % 3]!)));
  return fill([batch, tokens], (index) => ends.findIndex((end) => (index % tokens) + (index < tokens ? 0 : 4) < end));
}
const of = (name: string, index: number, { b }: At, { sizes, tensor }: Inputs) =>
  tensor[name]![(b * tensor[name]!.length) / sizes.batch + index]!;

/** Tokens of a grid in cubes of 4 × 4 × 4, one after another: the stored place of each. */
function cubeOrder(extents: readonly number[]): readonly number[] {
  const tokens = range(extents.reduce((product, each) => product * each, 1));
  const keyOf = (token: number) => {
    const place = placeOf(token, extents);
    return [...place.map((each) => Math.floor(each / 4)), ...place.map((each) => each % 4)];
  };
  const stored = tokens.toSorted((a, b) => {
    const [own, other] = [keyOf(a), keyOf(b)];
    const at = own.findIndex((each, index) => each !== other[index]);
    return own[at]! - other[at]!;
  });
  return tokens.map((token) => stored.indexOf(token));
}

const BLOCK = 64;
const VIDEO = { t: 8, y: 4, x: 12 };
const SMALL_VIDEO = { t: 3, y: 5, x: 6 };
const video = (axes: Readonly<Record<string, number>>, more: Partial<Sizes> = {}) =>
  square(
    Object.values(axes).reduce((product, each) => product * each, 1),
    { axes, ...more },
  );

export const GYM: Readonly<Record<string, Expectation>> = {
  "10-dilated-window#dilated_both_sides": {
    visible: ({ q, k }, { scalar: { reach = 64, dilation = 4 } }) => {
      const distance = Math.abs(q - k);
      return distance <= reach && distance % dilation === 0;
    },
    calls: [
      { sizes: square(40), scalar: { reach: 9, dilation: 3 } },
      { sizes: square(90, { dim: 4 }) },
      { sizes: chunked },
    ],
  },
  "43-packed-prefixes#batched": {
    visible: ({ q, k }, { scalar: { size = 128, prefix = 16 } }) => {
      const [own, other] = [q, k].map((token) => ({ sequence: Math.floor(token / size), at: token % size }));
      return own!.sequence === other!.sequence && (other!.at < prefix || own!.at >= other!.at);
    },
    calls: [
      { sizes: square(50), scalar: { size: 20, prefix: 5 } },
      { sizes: chunked, scalar: { size: 13, prefix: 0 } },
      { sizes: square(140, { dim: 4 }) },
    ],
  },
  "43-packed-prefixes#shared_prefix": {
    visible: (at, inputs) => {
      const own = of("doc", at.q, at, inputs);
      const other = of("doc", at.k, at, inputs);
      return own === other ? at.k <= at.q : other === of("prefix", own, at, inputs);
    },
    calls: [square(45), chunked].map((sizes) => ({
      sizes,
      // Document 0 begins by itself, as 2 does; 1 and 3 go on from 0, 4 and 5 from 2.
      tensor: () => ({
        doc: documents(45, sizes.batch),
        prefix: fill([sizes.batch, 6], (i) => [-1, 0, -1, 0, 2, 2][i % 6]!),
      }),
    })),
  },
  "44-two-sequences#flamingo": {
    row0: 0,
    visible: (at, inputs) => {
      const image = Math.floor(at.k / 64);
      return at.q >= of("first", image, at, inputs) && at.q < of("end", image, at, inputs);
    },
    calls: [
      { sizes: square(192, { queries: 40, dim: 4 }), tensor: () => pictures([3, 12, 20], [12, 20, 40], 1) },
      // The second picture is seen by nobody.
      { sizes: square(128, { queries: 33, batch: 2, dim: 4 }), tensor: () => pictures([0, 9], [21, 9], 2) },
    ],
  },
  "44-two-sequences#block_drafts": {
    row0: 0,
    visible: ({ q, k }, { scalar: { prefix = 256, size = 8 } }) => {
      if (k < prefix) return true;
      const [own, other] = [q, k - prefix];
      return Math.floor(own / size) === Math.floor(other / size) && other % size <= own % size;
    },
    calls: [
      { sizes: square(50, { queries: 30 }), scalar: { prefix: 20, size: 7 } },
      { sizes: square(300, { queries: 44, dim: 4 }) },
    ],
  },
  "45-sliding-tiles#sliding_tiles": {
    visible: ({ q, k }, inputs) => areNear(q, k, extentsOf(inputs), [8, 8], inputs.scalar.window ?? 3),
    calls: [
      { sizes: video({ y: 16, x: 24 }, { dim: 4, heads: 1 }), scalar: { window: 1 } },
      { sizes: video({ y: 8, x: 40 }, { dim: 4, heads: 1 }) },
    ],
  },
  "45-sliding-tiles#sliding_tiles_and_text": {
    visible: ({ q, k }, inputs) => {
      const extents = extentsOf(inputs);
      const first = extents.reduce((product, each) => product * each, 1);
      return q >= first || k >= first || areNear(q, k, extents, [4, 4, 4], inputs.scalar.window ?? 3);
    },
    calls: [
      { sizes: { ...video(VIDEO, { dim: 4 }), queries: 391, keys: 391 }, scalar: { window: 1 } },
      { sizes: { ...video({ t: 4, y: 4, x: 16 }, { dim: 4 }), queries: 260, keys: 260 } },
    ],
  },
  "46-sparse-videogen#spatial_head": {
    visible: ({ q, k }, { scalar: { prompt = 226, frame = 1350, width = 150, sink = 0 } }) => {
      const band = Math.floor((width * frame) / 100 / 128) * 128;
      return k < prompt + (sink ? frame : 0) || q < prompt || Math.abs(q - k) < band;
    },
    calls: [
      { sizes: square(420, { dim: 4 }), scalar: { prompt: 10, frame: 100, width: 150 } },
      { sizes: square(420, { dim: 4 }), scalar: { prompt: 10, frame: 100, width: 257, sink: 1 } },
      { sizes: square(250, { dim: 4, queries: 40 }) },
    ],
  },
  "46-sparse-videogen#temporal_head": {
    visible: ({ q, k }, { scalar: { prompt = 226, frame = 1350, frames = 13, width = 150 } }) => {
      if (Math.min(q, k) < prompt) return true;
      const [own, other] = [(q - prompt) % frame, (k - prompt) % frame];
      return Math.abs(own - other) < Math.floor((width * frame) / 100 / frames);
    },
    calls: [
      { sizes: square(110), scalar: { prompt: 10, frame: 20, frames: 5, width: 100 } },
      { sizes: square(96, { heads: 6, kvHeads: 2 }), scalar: { prompt: 0, frame: 12, frames: 8, width: 20 } },
      { sizes: square(250, { dim: 4, queries: 40 }) },
    ],
  },
  "47-video-top-k#video_top_k": {
    chosen: (inputs) => {
      const { sizes, scalar, query, key } = inputs;
      const { heads, kvHeads, keys, dim } = sizes;
      const place = cubeOrder(extentsOf(inputs));
      const meanOf = (values: ArrayLike<number>, head: number, block: number) => {
        const members = range(keys).filter((token) => Math.floor(place[token]! / BLOCK) === block);
        return range(dim).map(
          (d) => sum(members.map((token) => values[(head * keys + token) * dim + d]!)) / members.length,
        );
      };
      const blocks = range(Math.ceil(keys / BLOCK));
      const known = new Map<string, readonly number[]>();
      const keptOf = (b: number, h: number, i: number) => {
        const kv = b * kvHeads + Math.floor(h / (heads / kvHeads));
        const scores = blocks.map((j) => dot(meanOf(query, b * heads + h, i), meanOf(key, kv, j)));
        return blocks.toSorted((x, y) => scores[y]! - scores[x]! || x - y).slice(0, scalar.n ?? 32);
      };
      return ({ b, h, q, k }) => {
        const name = `${b} ${h} ${Math.floor(place[q]! / BLOCK)}`;
        const kept = known.get(name) ?? keptOf(b, h, Math.floor(place[q]! / BLOCK));
        known.set(name, kept);
        return kept.includes(Math.floor(place[k]! / BLOCK));
      };
    },
    calls: [
      { sizes: video(VIDEO, { dim: 4, valueDim: 3 }), scalar: { n: 2 } },
      { sizes: video(SMALL_VIDEO, { heads: 4, kvHeads: 2, dim: 4 }), scalar: { n: 1 } },
    ],
  },
  "48-neighborhood-orders#natten_by_morton": {
    visible: ({ q, k }, inputs) => areNear(q, k, extentsOf(inputs), [1, 1], inputs.scalar.window ?? 7),
    calls: [
      { sizes: video({ y: 20, x: 15 }), scalar: { window: 3 } },
      { sizes: video({ y: 8, x: 12 }, { heads: 6, kvHeads: 2 }) },
    ],
  },
  "48-neighborhood-orders#natten_3d_by_tiles": {
    visible: ({ q, k }, inputs) => {
      const { frames = 3, window = 5 } = inputs.scalar;
      const [, ...extents] = extentsOf(inputs);
      const plane = extents.reduce((product, each) => product * each, 1);
      const back = Math.floor(q / plane) - Math.floor(k / plane);
      return back >= 0 && back < frames && areNear(q % plane, k % plane, extents, [1, 1], window);
    },
    calls: [
      { sizes: video(VIDEO, { dim: 4 }), scalar: { frames: 2, window: 3 } },
      { sizes: video(SMALL_VIDEO, { heads: 6, kvHeads: 2 }) },
    ],
  },
  "48-neighborhood-orders#natten_3d_by_morton": {
    visible: ({ q, k }, inputs) => areNear(q, k, extentsOf(inputs), [1, 1, 1], inputs.scalar.window ?? 5),
    calls: [
      { sizes: video(VIDEO, { dim: 4 }), scalar: { window: 3 } },
      { sizes: video(SMALL_VIDEO, { heads: 6, kvHeads: 2 }), scalar: { window: 4 } },
    ],
  },
  "49-score-terms#sandwich": {
    visible: ({ q, k }) => k <= q,
    score: (s, { h, q, k }, { sizes: { heads }, tensor }) => {
      const middle = Math.floor(tensor.table!.length / 2);
      const slope = heads / (8 * (h + 1));
      return s + slope * tensor.table![Math.min(q - k + middle, tensor.table!.length - 1)]!;
    },
    calls: [
      { sizes: square(30), tensor: () => waves(61, 16) },
      { sizes: chunked, tensor: () => waves(31, 8) },
    ],
  },
  "49-score-terms#graphormer_edges": {
    score: (s, { b, h, q, k }, { sizes, tensor }) => {
      const pair = (b * sizes.queries + q) * sizes.keys + k;
      const edges = tensor.edges![pair]!;
      const kinds = tensor.bias!.length / sizes.heads / 3;
      const biases = range(edges).map((at) => tensor.bias![(h * 3 + at) * kinds + tensor.kind![pair * 3 + at]!]!);
      return edges === 0 ? s : s + sum(biases) / edges;
    },
    calls: [
      {
        sizes: square(17, { batch: 2 }),
        tensor: (draw) => ({
          kind: fill([2, 17, 17, 3], () => Math.floor(5 * draw())),
          bias: fill([2, 3, 5], () => 2 * draw() - 1),
          edges: fill([2, 17, 17], () => Math.floor(4 * draw())),
        }),
      },
    ],
  },
  "49-score-terms#latent": {
    visible: ({ q, k }) => k <= q,
    scale: () => 1,
    // The product over the latent, and that of the rotated rows.
    score: (_s, _at, { scalar: { head_dim = 192 }, sizes: { valueDim } }, { Q, K }) => {
      const parts = [
        (row: readonly number[]) => row.slice(0, valueDim),
        (row: readonly number[]) => row.slice(valueDim),
      ];
      return sum(parts.map((part) => dot(part(Q), part(K)))) / Math.sqrt(head_dim);
    },
    calls: [
      { sizes: square(30, { heads: 8, dim: 40, valueDim: 32 }), scalar: { head_dim: 24 } },
      { sizes: square(33, { queries: 2, heads: 16, dim: 72, valueDim: 64 }) },
    ],
  },
  "50-block-pools#pooled_gate": {
    visible: ({ q, k }) => k <= q,
    chosen: (inputs) => {
      const { scalar, query, key } = inputs;
      const { heads, kvHeads, keys, dim } = inputs.sizes;
      const [largest, least] = [Math.fround(scalar.largest ?? 0.5), Math.fround(scalar.least ?? 0.5)];
      const columns = (values: ArrayLike<number>, head: number, block: number) => {
        const tokens = range(keys).filter((token) => Math.floor(token / BLOCK) === block);
        return range(dim).map((d) => tokens.map((token) => values[(head * keys + token) * dim + d]!));
      };
      const means = (of: readonly (readonly number[])[]) => of.map((column) => sum(column) / column.length);
      const known = new Map<string, readonly number[]>();
      const keptOf = (b: number, h: number, i: number) => {
        const mean = means(columns(query, b * heads + h, i));
        const scores = range(i + 1).map((j) => {
          const pooled = columns(key, b * kvHeads + Math.floor(h / (heads / kvHeads)), j);
          const [most, fewest] = [Math.max, Math.min].map((fold) => pooled.map((column) => fold(...column)));
          return dot(mean, means(pooled)) + largest * dot(mean, most!) + least * dot(mean, fewest!);
        });
        const best = range(i + 1).sort((x, y) => scores[y]! - scores[x]! || x - y);
        return [0, i, ...best.slice(0, scalar.n ?? 8)];
      };
      return ({ b, h, q, k }) => {
        const name = `${b} ${h} ${Math.floor(q / BLOCK)}`;
        const kept = known.get(name) ?? keptOf(b, h, Math.floor(q / BLOCK));
        known.set(name, kept);
        return kept.includes(Math.floor(k / BLOCK));
      };
    },
    calls: [
      { sizes: square(330, { dim: 4, valueDim: 3 }), scalar: { n: 1 } },
      { sizes: square(300, { heads: 4, kvHeads: 2, dim: 4 }), scalar: { n: 1, largest: -2, least: 1.5 } },
    ],
  },
};

const pictures = (first: readonly number[], end: readonly number[], batch: number) => ({
  first: fill([batch, first.length], (at) => first[at % first.length]!),
  end: fill([batch, end.length], (at) => end[at % end.length]!),
});

/** Sums of cosines of a distance, for all distances around 0. */
const waves = (count: number, dims: number) => ({
  table: fill([count], (at) => {
    const distance = at - Math.floor(count / 2);
    return sum(range(dims / 2).map((pair) => Math.cos(distance / 10000 ** ((2 * pair) / dims))));
  }),
});
