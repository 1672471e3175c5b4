// The pictures of examples/README.md: for every attention a call that is small enough to be looked at and large enough
// to show its pattern, and the SVG of its mask with what the compiler proves of every block. The same tree draws the
// same bytes, so a test can ask whether the committed pictures are fresh.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { blockClasses } from "../../src/execute/block-classes.ts";
import { check } from "../../src/index.ts";
import { density, type MaskPicture } from "../../src/picture/mask-picture.ts";
import { drawAsSvg } from "../../src/picture/svg.ts";
import { maskOf } from "../../src/reference/mask.ts";
import { surroundingsOf } from "../../src/reference/surroundings.ts";
import type { Case, Shape } from "../../src/spec/case.ts";
import type { Attention } from "../../src/spec/spec.ts";
import { makeTensor, zeros } from "../../src/tensors/elements.ts";
import type { Tensor } from "../../src/tensors/tensor.ts";

export const EXAMPLES = new URL("../../examples/", import.meta.url).pathname;

export type Drawing = {
  /** `file#attention`, as on the command line. */
  readonly name: string;
  /** Relative to examples/. */
  readonly path: string;
  readonly svg: string;
  /** Share of the pairs that are visible, in percent, as captions say it. */
  readonly density: string;
};

type Setting = Partial<Omit<Shape, "queries" | "keys">> & {
  readonly keys: number;
  /** Default: as many as keys. */
  readonly queries?: number;
  /** The head that is shown. */
  readonly head?: number;
  readonly params?: Readonly<Record<string, number>>;
  readonly tensors?: Readonly<Record<string, Tensor>>;
};

const row = (dtype: "i32" | "bool", values: readonly number[]) => makeTensor(dtype, [1, values.length], values);
const repeat = (counts: readonly number[]) => counts.flatMap((count, index) => Array<number>(count).fill(index));

/** Parents of eight draft tokens; token 0 is the root. */
const PARENTS = [-1, 0, 0, 1, 1, 2, 4, 4];

/** Whether token i has token j among its ancestors, or is it. */
function isAncestor(i: number, j: number): boolean {
  return i === j || (i > 0 && isAncestor(PARENTS[i]!, j));
}

/** Three graphs in one sequence, a ring of 20 nodes, a star of 12, a chain of 16: distances within, −1 between them. */
function distances(): Tensor {
  const sizes = [20, 12, 16];
  const graph = repeat(sizes);
  const first = [0, 20, 32];
  const within = [
    (i: number, j: number) => Math.min(Math.abs(i - j), 20 - Math.abs(i - j)),
    (i: number, j: number) => (i === j ? 0 : i === 0 || j === 0 ? 1 : 2),
    (i: number, j: number) => Math.abs(i - j),
  ];
  const steps = (i: number, j: number) => {
    const at = graph[i]!;
    return graph[j] === at ? within[at]!(i - first[at]!, j - first[at]!) : -1;
  };
  const nodes = graph.length;
  return makeTensor(
    "i32",
    [1, nodes, nodes],
    Array.from({ length: nodes ** 2 }, (_, index) => steps(Math.floor(index / nodes), index % nodes)),
  );
}

/** Most tokens of a sequence of 48 are kept. */
const KEPT = Array.from({ length: 48 }, (_, token) => Number((token * 7) % 11 !== 3));

/** Columns of a question and its answers, which see the question and themselves: lengths in their order. */
function sharedQuestion(lengths: readonly number[]): Readonly<Record<string, Tensor>> {
  const tokens = lengths.reduce((sum, length) => sum + length, 0);
  const part = repeat(lengths);
  const endOf = (k: number) => (part[k] === 0 ? tokens : part.lastIndexOf(part[k]!) + 1);
  const column = (end: (k: number) => number) =>
    row(
      "i32",
      part.map((_, k) => end(k)),
    );
  return {
    lower_start: column(endOf),
    lower_end: column(() => tokens),
    upper_start: column(() => 0),
    upper_end: column((k) => k),
  };
}

