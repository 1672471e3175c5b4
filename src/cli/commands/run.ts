// `attnc run`: one attention on the caller's tensors. All promises are checked before anything runs; the results keep
// the query's element type.

import { extname } from "node:path";
import type { Case, Result } from "../../spec/case.ts";
import { floats, makeTensor } from "../../tensors/elements.ts";
import type { DType, Tensor } from "../../tensors/tensor.ts";
import { completeParams, readParams, splitAssignments } from "../assignments.ts";
import { callOf, type NamedTensors, unusedTensors } from "../call.ts";
import type { CallOptions } from "../calls.ts";
import { failure, wrongUsage } from "../command-error.ts";
import { demandCompiles } from "../compiles.ts";
import { type Io, note } from "../io.ts";
import { loadSound } from "../load.ts";
import { checkTarget, runCall } from "../run-call.ts";
import { readSelector, selectOne } from "../selection.ts";
import { readShape } from "../shapes.ts";
import { checkOutput, readTensors, writeTensors } from "../tensor-files.ts";
import { targetNamed } from "../tiles.ts";

type Options = CallOptions & {
  readonly target?: string;
  readonly out?: string;
  readonly outDtype?: DType;
  readonly json?: true;
};

export async function run(io: Io, files: readonly string[], options: Options): Promise<0> {
  const { target = "wasm", out } = options;
  checkTarget(target);
  if (out !== undefined) checkOutput(out);
  const selector = readSelector(files[0]!);
  const loaded = loadSound(io, selector.path);
  const attention = selectOne(loaded.attentions, selector);
  const params = completeParams(attention, readParams(attention, splitAssignments("--set", options.set ?? [])));
  const given = readShape(attention, splitAssignments("--shape", options.shape ?? []));
  const tensors = readTensors(options.in ?? []);
  for (const text of unusedTensors(attention, tensors)) note(io, text);
  const call = callOf(attention, params, given, tensors);
  const dtype = outDtype(tensors, options);
  checkDtypes(tensors, target);
  demandCompiles(io, call, target, loaded);
  const started = performance.now();
  const { result, place } = await runCall(call, target);
  const seconds = (performance.now() - started) / 1000;
  const results = resultTensors(call, result, dtype);
  if (out !== undefined) writeTensors(out, results);
  const where = place === undefined ? target : `${target}, ${place},`;
  printSummary(io, results, { target, where, seconds, ...(out !== undefined && { out }) }, options.json === true);
  return 0;
}

function outDtype(tensors: NamedTensors, { outDtype: wanted, target = "wasm", out }: Options): DType {
  const dtype = wanted ?? tensors.get("query")!.dtype;
  if (dtype === "f64" && target !== "reference") {
    throw wrongUsage(`--out-dtype f64 is for --target reference; \`${target}\` computes in f32`);
  }
  if (dtype === "bf16" && out !== undefined && extname(out) === ".npy") {
    throw wrongUsage(".npy has no bf16", "write a .safetensors file, or give --out-dtype f32");
  }
  return dtype;
}

/** The reference reads every type, a target those that its kernels are compiled for. */
function checkDtypes(tensors: NamedTensors, target: string): void {
  if (target === "reference") return;
  const taken: readonly string[] = Object.keys(targetNamed(target).rows);
  for (const name of ["query", "key", "value"]) {
    const { dtype } = tensors.get(name)!;
    if (taken.includes(dtype)) continue;
    throw failure(
      "E0703",
      `\`${name}\` is ${dtype}, which target \`${target}\` does not take`,
      "convert it to f32, or run --target reference",
    );
  }
}

/** `out`, and what else the attention has as outputs. */
function resultTensors(call: Case, result: Result, dtype: DType): NamedTensors {
  const { batch, heads, queries, valueDim } = call.shape;
  const tensors: [string, Tensor][] = [["out", makeTensor(dtype, [batch, heads, queries, valueDim], result.out)]];
  if (call.attention.outputs.lse) tensors.push(["lse", makeTensor("f32", [batch, heads, queries], result.lse!)]);
  for (const [name, { shape, data }] of Object.entries(result.named ?? {})) {
    const type = call.attention.outputs.named!.find((output) => output.name === name)!.type;
    tensors.push([name, makeTensor(type === "float" ? "f32" : "i32", [...shape], data)]);
  }
  return new Map(tensors);
}

type Facts = { readonly target: string; readonly where: string; readonly seconds: number; readonly out?: string };

/** What came out, in numbers that show at a glance whether it can be right. */
function printSummary(io: Io, results: NamedTensors, { target, where, seconds, out }: Facts, json: boolean): void {
  const rows = [...results].map(([name, { dtype, shape, data }]) => {
    const values = floats({ dtype, shape, data });
    let [min, max, sum] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0];
    for (const value of values) {
      min = Math.min(min, value);
      max = Math.max(max, value);
      sum += value;
    }
    return { name, dtype, shape, min, max, mean: sum / values.length };
  });
  if (json) {
    io.out.write(`${JSON.stringify({ target, ...(out !== undefined && { out }), tensors: rows })}\n`);
    return;
  }
  for (const { name, dtype, shape, min, max, mean } of rows) {
    const numbers = shape.includes(0) ? "empty" : `min ${short(min)}  max ${short(max)}  mean ${short(mean)}`;
    io.out.write(`${name.padEnd(4)} ${dtype}[${shape.join(", ")}]  ${numbers}\n`);
  }
  note(
    io,
    `ran on ${where} in ${seconds.toFixed(3)} s${out === undefined ? "; --out FILE keeps the results" : `, wrote ${out}`}`,
  );
}

function short(value: number): string {
  return Number.isFinite(value) ? String(Number(value.toPrecision(5))) : String(value);
}
