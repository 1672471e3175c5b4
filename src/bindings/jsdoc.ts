// The words of a typed module: the author's `///` lines together with what the compiler knows, such as shapes, units,
// promises, defaults and the line of the declaration. Text only; `emit.ts` and `call-types.ts` put it in its place.

import type { Param, Range } from "../spec/spec.ts";
import type { Axis, Signature, TensorProperty } from "./signatures.ts";

/** Where an attention was declared: the name of its file without folders, and a one-based line. */
export type Origin = { readonly file: string; readonly line: number };

/** What is the same in every module. */
export const WORDS = {
  call: "What one call takes. Everything is checked before the kernel runs.",
  tensors: "Captured tensors, contiguous and row-major.",
  params: "Run-time parameters.",
  axes: "Extents of the grid axes.",
  keyLengths: "Keys that are alive, one number per batch; later keys are never seen. Default: all.",
  queryStart:
    "Position of query row 0, one for all batches or one per batch. Default: as the attention aligns its rows.",
  layout:
    'Axes of query, key, value and out: "bhnd" is [batch, heads, rows, dim], "bnhd" is [batch, rows, heads, dim].',
  result: "What one call gives. The arrays are copies: later calls do not change them.",
  named: "Statistics of the attention's map, under the names that it gives them.",
  run: [
    "Runs one call.",
    "@throws AttentionInputError, with a code from E0701 to E0711 and the name of the input that is to blame. A refused",
    "call runs nothing.",
  ].join("\n"),
  onThreads: "The attention on threads of its own. It gives what it gives on one, bit for bit.",
  runOnThreads: [
    "Runs one call, after those that were made before it; small ones on the thread of the caller. What it reads must stay as",
    "it is until the call is done.",
    "@throws AttentionInputError, in the promise, as on one thread, and E0715 where a worker fails; the next call runs all",
    "the same.",
  ].join("\n"),
  allocate: [
    "Makes a tensor in the kernel's memory, of f32 if nothing else is said, zeros at first. Calls read it where it lies",
    "instead of copying it in, which is what a KV cache wants. Take its `data` anew for every use: where the memory has grown, an older array is empty.",
    "@throws AttentionInputError E0704, E0709 or E0711",
  ].join("\n"),
  dispose: "Lets go of the kernel's memory. Later calls throw E0711.",
  description: "What the runtime must know about the kernel.",
} as const;

/** What is the same in every module for WebGPU. */
export const WEBGPU_WORDS = {
  call: [
    "What one call on buffers takes. Query, key, value and out are views: an offset and strides in elements, in a buffer with",
    "the usage STORAGE. What is written lies in no buffer that is read.",
  ].join("\n"),
  tensors:
    "Captured tensors, contiguous and row-major. Their promises are the caller's word: no buffer is looked into.",
  named: "Written: statistics of the attention's map, contiguous and row-major.",
  device: "The device that the kernel was loaded on.",
  run: [
    "Runs one call on typed arrays, which are copied to the device and back.",
    "@throws AttentionInputError, in the promise, with a code from E0701 to E0710, E0717 or E0718 and the name of the input",
    "that is to blame. A refused call runs nothing and leaves the device as it was.",
  ].join("\n"),
  encode: [
    "Puts one call into a compute pass of the caller; nothing is submitted. Destroy what it gives once the pass was submitted.",
    "@throws AttentionInputError, before anything is encoded, with a code from E0701 to E0709, E0717 or E0718 and the name of",
    "the input that is to blame. Errors that only the device can see, such as a buffer of another device, reject `accepted`.",
  ].join("\n"),
  requiredFeatures:
    "What a device must have been asked for: `adapter.requestDevice({ requiredFeatures, requiredLimits })`.",
  requiredLimits:
    "Limits that a device must have been asked for. Those of every device are enough where they are no higher.",
  bindGroupLayouts:
    "What each step binds in group 0, in the order of `description.steps`: storage first, the uniform last.",
  functions: "The mask and the score by themselves, as functions of WGSL, for kernels of one's own.",
  shaders: "The texts of the steps, by file. Each is complete in itself.",
  load: [
    // No reference to @webgpu/types: beside the DOM library of TypeScript 7, which has them, it would declare them twice.
    "Makes the kernel's pipelines on a device of the caller, which compiles each shader once.",
    "@throws AttentionInputError E0716 where the device lacks what the kernel needs, or refuses a shader",
  ].join("\n"),
} as const;

/** The attention itself: its own documentation, what was fixed when it was compiled, where it stands. */
export function describeAttention(signature: Signature, origin: Origin): string {
  const fixed = signature.constants.map(({ name, value }) => `${name} = ${value}`).join(", ");
  return paragraphs(
    signature.documentation || `The attention \`${signature.name}\`.`,
    fixed && `Fixed when it was compiled: ${fixed}.`,
    `Declared in ${origin.file}, line ${origin.line}.`,
  );
}

export function describeLoad(name: string): string {
  return [
    `Loads the kernel from \`${name}.relaxed.wasm\` or \`${name}.wasm\` beside this module, whichever the engine accepts.`,
    "@param modules the bytes, where the caller has them already",
    "@throws AttentionInputError E0712 where the engine has no WebAssembly SIMD",
  ].join("\n");
}

export function describeLoadOnThreads(name: string): string {
  return [
    `Loads \`${name}.relaxed.threads.wasm\` or \`${name}.threads.wasm\`, and as many workers as threads are wanted. They keep no`,
    "process alive, and end when the kernel is disposed of. A page must be cross-origin isolated.",
    "@param threads as many as cores are free, at most one for each KV head or tile of query rows",
    "@param modules the bytes, where the caller has them already",
    "@throws AttentionInputError E0705 where `threads` is no number of threads, E0712 where the engine lacks SIMD or threads,",
    "E0714 where the page may not share memory, E0715 where a worker does not start",
  ].join("\n");
}

/** What a tensor holds, then its element type, shape and contracts. */
export function describeTensor(tensor: TensorProperty): string {
  const contracts = [rangeText(tensor.range), tensor.sorted ? "non-decreasing along the last axis" : ""];
  const facts = [`${tensor.element} ${shapeText(tensor.axes)}`, ...contracts].filter(Boolean).join(", ");
  return withFacts(tensor.documentation, facts);
}

export function describeScalar(param: Param): string {
  const fallback = param.default === undefined ? "" : `default ${param.default}`;
  const facts = [param.type, rangeText(param.range), fallback].filter(Boolean).join(", ");
  return withFacts(param.documentation ?? "", facts);
}

/** What fits on a line stays on one. */
function withFacts(documentation: string, facts: string): string {
  const parts = [documentation, `${facts}.`];
  return documentation.includes("\n") ? paragraphs(...parts) : paragraphs(parts.join(" "));
}

/** `[batch, heads, queries, 64]`. */
function shapeText(axes: readonly Axis[]): string {
  return `[${axes.map(({ label, extent }) => extent ?? label).join(", ")}]`;
}

/** `1 or more`, `at most 8`, `0 to 1`; empty where nothing is promised. */
function rangeText({ low, high }: Range): string {
  if (low !== undefined && high !== undefined) return `${low} to ${high}`;
  if (low !== undefined) return `${low} or more`;
  return high === undefined ? "" : `at most ${high}`;
}

/** The paragraphs that say something, with an empty line between them, and nothing that would end the comment. */
function paragraphs(...texts: readonly string[]): string {
  return texts
    .map((text) => text.trim())
    .filter(Boolean)
    .join("\n\n")
    .replaceAll("*/", "*\\/");
}