/** Packed documents, and where that of a number begins. */
const LENGTHS = [14, 10, 24, 16];
const startOf = (document: number) => LENGTHS.slice(0, document).reduce((sum, length) => sum + length, 0);

/** A picture of 8 × 8 tokens with a square of foreground. */
const range64 = (element: (token: number) => number) => Array.from({ length: 64 }, (_, token) => element(token));
const isInside = (token: number, first: number, side: number) =>
  Number([token >> 3, token & 7].every((place) => place >= first && place < first + side));

/** In reading order. Keyed by `file#attention`, without the ending. */
const SETTINGS: Readonly<Record<string, Setting>> = {
  "01-causal#gpt": { keys: 48 },
  "02-grouped-query#llama3": { queries: 24, keys: 64 },
  "03-sliding-window#mistral": { keys: 64, params: { window: 20 } },
  "04-prefix-lm#t5_prefix": { keys: 56, params: { prefix: 20 } },
  "04-prefix-lm#paligemma": { keys: 56, tensors: { prefix: makeTensor("i32", [1], [32]) } },
  "05-documents#packed": { keys: 64, tensors: { doc: row("i32", repeat([14, 3, 26, 21])) } },
  "06-gemma2#gemma2_local": { keys: 48, params: { window: 16 } },
  "06-gemma2#gemma2_global": { keys: 48 },
  "07-attention-sinks#gpt_oss_window": { keys: 64, params: { window: 12 } },
  "07-attention-sinks#gpt_oss_full": { keys: 48 },
  "08-alibi#bloom": { keys: 48 },
  "08-alibi#mpt": { queries: 8, keys: 64 },
  "09-longformer#longformer": {
    keys: 64,
    params: { radius: 5 },
    tensors: {
      is_global: row(
        "bool",
        Array.from({ length: 64 }, (_, token) => Number([0, 1, 34].includes(token))),
      ),
    },
  },
  "10-dilated-window#dilated_heads": { keys: 64, heads: 4, kvHeads: 4, head: 2, params: { window: 8 } },
  "10-dilated-window#dilated_both_sides": { keys: 64, params: { reach: 20 } },
  "11-block-diffusion#bd3_lm": { keys: 64, params: { size: 8 } },
  "12-neighborhood-2d#natten": { keys: 80, axes: { y: 8, x: 10 }, params: { window: 5 } },
  "13-graph-bias#graphormer": { keys: 48, tensors: { distance: distances() } },
  "14-dropout#dropout": { keys: 48 },
  "15-perturbed-guidance#soft_pag": { keys: 48 },
  "16-relative-bias#t5_encoder": { keys: 48 },
  "17-cosine-attention#swin_v2": { keys: 49 },
  "18-video-neighborhood#video": { keys: 96, axes: { t: 4, y: 4, x: 6 }, params: { frames: 2, window: 3 } },
  "19-speculative-tree#draft_tree": {
    queries: 8,
    keys: 40,
    tensors: {
      tree: makeTensor(
        "bool",
        [8, 8],
        Array.from({ length: 64 }, (_, at) => Number(isAncestor(at >> 3, at & 7))),
      ),
    },
  },
  "20-sigmoid-attention#sigmoid_attention": { keys: 48 },
  "20-sigmoid-attention#relu_attention": { keys: 48 },
  "21-streaming#streaming": { keys: 64, params: { initial: 4, window: 16 } },
  "22-frame-causal#tc_llava": {
    keys: 64,
    tensors: { frame: row("i32", [...repeat([8]).fill(-1), ...repeat([16, 16, 16]), ...repeat([8]).fill(-1)]) },
  },
  "23-concentric#concentric": { keys: 80, params: { first: 8, side: 8 } },
  "24-suffix-dropout#dpad": {
    queries: 64,
    keys: 64,
    params: { end: 24 },
    tensors: {
      stays: makeTensor(
        "f32",
        [32],
        Array.from({ length: 32 }, (_, i) => 0.8 * Math.exp(-(i * i) / 128)),
      ),
    },
  },
  "25-token-masking#siblings_masking": { keys: 48, tensors: { kept: row("bool", KEPT) } },
  "25-token-masking#self_masking": { keys: 48, tensors: { kept: row("bool", KEPT) } },
  "26-gist#gist": {
    keys: 56,
    tensors: { first: makeTensor("i32", [1], [24]), last: makeTensor("i32", [1], [27]) },
  },
  "27-flashmask#flashmask": { keys: 64, tensors: sharedQuestion([16, 12, 20, 16]) },
  // The mask alone: what is chosen inside of it depends on the data.
  "28-block-top-k#block_top_k": { keys: 64 },
  "29-block-coverage#block_coverage": { keys: 64 },
  "30-tiled-neighborhood#tiled_natten": { keys: 256, axes: { y: 16, x: 16 }, params: { window: 5 } },
  "31-residue-order#dilated_by_residue": { keys: 64, params: { window: 5 } },
  "32-mra#mra_2_s": { keys: 64 },
  "33-dhsa#dhsa": { keys: 64, tensors: { bounds: row("i32", [0, 9, 20, 41]) } },
  "34-statistics#heavy_hitters": { keys: 64 },
  "34-statistics#snap_kv": { keys: 64 },
  "34-statistics#spread": { keys: 64 },
  "35-long-context#share_question": { keys: 64, tensors: { doc: row("i32", repeat(LENGTHS)) } },
  "35-long-context#causal_blockwise": { keys: 64, tensors: { doc: row("i32", repeat(LENGTHS)) } },
  "35-long-context#prefix_lm_document": {
    keys: 64,
    params: { prefix: 5 },
    tensors: { doc: row("i32", repeat(LENGTHS)), start: row("i32", repeat(LENGTHS).map(startOf)) },
  },
  "35-long-context#block_causal_document": {
    keys: 64,
    params: { size: 8 },
    tensors: { doc: row("i32", repeat(LENGTHS)) },
  },
  "35-long-context#global_sliding_window": { keys: 64, params: { window: 5 } },
  "36-slices#slices": {
    keys: 64,
    tensors: {
      slice: makeTensor(
        "i32",
        [1, 5, 64],
        [
          [0, 1, 2, 3],
          [0, 8, 24, 20],
          [20, 32, 56, 64],
          [0, 16, 32, 48],
          [16, 32, 48, 64],
        ].flatMap((line) => line.flatMap((value) => Array<number>(16).fill(value))),
      ),
    },
  },
  "37-block-transformer#block_decoder": { keys: 48 },
  "37-block-transformer#token_decoder": { keys: 64 },
  "38-local-text#long_t5_local": {
    keys: 64,
    params: { radius: 9 },
    tensors: { segment: row("i32", repeat([30, 34])) },
  },
  "38-local-text#overlapping_chunks": { keys: 64, params: { chunk: 16, overlap: 4 } },
  "40-biformer#bi_level_routing": { keys: 64 },
  "41-video-energy#adaptive_blocks": { keys: 64 },
  "42-pbs#pbs_attn": { keys: 64 },
  "43-packed-prefixes#batched": { keys: 64, params: { size: 24, prefix: 5 } },
  "43-packed-prefixes#shared_prefix": {
    keys: 64,
    tensors: { doc: row("i32", repeat(LENGTHS)), prefix: row("i32", [-1, 0, -1, 2]) },
  },
  "44-two-sequences#flamingo": {
    queries: 48,
    keys: 192,
    tensors: { first: row("i32", [3, 17, 29]), end: row("i32", [17, 29, 48]) },
  },
  "44-two-sequences#block_drafts": { queries: 40, keys: 64, params: { prefix: 24 } },
  "45-sliding-tiles#sliding_tiles": { keys: 256, axes: { y: 8, x: 32 }, params: { window: 2 } },
  "45-sliding-tiles#sliding_tiles_and_text": { keys: 208, axes: { t: 4, y: 4, x: 12 }, params: { window: 1 } },
  "46-sparse-videogen#spatial_head": { keys: 1024, params: { prompt: 64, frame: 192 } },
  "46-sparse-videogen#temporal_head": { keys: 192, params: { prompt: 16, frame: 44, frames: 4, width: 36 } },
  "47-video-top-k#video_top_k": { keys: 64, axes: { t: 4, y: 4, x: 4 } },
  "48-neighborhood-orders#natten_by_morton": { keys: 256, axes: { y: 16, x: 16 }, params: { window: 5 } },
  "48-neighborhood-orders#natten_3d_by_tiles": {
    keys: 128,
    axes: { t: 4, y: 4, x: 8 },
    params: { frames: 2, window: 3 },
  },
  "48-neighborhood-orders#natten_3d_by_morton": { keys: 128, axes: { t: 4, y: 4, x: 8 }, params: { window: 3 } },
  "49-score-terms#sandwich": { keys: 48, tensors: { table: makeTensor("f32", [95], Array<number>(95).fill(0)) } },
  "49-score-terms#graphormer_edges": {
    keys: 48,
    tensors: {
      kind: makeTensor("i32", [1, 48, 48, 3], Array<number>(3 * 48 * 48).fill(0)),
      bias: makeTensor("f32", [1, 3, 2], Array<number>(6).fill(0)),
      edges: makeTensor("i32", [1, 48, 48], Array<number>(48 * 48).fill(0)),
    },
  },
  "49-score-terms#latent": { keys: 48 },
  "50-block-pools#pooled_gate": { keys: 64 },
  "39-source-image#masa_ctrl": {
    keys: 64,
    tensors: {
      target: row(
        "bool",
        range64((token) => isInside(token, 3, 5)),
      ),
      source: row(
        "bool",
        range64((token) => isInside(token, 1, 4)),
      ),
    },
  },
};

