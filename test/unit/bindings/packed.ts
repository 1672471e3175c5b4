// The attention that the tests of bindings build: grouped heads, a captured tensor with a contract, run-time parameters
// with and without a default, and a second output.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { type BuildOptions, build } from "../../../src/index.ts";

export const PACKED = `import { causal, document, sliding_window, softcap } from "std"

/// Packed documents in a window.
/// Two lines, and what would end a comment: */
attention packed(
  doc: i32[batch, token] sorted,
  window: int in 1..,
  cap: float in 1.0.. = 30.0
) {
  mask causal
  mask document(doc)
  mask sliding_window(window)
  score softcap(cap)
  output lse
}
`;

/** Writes the artefacts into a new folder, which `remove` deletes. */
export async function buildFolder(
  text: string,
  dim: number,
  valueDim = dim,
  dtype: "f32" | "f16" = "f32",
  targets: BuildOptions["targets"] = ["wasm"],
) {
  const options = { dim, valueDim, dtype, targets };
  const { artefacts, diagnostics } = await build({ path: "some/where/packed.attn", text }, options);
  if (artefacts.length === 0) throw new Error(diagnostics.map(({ title }) => title).join("\n"));
  const folder = mkdtempSync(join(tmpdir(), "attnc-bindings-"));
  for (const { path, content } of artefacts) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
  return { folder, artefacts, remove: () => rmSync(folder, { recursive: true }) };
}
