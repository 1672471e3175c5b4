// The artefact folder as data: complete, the same for the same input, and without a trace of where it was made.

import { expect, test } from "vitest";
import { bytesOf } from "../../../src/artefacts/artefact.ts";
import { compileWasm } from "../../../src/artefacts/compile-wasm.ts";
import { contentHash, fileEntries } from "../../../src/artefacts/content-hash.ts";
import { build, check } from "../../../src/index.ts";
import { PACKED } from "../bindings/packed.ts";

const TWO = `${PACKED}attention plain(const w: int = 3) { grid (y, x)  mask abs(q.x - k.x) < w  empty uniform }\n`;
const manifestOf = (artefacts: readonly { path: string; content: string | Uint8Array }[]) =>
  JSON.parse(String(artefacts.find(({ path }) => path === "manifest.json")?.content));

test("a build holds kernels, text, modules, one runtime and the manifest", async () => {
  const { artefacts, diagnostics } = await build(TWO);
  expect(diagnostics).toEqual([]);
  const endings = ["d.ts", "js", "relaxed.threads.wasm", "relaxed.wasm", "threads.wasm", "ts", "wasm", "wat"];
  const files = ["packed", "plain"].flatMap((name) => endings.map((ending) => `wasm/${name}.${ending}`));
  const runtime = ["attnc-runtime.d.ts", "attnc-runtime.js", "attnc-worker.js", "package.json"].map(
    (file) => `wasm/${file}`,
  );
  expect(artefacts.map(({ path }) => path).sort()).toEqual([...files, ...runtime, "manifest.json"].sort());
  for (const artefact of artefacts.filter(({ path }) => path.endsWith(".wasm"))) {
    expect(WebAssembly.validate(new Uint8Array(bytesOf(artefact)))).toBe(true);
  }
});

test("the same input gives the same bytes, wherever the file lies", async () => {
  const one = await build({ path: "/home/mallory/work/two.attn", text: TWO }, { dim: 80 });
  const other = await build({ path: "C:\\quentin\\two.attn", text: TWO }, { dim: 80 });
  expect(one.artefacts.map((artefact) => [artefact.path, ...bytesOf(artefact)])).toEqual(
    other.artefacts.map((artefact) => [artefact.path, ...bytesOf(artefact)]),
  );
  const text = one.artefacts.map(({ content }) => (typeof content === "string" ? content : "")).join("\n");
  expect(text).not.toMatch(/mallory|quentin/);
  // As a word: sizes and hashes hold any digits.
  expect(text).not.toMatch(new RegExp(`\\b${new Date().getFullYear()}\\b`));
});

test("the manifest tells another tool what it needs to call a kernel", async () => {
  const { artefacts } = await build({ path: "x/two.attn", text: TWO }, { dim: 48, valueDim: 32 });
  const manifest = manifestOf(artefacts);
  const [packed, plain] = manifest.attentions;
  expect(packed).toMatchObject({
    name: "packed",
    source: { file: "two.attn", line: 5 },
    dims: { dim: 48, valueDim: 32 },
    parameters: [
      { name: "window", type: "int", range: { low: 1 }, required: true },
      { name: "cap", type: "float", default: 30, required: false },
    ],
    contracts: [
      { of: "window", kind: "range", low: 1 },
      { of: "cap", kind: "range", low: 1 },
      { of: "doc", kind: "sorted", axis: 1 },
    ],
  });
  const buffers = Object.fromEntries(packed.buffers.map((buffer: { name: string }) => [buffer.name, buffer]));
  expect(buffers.key).toMatchObject({ role: "input", element: "f32", shape: ["batch", "kvHeads", "keys", 48] });
  expect(buffers.doc).toMatchObject({ role: "input", element: "i32", shape: ["batch", "keys"], optional: false });
  expect(buffers.key_lengths).toMatchObject({ element: "i32", shape: ["batch"], optional: true });
  expect(buffers.lse).toMatchObject({ role: "output", shape: ["batch", "heads", "queries"] });
  expect(plain).toMatchObject({ constants: [{ name: "w", value: 3 }], axes: ["y", "x"], empty: "uniform" });
  expect(packed.targets.wasm.kernels.map(({ file }: { file: string }) => file)).toEqual([
    "wasm/packed.relaxed.wasm",
    "wasm/packed.relaxed.threads.wasm",
    "wasm/packed.wasm",
    "wasm/packed.threads.wasm",
  ]);
  expect(packed.targets.wasm.limits.memoryBytes).toBeGreaterThan(2 ** 31);
});

test("the manifest's hashes are those of the files, and a changed formula changes the content hash", async () => {
  const { artefacts } = await build(TWO);
  const manifest = manifestOf(artefacts);
  const entries = await fileEntries(artefacts.filter(({ path }) => path !== "manifest.json"));
  expect(manifest.files).toEqual(entries);
  expect(manifest.contentHash).toEqual({ algorithm: "sha256", value: await contentHash(entries) });
  const changed = manifestOf((await build(TWO.replace("< w", "<= w"))).artefacts);
  expect(changed.contentHash.value).not.toBe(manifest.contentHash.value);
});

test("a file with an error gives no artefacts, and says why", async () => {
  const { artefacts, diagnostics } = await build("attention broken { mask q >= nothing }");
  expect(artefacts).toEqual([]);
  expect(diagnostics.map(({ code }) => code)).toEqual(["E0201"]);
});

test("a const parameter that nobody decided is said once, though there are two kernels", () => {
  const source = { path: "x.attn", text: "attention open(const w: int) { mask q - k < w }" };
  const [attention] = check(source).attentions;
  const compile = (consts: Record<string, number>) =>
    compileWasm({ attention: attention!, source }, { dims: { dim: 64, valueDim: 64 }, consts });
  expect(compile({}).problems.map(({ code }) => code)).toEqual(["E0604"]);
  expect(compile({ w: 5 }).value).toHaveLength(1);
});

test("one description serves both kernels", () => {
  const source = { path: "x.attn", text: TWO };
  for (const attention of check(source).attentions) {
    const [built] = compileWasm({ attention, source }, { dims: { dim: 72, valueDim: 40 }, consts: {} }).value;
    expect(built!.relaxed.emission.description).toEqual(built!.plain.emission.description);
  }
});
