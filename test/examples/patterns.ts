// Formulas of the examples from 32 on, in the manner of formulas.ts: from the papers, by hand, with nothing of ours.

import { PBS } from "../systems/pbs.ts";
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

/** Rows of a block of a head, the last block shorter. */
function blocksOf(
  values: ArrayLike<number>,
  head: number,
  tokens: number,
  dim: number,
  size: number | readonly number[],
): number[][][] {
  const whole = (each: number) => range(Math.ceil(tokens / each)).map((at) => Math.min(each, tokens - at * each));
  const sizes = typeof size === "number" ? whole(size) : size;
  return sizes.map((count, block) => {
    const first = sum(sizes.slice(0, block));
    return range(count).map((row) => range(dim).map((d) => values[(head * tokens + first + row) * dim + d]!));
  });
}

/** Of DHSA: the last chunk that has begun holds the token, and the first has begun in any case. */
function chunkOf({ tensor, sizes }: Inputs, b: number, token: number): number {
  const count = chunksIn({ tensor, sizes });
  return range(count).findLast((chunk) => tensor.bounds![b * count + chunk]! <= token) ?? 0;
}
const chunksIn = ({ tensor, sizes }: Pick<Inputs, "tensor" | "sizes">) => tensor.bounds!.length / sizes.batch;
const lengthsOfChunks = (inputs: Inputs, b: number) => {
  const chunks = range(inputs.sizes.keys).map((token) => chunkOf(inputs, b, token));
  return range(chunksIn(inputs)).map((chunk) => chunks.filter((each) => each === chunk).length);
};

/** Offsets in blocks of 64 that each head looks at, 0 among them. */
const offsets = (heads: number) => {
  const every = (step: number) =>
    fill([heads, 64], (index) => Number(index % 64 === 0 || (index * 11) % 64 < 64 / step));
  return { sampled_queries: every(4), sampled_keys: every(3) };
};

/** The rows of a block as one: their sum, divided. */
const together = (rows: readonly (readonly number[])[], divisor: number, dim: number) =>
  range(dim).map((d) => (rows.length === 0 ? 0 : sum(rows.map((row) => row[d]!)) / divisor));

/** Products of what stands for the blocks: [row block][key block] of a query head. */
function products(
  { sizes, query, key }: Inputs,
  [b, h]: readonly [number, number],
  [rows, keys]: readonly [number, number | readonly number[]],
  divisor: (count: number) => number,
): number[][] {
  const { heads, kvHeads, dim } = sizes;
  const kv = b * kvHeads + Math.floor(h / (heads / kvHeads));
  const one = (block: number[][]) => together(block, divisor(block.length), dim);
  const ofKeys = blocksOf(key, kv, sizes.keys, dim, keys).map(one);
  return blocksOf(query, b * heads + h, sizes.queries, dim, rows).map((block) => {
    const own = one(block);
    return ofKeys.map((other) => sum(own.map((x, d) => x * other[d]!)));
  });
}

/** Documents in their order: the number of each token, from lengths that go round. */
function documents(tokens: number, lengths: readonly number[], batch = 1) {
  const numbers = range(batch).flatMap((b) => {
    const ends: number[] = [];
    while ((ends.at(-1) ?? 0) < tokens) ends.push((ends.at(-1) ?? 0) + lengths[(ends.length + b) % lengths.length]!);
    return range(tokens).map((token) => ends.findIndex((end) => token < end));
  });
  return fill([batch, tokens], (index) => numbers[index]!);
}
const docs = (tokens: number, batch = 1) => ({ doc: documents(tokens, [9, 14, 3], batch) });

const of = (name: string, token: number, { b }: At, { sizes, tensor }: Inputs) =>
  tensor[name]![b * sizes.keys + token]!;
const causalDocument = (at: At, inputs: Inputs) =>
  at.k <= at.q && of("doc", at.q, at, inputs) === of("doc", at.k, at, inputs);

const chunked = square(45, { queries: 20, heads: 6, kvHeads: 2, batch: 2 });

/** Slices of all four kinds: kind, first key, end of keys, first query, end of queries. */
const SLICES = [
  [0, 0, 10, 0, 8],
  [1, 3, 20, 8, 20],
  [2, 12, 30, 20, 29],
  [3, 2, 24, 29, 40],
] as const;

