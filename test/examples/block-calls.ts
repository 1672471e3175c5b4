// Calls of the examples that are long enough to have blocks of every kind: the lengths are no multiples of a tile, and
// in one call of each example there are fewer queries than keys. Parameters are chosen so that windows, prefixes and
// documents are a few tiles long.

import type { Case, Shape } from "../../src/spec/case.ts";
import type { Attention } from "../../src/spec/spec.ts";
import { makeTensor, zeros } from "../../src/tensors/elements.ts";

type BlockCall = {
  readonly shape: Partial<Shape> & { readonly queries: number; readonly keys: number };
  readonly scalar?: Readonly<Record<string, number>>;
  /** Elements of captured tensors by their indices, implicit axes included. */
  readonly tensor?: Readonly<Record<string, { readonly shape: readonly number[]; at(...index: number[]): number }>>;
};

const square = { queries: 650, keys: 650 };
const chunk = { queries: 210, keys: 650 };

/** The same call with as many queries as keys, and with fewer. */
const both = (call: Omit<BlockCall, "shape"> = {}): readonly BlockCall[] => [
  { shape: square, ...call },
  { shape: chunk, ...call },
];

const perHead = (name: string) => ({ [name]: { shape: [2], at: (h: number) => h } });
const heads = { heads: 2, kvHeads: 1 };
const withHeads = (calls: readonly BlockCall[], more: Partial<Shape> = heads): readonly BlockCall[] =>
  calls.map(({ shape, ...rest }) => ({ ...rest, shape: { ...shape, ...more } }));

/** Documents of very different lengths. */
const ENDS = [40, 41, 230, 260, 450, 650];
const documentOf = (token: number) => ENDS.findIndex((end) => token < end);

const DOC = { shape: [1, 650], at: (_: number, i: number) => documentOf(i) };

