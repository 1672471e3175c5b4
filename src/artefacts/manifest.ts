// manifest.json: what a build holds, for tools that are not TypeScript. Parameters with their promises, buffers with
// symbolic extents, what was fixed when it was compiled, limits, the error bound, and a hash of every file. Nothing in it
// depends on when or where the build was made.

import { signatureOf, type TensorProperty } from "../bindings/signatures.ts";
import { VERSION } from "../generated/version.ts";
import { attendSteps } from "../schedule/steps.ts";
import type { Param, Range } from "../spec/spec.ts";
import type { Artefact } from "./artefact.ts";
import type { Built } from "./built.ts";
import { contentHash, fileEntries } from "./content-hash.ts";
import { originOf } from "./origin.ts";

/** The manifest of a build that wrote these files. */
export async function manifest(built: readonly Built[], artefacts: readonly Artefact[]): Promise<Artefact> {
  const files = await fileEntries(artefacts);
  const attentions = new Set(built.map(({ attention }) => attention));
  const content = {
    compiler: { name: "attnc", version: VERSION },
    contentHash: { algorithm: "sha256", value: await contentHash(files) },
    attentions: [...attentions].map((each) => attentionEntry(built.filter(({ attention }) => attention === each))),
    files,
  };
  return { path: "manifest.json", content: `${JSON.stringify(content, null, 2)}\n` };
}

/** @param onTargets one attention, on the targets that it was built for */
function attentionEntry(onTargets: readonly Built[]) {
  const [built] = onTargets as [Built];
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
      ...[...signature.results, ...signature.named].map((tensor) => bufferEntry(tensor, "output")),
    ],
    layouts: ["bhnd", "bnhd"],
    normalize: attention.normalize.kind,
    empty: attention.empty,
    targets: Object.fromEntries(onTargets.map((each) => [each.target, { rows: rowsOf(each), ...each.entry }])),
  };
}

/** What a target's kernels hold rows in; targets differ, and the buffers above are those of the first. */
function rowsOf({ program }: Built) {
  const { query, stored } = attendSteps(program)[0]!.plan.rows;
  return { query, stored };
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
