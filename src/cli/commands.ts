// The commands as data: their words, options and examples. What a command does is in the module that `load` imports
// when it is used, so that `attnc --help` loads none of the compiler.

import type { Io } from "./io.ts";

/** Does the work and returns the exit status. `options` are the option's long names in camel case. */
export type Command = (io: Io, files: readonly string[], options: never) => Promise<0 | 1 | 2> | 0 | 1 | 2;

export type OptionRow = {
  readonly flags: string;
  readonly text: string;
  /** May stand several times; the values are collected. */
  readonly repeated?: true;
  readonly choices?: readonly string[];
};

export type CommandRow = {
  readonly name: string;
  /** As commander writes arguments: `<file>` one, `<files...>` one or more; empty: none. */
  readonly takes: string;
  readonly summary: string;
  readonly options: readonly OptionRow[];
  readonly examples: readonly string[];
  readonly load: () => Promise<{ readonly run: Command }>;
};

const SET: OptionRow = { flags: "--set <NAME=VALUE>", text: "value of a scalar parameter; repeatable", repeated: true };
const SHAPE: OptionRow = {
  flags: "--shape <K=V,...>",
  text: "extents: batch heads kv_heads queries keys dim value_dim query_start, and grid axes by name",
  repeated: true,
};
const IN: OptionRow = {
  flags: "--in <FILE>",
  text: "tensors: FILE.safetensors, NAME.npy or NAME=FILE.npy; repeatable",
  repeated: true,
};
const JSON_ANSWER: OptionRow = { flags: "--json", text: "a machine-readable answer" };
const TILE: OptionRow = {
  flags: "--tile <QxK>",
  text: "size of the blocks, such as 64x64 (default: the target's tile)",
};