/** Keyed by `file#attention`. */
export const BLOCK_CALLS: Readonly<Record<string, readonly BlockCall[]>> = {
  "01-causal#gpt": both(),
  "02-grouped-query#llama3": both(),
  "03-sliding-window#mistral": both({ scalar: { window: 190 } }),
  "04-prefix-lm#t5_prefix": both({ scalar: { prefix: 200 } }),
  "04-prefix-lm#paligemma": withHeads(both({ tensor: { prefix: { shape: [2], at: (b) => 150 * b + 90 } } }), {
    batch: 2,
  }),
  "05-documents#packed": withHeads(
    both({
      tensor: { doc: { shape: [2, 650], at: (b, i) => documentOf((i + 90 * b) % 650) + (b > 0 && i >= 560 ? 9 : 0) } },
    }),
    { batch: 2 },
  ),
  "06-gemma2#gemma2_local": both({ scalar: { window: 190 } }),
  "06-gemma2#gemma2_global": both(),
  "07-attention-sinks#gpt_oss_window": withHeads(both({ scalar: { window: 128 }, tensor: perHead("sink") })),
  "07-attention-sinks#gpt_oss_full": withHeads(both({ tensor: perHead("sink") })),
  "08-alibi#bloom": both(),
  "08-alibi#mpt": withHeads(both({ tensor: perHead("slope") })),
  "09-longformer#longformer": both({
    scalar: { radius: 130 },
    tensor: { is_global: { shape: [1, 650], at: (_, i) => Number(i < 70 || i === 300 || (i > 400 && i < 420)) } },
  }),
  "10-dilated-window#dilated_heads": withHeads(both({ scalar: { window: 21 } }), { heads: 8, kvHeads: 8 }),
  "10-dilated-window#dilated_both_sides": both({ scalar: { reach: 150, dilation: 3 } }),
  "11-block-diffusion#bd3_lm": [
    { shape: { queries: 652, keys: 652 }, scalar: { size: 44 } },
    { shape: { queries: 652, keys: 652 }, scalar: { size: 100 } },
    { shape: { queries: 210, keys: 652 }, scalar: { size: 100 } },
  ],
  "12-neighborhood-2d#natten": [
    { shape: { queries: 644, keys: 644, axes: { y: 28, x: 23 } }, scalar: { window: 7 } },
    { shape: { queries: 644, keys: 644, axes: { y: 7, x: 92 } }, scalar: { window: 5 } },
    { shape: { queries: 210, keys: 644, axes: { y: 28, x: 23 } }, scalar: { window: 7 } },
    { shape: { queries: 644, keys: 644, axes: { y: 28, x: 23 } }, scalar: { window: 5, dilation: 3 } },
  ],
  "13-graph-bias#graphormer": [
    ...both().map(({ shape }) => ({
      shape: { ...shape, ...heads },
      tensor: {
        distance: {
          shape: [1, shape.queries, shape.keys],
          at: (_: number, q: number, k: number) =>
            documentOf(q + shape.keys - shape.queries) === documentOf(k) ? Math.abs(q - k) % 7 : -1,
        },
        bias: { shape: [2, 5], at: () => 0.5 },
      },
    })),
  ],
  "14-dropout#dropout": both(),
  "15-perturbed-guidance#soft_pag": both(),
  "16-relative-bias#t5_encoder": withHeads(both({ tensor: { table: { shape: [2, 9], at: () => 0.5 } } })),
  "17-cosine-attention#swin_v2": both().map(({ shape }) => ({
    shape: { ...shape, ...heads },
    tensor: { ...perHead("temperature"), bias: { shape: [2, shape.queries, shape.keys], at: () => 0.5 } },
  })),
  "18-video-neighborhood#video": [
    { shape: { queries: 640, keys: 640, axes: { t: 4, y: 8, x: 20 } }, scalar: { frames: 2, window: 5 } },
    { shape: { queries: 210, keys: 640, axes: { t: 4, y: 8, x: 20 } }, scalar: { frames: 2, window: 5 } },
    { shape: { queries: 630, keys: 630, axes: { t: 7, y: 6, x: 15 } }, scalar: { frames: 3, window: 3 } },
  ],
  "19-speculative-tree#draft_tree": [
    {
      shape: { queries: 8, keys: 650 },
      tensor: { tree: { shape: [8, 8], at: (i, j) => Number(j <= i && (3 * i + j) % 4 !== 1) } },
    },
    {
      shape: { queries: 100, keys: 650 },
      tensor: { tree: { shape: [8, 8], at: (i, j) => Number(j <= i) } },
    },
  ],
  "20-sigmoid-attention#sigmoid_attention": both(),
  "20-sigmoid-attention#relu_attention": both(),
  "21-streaming#streaming": both({ scalar: { initial: 70, window: 150 } }),
  "22-frame-causal#tc_llava": both({
    tensor: {
      frame: { shape: [1, 650], at: (_, i) => (i < 90 || i > 600 ? -1 : Math.floor((i - 90) / 150)) },
    },
  }),
  "23-concentric#concentric": both({ scalar: { first: 40, side: 24 } }),
  "24-suffix-dropout#dpad": both({
    scalar: { end: 300 },
    tensor: { stays: { shape: [300], at: (i) => (i < 40 ? 1 : i < 80 ? 0.4 : 0) } },
  }),
  "25-token-masking#siblings_masking": both({
    tensor: { kept: { shape: [1, 650], at: (_, i) => Number(i < 300 || i > 520) } },
  }),
  "25-token-masking#self_masking": both({
    tensor: { kept: { shape: [1, 650], at: (_, i) => Number(i < 300 || i > 520) } },
  }),
  "26-gist#gist": withHeads(
    both({
      tensor: { first: { shape: [2], at: (b) => 200 + 90 * b }, last: { shape: [2], at: (b) => 209 + 100 * b } },
    }),
    { batch: 2 },
  ),
  // Causal documents, as columns.
  "27-flashmask#flashmask": both({
    tensor: {
      lower_start: { shape: [1, 650], at: (_, i) => ENDS[documentOf(i)]! },
      lower_end: { shape: [1, 650], at: () => 650 },
      upper_start: { shape: [1, 650], at: () => 0 },
      upper_end: { shape: [1, 650], at: (_, i) => i },
    },
  }),
  "28-block-top-k#block_top_k": both({}),
  "29-block-coverage#block_coverage": both({}),
  "30-tiled-neighborhood#tiled_natten": [
    { shape: { queries: 644, keys: 644, axes: { y: 28, x: 23 } }, scalar: { window: 7 } },
  ],
  "31-residue-order#dilated_by_residue": both({ scalar: { window: 21 } }),
  "32-mra#mra_2_s": both(),
  "33-dhsa#dhsa": both({ tensor: { bounds: { shape: [1, 6], at: (_, c) => [0, ...ENDS][c]! } } }),
  "34-statistics#heavy_hitters": both(),
  "34-statistics#snap_kv": both(),
  "34-statistics#spread": both(),
  "35-long-context#share_question": both({ tensor: { doc: DOC } }),
  "35-long-context#causal_blockwise": both({ tensor: { doc: DOC } }),
  "35-long-context#prefix_lm_document": both({
    scalar: { prefix: 130 },
    tensor: {
      doc: DOC,
      start: { shape: [1, 650], at: (_, i) => (documentOf(i) === 0 ? 0 : ENDS[documentOf(i) - 1]!) },
    },
  }),
  "35-long-context#block_causal_document": both({ scalar: { size: 130 }, tensor: { doc: DOC } }),
  "35-long-context#global_sliding_window": both({ scalar: { window: 70 } }),
  // A run of queries each, every kind of corner.
  "36-slices#slices": both().map(({ shape }) => {
    const [first, rows] = [shape.keys - shape.queries, shape.queries / 4];
    const ends = [0, 1, 2, 3, 4].map((at) => first + Math.floor(at * rows));
    const sliceOf = (i: number) => ends.findLastIndex((end) => first + i >= end);
    const numbers = [[0, 1, 2, 3], [0, 100, 200, 150], [300, 500, 640, 650], ends.slice(0, 4), ends.slice(1)];
    return {
      shape,
      tensor: {
        slice: {
          shape: [1, 5, shape.queries],
          at: (_: number, place: number, i: number) => numbers[place]![sliceOf(i)]!,
        },
      },
    };
  }),
  "37-block-transformer#block_decoder": both({ scalar: { lanes: 90 } }),
  "37-block-transformer#token_decoder": both({ scalar: { size: 150 } }),
  "38-local-text#long_t5_local": both({ scalar: { radius: 190 }, tensor: { segment: DOC } }),
  "38-local-text#overlapping_chunks": both({ scalar: { chunk: 150, overlap: 40 } }),
  "40-biformer#bi_level_routing": both(),
  "41-video-energy#adaptive_blocks": both({
    tensor: Object.fromEntries(
      ["sampled_queries", "sampled_keys"].map((name) => [
        name,
        { shape: [1, 64], at: (_: number, offset: number) => Number(offset % 5 === 0) },
      ]),
    ),
  }),
  "42-pbs#pbs_attn": both(),
  "43-packed-prefixes#batched": both({ scalar: { size: 200, prefix: 70 } }),
  "43-packed-prefixes#shared_prefix": both({
    tensor: { doc: DOC, prefix: { shape: [1, 6], at: (_, document) => [-1, 0, -1, 2, 2, -1][document]! } },
  }),
  "44-two-sequences#flamingo": [
    {
      shape: { queries: 300, keys: 640 },
      tensor: {
        first: { shape: [1, 10], at: (_, image) => 30 * image },
        // Nobody sees every third one.
        end: { shape: [1, 10], at: (_, image) => (image % 3 === 0 ? 0 : 30 * image + (image % 3) * 70) },
      },
    },
  ],
  "44-two-sequences#block_drafts": [
    { shape: { queries: 400, keys: 650 }, scalar: { prefix: 250, size: 150 } },
    { shape: { queries: 500, keys: 650 }, scalar: { prefix: 150, size: 20 } },
  ],
  "45-sliding-tiles#sliding_tiles": [
    { shape: { queries: 640, keys: 640, axes: { y: 40, x: 16 } }, scalar: { window: 3 } },
    { shape: { queries: 640, keys: 640, axes: { y: 8, x: 80 } }, scalar: { window: 1 } },
  ],
  "45-sliding-tiles#sliding_tiles_and_text": [
    { shape: { queries: 660, keys: 660, axes: { t: 8, y: 8, x: 8 } }, scalar: { window: 1 } },
  ],
  "46-sparse-videogen#spatial_head": both({ scalar: { prompt: 70, frame: 100, width: 130 } }),
  "46-sparse-videogen#temporal_head": both({ scalar: { prompt: 70, frame: 290, frames: 2, width: 60 } }),
  "47-video-top-k#video_top_k": [{ shape: { queries: 640, keys: 640, axes: { t: 4, y: 8, x: 20 } } }],
  "48-neighborhood-orders#natten_by_morton": [
    { shape: { queries: 644, keys: 644, axes: { y: 28, x: 23 } }, scalar: { window: 7 } },
  ],
  "48-neighborhood-orders#natten_3d_by_tiles": [
    { shape: { queries: 640, keys: 640, axes: { t: 4, y: 8, x: 20 } }, scalar: { frames: 2, window: 5 } },
  ],
  "48-neighborhood-orders#natten_3d_by_morton": [
    { shape: { queries: 640, keys: 640, axes: { t: 4, y: 8, x: 20 } }, scalar: { window: 3 } },
  ],
  "49-score-terms#sandwich": both({ tensor: { table: { shape: [9], at: () => 0.5 } } }),
  "49-score-terms#graphormer_edges": [
    {
      shape: { queries: 70, keys: 100 },
      tensor: {
        kind: { shape: [1, 70, 100, 3], at: () => 0 },
        bias: { shape: [1, 3, 2], at: () => 0.5 },
        edges: { shape: [1, 70, 100], at: () => 2 },
      },
    },
  ],
  "49-score-terms#latent": both(),
  "50-block-pools#pooled_gate": both(),
  "39-source-image#masa_ctrl": both().map(({ shape }) => ({
    shape,
    tensor: {
      target: { shape: [1, shape.queries], at: (_: number, i: number) => Number(i > 60 && i < 160) },
      source: { shape: [1, shape.keys], at: (_: number, i: number) => Number(i > 200 && i < 420) },
    },
  })),
};