/** One picture for each attention of each example, in reading order. Throws for an example without a setting. */
export function drawExamples(): readonly Drawing[] {
  const files = readdirSync(EXAMPLES).filter((name) => name.endsWith(".attn"));
  return files.sort().flatMap((file) => {
    const text = readFileSync(join(EXAMPLES, file), "utf8");
    const stem = file.replace(/\.attn$/, "");
    return check({ path: file, text }).attentions.map((attention) => draw(stem, attention));
  });
}

function draw(stem: string, attention: Attention): Drawing {
  const name = attention.name.text;
  const setting = SETTINGS[`${stem}#${name}`];
  if (!setting) throw new Error(`${stem}#${name} needs a row in test/examples/pictures.ts`);
  const picture = pictureOf(attention, setting);
  return {
    name: `${stem}.attn#${name}`,
    path: `pictures/${stem}-${name}.svg`,
    svg: drawAsSvg(picture),
    density: `${(100 * density(picture)).toFixed(1)} %`,
  };
}

function pictureOf(attention: Attention, setting: Setting): MaskPicture {
  const { keys, queries = keys, heads = 1, kvHeads = 1, axes = {}, head = 0, params = {}, tensors = {} } = setting;
  const nothing = zeros("f32", [0]);
  const defaults = attention.params.map(({ name, default: value }) => [name, params[name] ?? value!] as const);
  const call: Case = {
    attention,
    shape: { batch: 1, heads, kvHeads, queries, keys, dim: 64, valueDim: 64, axes },
    params: Object.fromEntries(defaults),
    tensors,
    query: nothing,
    key: nothing,
    value: nothing,
  };
  const matrix = maskOf(call).matrix(0, head);
  const tile = queries <= 24 ? { queries: 4, keys: 4 } : { queries: 8, keys: 8 };
  return {
    title: attention.name.text + (heads > 1 ? ` (head ${head})` : ""),
    firstQuery: surroundingsOf(call).queryStart(0),
    keys,
    visible: Array.from({ length: queries }, (_, i) => matrix.subarray(i * keys, (i + 1) * keys).join("")),
    blocks: { tile, classes: blockClasses(call, tile).rows(0, head) },
  };
}
