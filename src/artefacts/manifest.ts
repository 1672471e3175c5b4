// manifest.json: what a build holds, for tools that are not TypeScript. Parameters with their promises, buffers with
// symbolic extents, what was fixed when it was compiled, limits, the error bound, and a hash of every file. Nothing in it
// depends on when or where the build was made.

import type { Target } from "../../targets/target.ts";
import { signatureOf, type TensorProperty } from "../bindings/signatures.ts";
import type { Settings } from "../compile.ts";
import { VERSION } from "../generated/version.ts";
import type { Program } from "../schedule/plan.ts";
import type { Param, Range } from "../spec/spec.ts";
import type { Artefact } from "./artefact.ts";
import type { CudaAttention } from "./compile-cuda.ts";
import type { Declared, WasmAttention, WasmKernel } from "./compile-wasm.ts";
import { contentHash, fileEntries } from "./content-hash.ts";
import { originOf } from "./origin.ts";

/** The manifest of a build that wrote these files. */
export async function manifest(
  wasm: readonly WasmAttention[],
  cuda: readonly CudaAttention[],
  artefacts: readonly Artefact[],
): Promise<Artefact> {
  const files = await fileEntries(artefacts);
  const content = {
    compiler: { name: "attnc", version: VERSION },
    contentHash: { algorithm: "sha256", value: await contentHash(files) },
    attentions: onEachTarget(wasm, cuda).map(attentionEntry),
    files,
  };
  return { path: "manifest.json", content: `${JSON.stringify(content, null, 2)}\n` };
}

/** One attention on the targets that it was built for. */
type Built = Declared & {
  readonly settings: Settings;
  readonly program: Program;
  readonly wasm?: WasmAttention;
  readonly cuda?: CudaAttention;
};

function onEachTarget(wasm: readonly WasmAttention[], cuda: readonly CudaAttention[]): readonly Built[] {
  const same = (each: Declared) => (other: Declared) => other.attention === each.attention;
  const withBoth = wasm.map((each): Built => {
    const other = cuda.find(same(each));
    return { ...each, program: each.plain.program, wasm: each, ...(other ? { cuda: other } : {}) };
  });
  const rest = cuda.filter((each) => !wasm.some(same(each)));
  return [...withBoth, ...rest.map((each): Built => ({ ...each, program: each.kernel.program, cuda: each }))];
}

function attentionEntry(built: Built) {
  const { attention, program, settings } = built;
  const signature = signatureOf(attention, program, settings.consts);
  const tensors = [...signature.tensors, ...signature.captured];
  return {
    name: signature.name,
    documentation: signature.documentation,
    source: originOf(built),
    dims: program.dims,
    constants: signature.constants,
    parameters: signature.scalars.map(parameterEntry),
    axes: signature.lengths,
    contracts: [...signature.scalars.flatMap(rangeContract), ...tensors.flatMap(tensorContracts)],
    buffers: [
      ...tensors.map((tensor) => bufferEntry(tensor, "input")),
      { name: "key_lengths", role: "input", element: "i32", shape: ["batch"], optional: true },
      { name: "query_start", role: "input", element: "i32", shape: ["batch"], optional: true },
      ...signature.results.map((tensor) => bufferEntry(tensor, "output")),
    ],
    layouts: ["bhnd", "bnhd"],
    normalize: attention.normalize.kind,
    empty: attention.empty,
    targets: {
      ...(built.wasm ? { wasm: wasmEntry(built.wasm) } : {}),
      ...(built.cuda ? { cuda: cudaEntry(built.cuda) } : {}),
    },
  };
}

function parameterEntry({ name, type, range, default: value, documentation }: Param) {
  return { name, type, range, default: value, required: value === undefined, documentation };
}

function rangeContract({ name, range }: { readonly name: string; readonly range: Range }) {
  return range.low === undefined && range.high === undefined ? [] : [{ of: name, kind: "range", ...range }];
}

function tensorContracts(tensor: TensorProperty) {
  const sorted = tensor.sorted ? [{ of: tensor.name, kind: "sorted", axis: tensor.axes.length - 1 }] : [];
  return [...rangeContract(tensor), ...sorted];
}

/** A number in the shape is fixed; a name is a length of the call. Row-major, outermost axis first. */
function bufferEntry({ name, element, axes }: TensorProperty, role: "input" | "output") {
  return { name, role, element, shape: axes.map(({ label, extent }) => extent ?? label), optional: false };
}

function wasmEntry({ attention, plain, relaxed }: WasmAttention) {
  const name = attention.name.text;
  const { memory } = plain.emission.description;
  return {
    module: `wasm/${name}.js`,
    kernels: [...kernelEntries(`wasm/${name}.relaxed`, relaxed), ...kernelEntries(`wasm/${name}`, plain)],
    steps: plain.program.steps.map((step) => step.name),
    limits: { memoryBytes: memory.limitBytes, dim: plain.target.limits.dim },
    scratch: memory.scratch,
    errorBound: errorBound(plain.target),
  };
}

function kernelEntries(file: string, { target: { features }, bytes, threadsBytes }: WasmKernel) {
  return [
    { file: `${file}.wasm`, bytes: bytes.length, features },
    { file: `${file}.threads.wasm`, bytes: threadsBytes.length, features: [...features, "threads"] },
  ];
}

function cudaEntry({ attention, target, kernel }: CudaAttention) {
  const name = attention.name.text;
  return {
    kernels: [{ file: `cuda/${name}.cu`, features: target.features, capability: target.limits.capability }],
    header: `cuda/${name}.h`,
    description: `cuda/${name}.json`,
    cases: `cuda/${name}.cases.npz`,
    steps: kernel.program.steps.map((step) => step.name),
    limits: { dim: target.limits.dim },
    errorBound: errorBound(target),
  };
}

/** What `attnc verify` holds the kernel to. */
function errorBound({ errorUlps }: Target) {
  return {
    reference: "the dense formula in f64; masks in f32, each operation rounded to nearest",
    accumulation: "f32",
    bound: "for every element: rounding errors propagated through scores, normalisation and the weighted sum",
    operationUlps: errorUlps,
  };
}