export const COMMANDS: readonly CommandRow[] = [
  {
    name: "check",
    takes: "<files...>",
    summary: "find every problem in .attn files",
    options: [
      { flags: "--format <FORMAT>", text: "how problems are printed", choices: ["pretty", "json", "github"] },
      { flags: "--json", text: "the same as --format json" },
      { flags: "--set <NAME=VALUE>", text: "a value that its scalar parameter must take; repeatable", repeated: true },
      { flags: "--shape <K=V,...>", text: "extents that the attentions must take", repeated: true },
    ],
    examples: ["attnc check examples/*.attn", "attnc check packed.attn --format github"],
    load: () => import("./commands/check.ts"),
  },
  {
    name: "build",
    takes: "<files...>",
    summary: "write kernels, typed bindings and a manifest",
    options: [
      { flags: "--target <LIST>", text: "wasm, wgsl and cuda, separated by commas (default: all that take the dtype)" },
      { flags: "-o, --out <DIR>", text: "folder to write to (default: out)" },
      {
        flags: "--dtype <TYPE>",
        text: "what rows are made of (default: f32); f16 stores key and value as halves",
        choices: ["f32", "f16", "bf16"],
      },
      { flags: "--head-dim <N>", text: "elements of a query and key row (default: 64)" },
      { flags: "--value-dim <N>", text: "elements of a value row (default: the head dim)" },
      { flags: "--set <NAME=VALUE>", text: "value of a const parameter; repeatable", repeated: true },
      { flags: "--shape <K=V,...>", text: "dim and value_dim; a kernel serves all other extents", repeated: true },
      { flags: "--registers", text: "compile the kernels for CUDA with nvcc; the manifest says what they take" },
      { flags: "--json", text: "print the list of files as JSON" },
    ],
    examples: ["attnc build gemma2.attn --target wasm --head-dim 128 -o out"],
    load: () => import("./commands/build.ts"),
  },
  {
    name: "show",
    takes: "<file>",
    summary: "print any stage of the compiler, or the picture of a mask",
    options: [
      {
        flags: "--stage <STAGE>",
        text: "the stage to print",
        choices: ["tokens", "cst", "ast", "spec", "ir", "plan", "loop", "code"],
      },
      { flags: "--every-pass", text: "the expressions after every pass that changed them" },
      { flags: "--mask", text: "the mask as a picture" },
      { flags: "-o, --out <FILE>", text: "write the picture to FILE.svg or FILE.png" },
      { flags: "--head <N>", text: "the head that the picture shows (default: 0)" },
      { flags: "--head-dim <N>", text: "elements of a query and key row (default: 64)" },
      { flags: "--value-dim <N>", text: "elements of a value row (default: the head dim)" },
      { flags: "--target <TARGET>", text: "the target of plan, loop and code, and of the blocks (default: wasm)" },
      {
        flags: "--dtype <TYPE>",
        text: "what rows are made of in plan, loop and code (default: f32)",
        choices: ["f32", "f16", "bf16"],
      },
      TILE,
      SET,
      SHAPE,
      IN,
      JSON_ANSWER,
    ],
    examples: [
      "attnc show causal.attn#gpt --stage plan",
      "attnc show causal.attn#gpt --stage code --target wgsl",
      "attnc show causal.attn#gpt --mask --shape queries=48,keys=48 --tile 8x8",
      "attnc show natten.attn#natten --shape y=12,x=16 -o natten.svg",
    ],
    load: () => import("./commands/show.ts"),
  },
  {
    name: "mask",
    takes: "<file>",
    summary: "the dense mask, and what is known of its blocks",
    options: [
      SHAPE,
      SET,
      IN,
      { flags: "--target <TARGET>", text: "the target whose tile gives the blocks (default: wasm)" },
      TILE,
      JSON_ANSWER,
    ],
    examples: [
      "attnc mask window.attn --shape queries=24,keys=24 --json",
      "attnc mask packed.attn#packed --shape queries=64 --in doc=doc.npy --tile 16x16",
    ],
    load: () => import("./commands/mask.ts"),
  },
  {
    name: "run",
    takes: "<file>",
    summary: "run an attention on your tensors",
    options: [
      { flags: "--target <TARGET>", text: "where it runs: reference, wasm, wgsl or cuda (default: wasm)" },
      IN,
      { flags: "--out <FILE>", text: "write the results to FILE.safetensors, or `out` alone to FILE.npy" },
      {
        flags: "--out-dtype <TYPE>",
        text: "element type of `out` (default: the query's)",
        choices: ["f64", "f32", "f16", "bf16"],
      },
      SET,
      SHAPE,
      JSON_ANSWER,
    ],
    examples: [
      "attnc run causal.attn#gpt --target wasm --in qkv.safetensors --out out.safetensors",
      "attnc run causal.attn#gpt --target reference --in query=q.npy --in key=k.npy --in value=v.npy --out out.npy",
    ],
    load: () => import("./commands/run.ts"),
  },
  {
    name: "bench",
    takes: "<file>",
    summary: "measure an attention on made-up tensors",
    options: [
      SHAPE,
      SET,
      IN,
      {
        flags: "--targets <TARGETS>",
        text: "wasm,wasm-relaxed, or one of them (default: those that this engine runs)",
      },
      { flags: "--rounds <N>", text: "rounds in which all take their turns (default: 9)" },
      JSON_ANSWER,
    ],
    examples: [
      "attnc bench examples/01-causal.attn --shape heads=8,queries=2048",
      "attnc bench examples/02-grouped-query.attn --shape heads=8,kv_heads=2,queries=1,keys=4096",
    ],
    load: () => import("./commands/bench.ts"),
  },
  {
    name: "verify",
    takes: "<files...>",
    summary: "compare every level and target with the dense reference",
    options: [
      { flags: "--targets <LIST>", text: "targets to run, separated by commas (default: all)" },
      { flags: "--require <LIST>", text: "targets that must be there" },
      { flags: "--sweep <SWEEP>", text: "how many shapes", choices: ["quick", "full"] },
      { flags: "--seed <N>", text: "seed of the random inputs (default: 1)" },
      { flags: "--set <NAME=VALUE>", text: "value of a scalar parameter in every case; repeatable", repeated: true },
      { flags: "--shape <K=V,...>", text: "extents that every case has; the others are swept", repeated: true },
      { flags: "--dtype <TYPE>", text: "what rows are made of in every case (default: both)", choices: ["f32", "f16"] },
      JSON_ANSWER,
    ],
    examples: ["attnc verify examples/*.attn", "attnc verify gemma2.attn#gemma2_local --sweep full --seed 7"],
    load: () => import("./commands/verify.ts"),
  },
  {
    name: "explain",
    takes: "<topic>",
    summary: "the long form of a problem, or the plan of an attention in words",
    options: [
      SHAPE,
      SET,
      IN,
      { flags: "--head-dim <N>", text: "elements of a query and key row (default: 64)" },
      { flags: "--value-dim <N>", text: "elements of a value row (default: the head dim)" },
      { flags: "--certificate <FILE>", text: "write what is claimed of every tile, and by which terms, as JSON" },
      JSON_ANSWER,
    ],
    examples: [
      "attnc explain E0301",
      "attnc explain gemma2.attn#gemma2_local --shape queries=4096",
      "attnc explain streaming.attn --shape queries=2048 --certificate streaming.json",
    ],
    load: () => import("./commands/explain.ts"),
  },
  {
    name: "fuzz",
    takes: "",
    summary: "hold the compiler to its laws with random programs",
    options: [
      { flags: "--only <DOMAIN>", text: "the laws to try (default: all)", choices: ["blocks"] },
      { flags: "--targets <NAMES>", text: "whose kernels to try: wasm, wgsl, cuda (default: wasm)" },
      { flags: "--seconds <N>", text: "how long (default: 60, or until --programs are done)" },
      { flags: "--programs <N>", text: "how many programs" },
      { flags: "--seed <N>", text: "seed of the programs (default: another one each time)" },
      { flags: "--jobs <N>", text: "processes (default: 1)" },
      { flags: "--shard <i/n>", text: "every n-th program, from the i-th" },
      { flags: "-o, --out <DIR>", text: "where failures are written (default: attnc-regressions)" },
      JSON_ANSWER,
    ],
    examples: [
      "attnc fuzz --only blocks --seconds 60",
      "attnc fuzz --targets wgsl,cuda",
      "attnc fuzz --programs 100000 --jobs 2 --seed 1",
    ],
    load: () => import("./commands/fuzz.ts"),
  },
  {
    name: "fmt",
    takes: "<files...>",
    summary: "write files in the canonical form",
    options: [
      { flags: "--check", text: "write nothing; exit 1 where a file would change" },
      { flags: "--stdout", text: "print the result instead of writing it" },
      { flags: "--json", text: "print as JSON which files change" },
    ],
    examples: ["attnc fmt *.attn", "attnc fmt - < packed.attn"],
    load: () => import("./commands/fmt.ts"),
  },
  {
    name: "demo",
    takes: "",
    summary: "compile an example, run it, verify it and show its mask",
    options: [],
    examples: ["attnc demo"],
    load: () => import("./commands/demo.ts"),
  },
];