const columnOf = (rows: readonly (readonly number[])[], k: number) => rows.map((row) => row[k]!);
/** The largest of the places around each, of which a window of even width has one more before. */
const largestAround = (list: readonly number[], width: number) =>
  list.map((_, k) =>
    Math.max(...list.slice(Math.max(0, k - Math.floor(width / 2)), k - Math.floor(width / 2) + width)),
  );
const columnsOf = (rows: readonly (readonly number[])[], join: (column: readonly number[]) => number) =>
  rows[0]!.map((_, k) => join(columnOf(rows, k)));
const entropyOf = (row: readonly number[]) => -sum(row.map((p) => (p > 0 ? p * Math.log(p) : 0)));

export const PATTERNS: Readonly<Record<string, Expectation>> = {
  "32-mra#mra_2_s": {
    chosen: (inputs) => {
      const known = new Map<string, ReadonlySet<string>>();
      const keptOf = (b: number, h: number) => {
        const scores = products(inputs, [b, h], [32, 32], (count) => count);
        const blocks = scores.flatMap((row, i) => row.map((score, j) => ({ i, j, score })));
        const inOrder = [...blocks].sort((x, y) => y.score - x.score || x.i - y.i || x.j - y.j);
        const diagonal = inOrder.filter(({ i, j }) => i === j);
        const others = inOrder.filter(({ i, j }) => i !== j);
        const n = Math.max(0, (inputs.scalar.n ?? 64) - diagonal.length);
        return new Set([...diagonal, ...others.slice(0, n)].map(({ i, j }) => `${i} ${j}`));
      };
      return ({ b, h, q, k }) => {
        const name = `${b} ${h}`;
        const kept = known.get(name) ?? keptOf(b, h);
        known.set(name, kept);
        return kept.has(`${Math.floor(q / 32)} ${Math.floor(k / 32)}`);
      };
    },
    calls: [
      { sizes: square(150, { dim: 4, valueDim: 3 }), scalar: { n: 9 } },
      { sizes: square(100, { heads: 6, kvHeads: 2, dim: 4 }), scalar: { n: 2 } },
      { sizes: square(70, { batch: 2, dim: 4 }) },
    ],
  },
  "33-dhsa#dhsa": {
    visible: ({ q, k }) => k <= q,
    chosen: (inputs) => {
      const { heads, keys } = inputs.sizes;
      const known = new Map<string, readonly number[]>();
      const keptOf = (b: number, i: number) => {
        const sizes = lengthsOfChunks(inputs, b);
        const tables = range(heads).map((h) => products(inputs, [b, h], [64, sizes], Math.sqrt)[i]!);
        // Chunks that have a token, and begin before the block of queries ends.
        const last = Math.min((i + 1) * 64, keys) - 1;
        const candidates = range(chunkOf(inputs, b, last) + 1).filter((j) => sizes[j]! > 0);
        const score = (j: number) => sum(tables.map((row) => row[j]!)) / heads;
        return candidates.sort((x, y) => score(y) - score(x) || x - y).slice(0, inputs.scalar.n ?? 16);
      };
      return ({ b, q, k }) => {
        const i = Math.floor(q / 64);
        const name = `${b} ${i}`;
        const kept = known.get(name) ?? keptOf(b, i);
        known.set(name, kept);
        return kept.includes(chunkOf(inputs, b, k));
      };
    },
    calls: [
      // Chunks of one token, of some and of many, and one that is empty.
      {
        sizes: square(200, { dim: 4, valueDim: 3 }),
        scalar: { n: 3 },
        tensor: () => ({ bounds: { shape: [1, 8], data: [0, 1, 9, 30, 30, 47, 120, 190] } }),
      },
      // One chunk for a whole sequence; bounds behind its end.
      {
        sizes: square(97, { heads: 6, kvHeads: 2, batch: 2, dim: 4 }),
        scalar: { n: 2 },
        tensor: () => ({ bounds: { shape: [2, 3], data: [0, 97, 400, 0, 20, 64] } }),
      },
    ],
  },
  // Blocks of 8 and segments of 16, as the formula has them.
  "42-pbs#pbs_attn": {
    visible: ({ q, k }) => k <= q,
    chosen: (inputs) => {
      const { selected, order } = PBS.run({ ...inputs, tensor: {} });
      return ({ b, h, q, k }) => {
        const head = b * inputs.sizes.heads + h;
        return selected![head]![Math.floor(q / 8)]![Math.floor(order![head]!.indexOf(k) / 8)]!;
      };
    },
    calls: [
      { sizes: square(90, { heads: 4, kvHeads: 2, batch: 2 }), scalar: { segment: 16, block: 8, coverage: 0.6 } },
      { sizes: square(37, { heads: 3 }), scalar: { segment: 16, block: 8 } },
    ],
  },
  "40-biformer#bi_level_routing": {
    chosen: (inputs) => {
      const { heads } = inputs.sizes;
      const known = new Map<string, readonly number[]>();
      // The product of mean vectors of all channels is the sum of the heads' products.
      const keptOf = (b: number, i: number) => {
        const tables = range(heads).map((h) => products(inputs, [b, h], [49, 49], (count) => count)[i]!);
        const score = (j: number) => sum(tables.map((row) => row[j]!));
        const regions = range(tables[0]!.length);
        return regions.sort((x, y) => score(y) - score(x) || x - y).slice(0, inputs.scalar.n ?? 4);
      };
      return ({ b, q, k }) => {
        const [i, j] = [Math.floor(q / 49), Math.floor(k / 49)];
        const kept = known.get(`${b} ${i}`) ?? keptOf(b, i);
        known.set(`${b} ${i}`, kept);
        return kept.includes(j);
      };
    },
    calls: [
      { sizes: square(196, { dim: 4, kvHeads: 2, valueDim: 3 }), scalar: { n: 2 } },
      { sizes: square(120, { batch: 2, heads: 3, kvHeads: 3, dim: 4 }), scalar: { n: 1 } },
    ],
  },
  "41-video-energy#adaptive_blocks": {
    chosen: (inputs) => {
      const { keys, heads, kvHeads, queries, dim } = inputs.sizes;
      const { energy = 0.95, least = 5, most = 17 } = inputs.scalar;
      const { sampled_queries: ofQueries, sampled_keys: ofKeys } = inputs.tensor;
      const count = Math.ceil(keys / 64);
      const known = new Map<string, readonly number[]>();
      /** The tokens of a block at sampled offsets. */
      const sampled = (all: ArrayLike<number>, h: number, block: number, length: number) =>
        range(64).flatMap((offset) => {
          const token = block * 64 + offset;
          return all[h * 64 + offset]! !== 0 && token < length ? [token] : [];
        });
      const keptOf = (b: number, h: number, i: number) => {
        const [own, kv] = [b * heads + h, b * kvHeads + Math.floor(h / (heads / kvHeads))];
        const product = (q: number, k: number) =>
          sum(
            range(dim).map(
              (d) => inputs.query[(own * queries + q) * dim + d]! * inputs.key[(kv * keys + k) * dim + d]!,
            ),
          );
        const columns = range(count).map((j) => sampled(ofKeys!, h, j, keys));
        const rows = sampled(ofQueries!, h, i, queries).map((q) => {
          const scores = columns.map((tokens) => tokens.map((k) => product(q, k) / Math.sqrt(dim)));
          const highest = Math.max(...scores.flat());
          return scores.map((block) => Math.max(0, ...block.map((score) => Math.exp(score - highest))));
        });
        const weights = range(count).map((j) => Math.max(...rows.map((row) => row[j]!)));
        const total = sum(weights);
        const order = range(count).sort((x, y) => weights[y]! - weights[x]! || x - y);
        // The rank of the first sum that reaches the energy.
        const upTo = (place: number) => sum(order.slice(0, place + 1).map((j) => weights[j]!));
        const rank = order.findIndex((_, place) => upTo(place) >= Math.fround(energy) * total);
        const bound = (percent: number) => Math.max(1, Math.floor((count * percent) / 100));
        return order.slice(0, Math.min(Math.max(rank, bound(least)), bound(most)));
      };
      return ({ b, h, q, k }) => {
        const name = `${b} ${h} ${Math.floor(q / 64)}`;
        const kept = known.get(name) ?? keptOf(b, h, Math.floor(q / 64));
        known.set(name, kept);
        return kept.includes(Math.floor(k / 64));
      };
    },
    calls: [
      {
        sizes: square(330, { dim: 4, valueDim: 3 }),
        scalar: { energy: 0.6, least: 20, most: 70 },
        tensor: () => offsets(2),
      },
      { sizes: square(130, { heads: 4, kvHeads: 2, dim: 4 }), tensor: () => offsets(4) },
    ],
  },
  "34-statistics#heavy_hitters": {
    visible: ({ q, k }) => k <= q,
    outputs: { mass: ({ p }) => p.flatMap((rows) => columnsOf(rows, sum)) },
    calls: [{ sizes: square(40) }, { sizes: chunked }],
  },
  "34-statistics#snap_kv": {
    visible: ({ q, k }) => k <= q,
    outputs: {
      votes({ p }, { sizes: { heads, kvHeads }, scalar }) {
        const votes = p.map((rows) => largestAround(columnsOf(rows.slice(-(scalar.window ?? 32)), sum), 7));
        const group = heads / kvHeads;
        return range(votes.length / group).flatMap((kv) =>
          columnsOf(votes.slice(kv * group, (kv + 1) * group), (each) => sum(each) / group),
        );
      },
    },
    calls: [{ sizes: square(40), scalar: { window: 5 } }, { sizes: chunked }],
  },
  "34-statistics#spread": {
    visible: ({ q, k }) => k <= q,
    outputs: {
      entropy: ({ p }) => p.flatMap((rows) => rows.map(entropyOf)),
      largest: ({ p }) => p.flatMap((rows) => rows.map((row) => Math.max(...row))),
      heavy: ({ p }) => p.flatMap((rows) => rows.map((row) => row.filter((weight) => weight > 0.01).length)),
      reach: ({ p }, { sizes: { queries, keys } }) =>
        p.flatMap((rows) =>
          rows.map((row, at) =>
            Math.max(
              ...row
                .map((weight, k) => (weight > 0.01 ? keys - queries + at - k : 0))
                .slice(0, keys - queries + at + 1),
            ),
          ),
        ),
      highest: ({ s }) =>
        s.flatMap((rows) =>
          largestAround(
            columnsOf(rows, (column) => Math.max(...column)),
            16,
          ),
        ),
      readers: ({ s }) =>
        s.flatMap((rows) => columnsOf(rows, (column) => column.filter((score) => score > -Infinity).length)),
      total: ({ s }) => s.flatMap((rows) => rows.map((row) => Math.log(sum(row.map(Math.exp))))),
    },
    calls: [{ sizes: square(40) }, { sizes: chunked }],
  },
  "35-long-context#share_question": {
    visible: (at, inputs) =>
      causalDocument(at, inputs) || (of("doc", at.k, at, inputs) === 0 && of("doc", at.q, at, inputs) !== 0),
    calls: [
      { sizes: square(40), tensor: () => docs(40) },
      { sizes: chunked, tensor: () => docs(45, 2) },
    ],
  },
  "35-long-context#causal_blockwise": {
    visible: (at, inputs) => {
      const last = of("doc", inputs.sizes.keys - 1, at, inputs);
      const [own, other] = [of("doc", at.q, at, inputs), of("doc", at.k, at, inputs)];
      return causalDocument(at, inputs) || (own === last && other !== last);
    },
    calls: [
      { sizes: square(40), tensor: () => docs(40) },
      { sizes: chunked, tensor: () => docs(45, 2) },
    ],
  },
  "35-long-context#prefix_lm_document": {
    visible: (at, inputs) => {
      const isSame = of("doc", at.q, at, inputs) === of("doc", at.k, at, inputs);
      return isSame && (at.k <= at.q || at.k - of("start", at.k, at, inputs) <= (inputs.scalar.prefix ?? 64));
    },
    calls: [
      ...[4, 0, 64].map((prefix) => ({
        sizes: square(40),
        scalar: { prefix },
        tensor: () => withStarts(docs(40).doc),
      })),
      { sizes: chunked, scalar: { prefix: 2 }, tensor: () => withStarts(docs(45, 2).doc) },
    ],
  },
  "35-long-context#block_causal_document": {
    visible: (at, inputs) => {
      const size = inputs.scalar.size ?? 128;
      const isSame = of("doc", at.q, at, inputs) === of("doc", at.k, at, inputs);
      return isSame && Math.floor(at.k / size) <= Math.floor(at.q / size);
    },
    calls: [
      { sizes: square(40), scalar: { size: 8 }, tensor: () => docs(40) },
      { sizes: chunked, scalar: { size: 4 }, tensor: () => docs(45, 2) },
    ],
  },
  "35-long-context#global_sliding_window": {
    visible: ({ q, k }, { scalar: { window = 64 } }) => Math.abs(q - k) <= window || Math.min(q, k) < 2 * window,
    calls: [
      { sizes: square(40), scalar: { window: 3 } },
      { sizes: chunked, scalar: { window: 0 } },
      { sizes: square(140, { dim: 4 }) },
    ],
  },
  "36-slices#slices": {
    visible: ({ b, q, k }, { sizes, row0, tensor }) => {
      const [kind, first, end, top, bottom] = range(5).map(
        (place) => tensor.slice![(b * 5 + place) * sizes.queries + q - row0]!,
      );
      if (k < first! || k >= end!) return false;
      // Rows and columns of the slice, from its upper left and its lower right corner.
      const [down, right] = [q - top!, k - first!];
      const [up, left] = [bottom! - 1 - q, end! - 1 - k];
      return [true, left >= up, right >= down, left >= up && right >= down][kind!]!;
    },
    calls: [
      { sizes: square(40), tensor: () => slices(SLICES, 40, 0) },
      {
        sizes: square(50, { queries: 40 }),
        tensor: () =>
          slices(
            SLICES.map(([kind, first, end, top, bottom]) => [kind, first, end, top + 10, bottom + 10]),
            40,
            10,
          ),
      },
    ],
  },
  "37-block-transformer#block_decoder": {
    visible: ({ q, k }, { scalar: { lanes = 4 } }) => k < (Math.floor(q / lanes) + 1) * lanes,
    calls: [{ sizes: square(30) }, { sizes: chunked, scalar: { lanes: 7 } }],
  },
  "37-block-transformer#token_decoder": {
    visible: ({ q, k }, { scalar: { size = 16 } }) => k <= q && k >= q - (q % size),
    calls: [{ sizes: square(40) }, { sizes: chunked, scalar: { size: 5 } }],
  },
  "38-local-text#long_t5_local": {
    visible: (at, inputs) => {
      const { radius = 127 } = inputs.scalar;
      const isNear = at.k >= at.q - radius && at.k <= at.q + radius;
      return isNear && of("segment", at.q, at, inputs) === of("segment", at.k, at, inputs);
    },
    scale: () => 1,
    calls: [
      { sizes: square(40), scalar: { radius: 6 }, tensor: () => ({ segment: documents(40, [9, 14, 3]) }) },
      { sizes: chunked, tensor: () => ({ segment: documents(45, [17, 9], 2) }) },
    ],
  },
  "38-local-text#overlapping_chunks": {
    visible: ({ q, k }, { scalar: { chunk = 40, overlap = 5 } }) => {
      const first = Math.floor(q / chunk) * chunk;
      return k >= first - overlap && k <= first + chunk - 1 + overlap;
    },
    calls: [{ sizes: square(130, { dim: 4 }) }, { sizes: chunked, scalar: { chunk: 7, overlap: 2 } }],
  },
  "39-source-image#masa_ctrl": {
    visible: ({ b, q, k }, { sizes, row0, tensor }) =>
      tensor.target![b * sizes.queries + q - row0] === tensor.source![b * sizes.keys + k],
    calls: [
      { sizes: square(36), tensor: (draw) => pictures(draw, 1, 36, 36) },
      {
        sizes: square(30, { queries: 20, batch: 2, heads: 4, kvHeads: 2 }),
        tensor: (draw) => pictures(draw, 2, 20, 30),
      },
      // Nothing of the source is foreground.
      { sizes: square(9), tensor: () => ({ target: fill([1, 9], (q) => q % 2), source: fill([1, 9], () => 0) }) },
    ],
  },
};

const withStarts = (doc: { shape: number[]; data: number[] }) => ({
  doc,
  start: {
    ...doc,
    data: doc.data.map((own, at) => {
      const tokens = doc.shape[1]!;
      const line = doc.data.slice(at - (at % tokens), at - (at % tokens) + tokens);
      return line.indexOf(own);
    }),
  },
});

function slices(list: readonly (readonly number[])[], queries: number, row0: number) {
  const ofQuery = (q: number) => list.find(([, , , top, bottom]) => q >= top! && q < bottom!)!;
  return { slice: fill([1, 5, queries], (at) => ofQuery((at % queries) + row0)[Math.floor(at / queries)]!) };
}

const pictures = (draw: () => number, batch: number, queries: number, keys: number) => ({
  target: fill([batch, queries], () => Number(draw() < 0.4)),
  source: fill([batch, keys], () => Number(draw() < 0.4)),
});