/** The call of an attention, without rows of numbers, and so without the blocks that these choose. Tokens are stored in their own
 *  order: blocks are those of positions. */
export function blockCase(
  { sparsities: _, permutation: __, ...attention }: Attention,
  { shape, scalar = {}, tensor = {} }: BlockCall,
): Case {
  const nothing = zeros("f32", [0]);
  const whole: Shape = { batch: 1, heads: 1, kvHeads: 1, dim: 4, valueDim: 4, axes: {}, ...shape };
  const params = attention.params.map(({ name, default: preset }) => [name, scalar[name] ?? preset!] as const);
  const tensors = attention.tensors.map(({ name, element }) => {
    const { shape: extents, at } = tensor[name]!;
    return [name, makeTensor(element, extents, elements(extents, at))] as const;
  });
  return {
    attention,
    shape: whole,
    params: Object.fromEntries(params),
    tensors: Object.fromEntries(tensors),
    ...{ query: nothing, key: nothing, value: nothing },
  };
}

function elements(extents: readonly number[], at: (...index: number[]) => number): number[] {
  const count = extents.reduce((product, extent) => product * extent, 1);
  return Array.from({ length: count }, (_, flat) => {
    let rest = flat;
    const index = extents.map((_, axis) => {
      const inner = extents.slice(axis + 1).reduce((product, extent) => product * extent, 1);
      const place = Math.floor(rest / inner);
      rest %= inner;
      return place;
    });
    return at(...index);
  });
}
