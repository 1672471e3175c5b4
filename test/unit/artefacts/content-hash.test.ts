import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { contentHash, fileEntries, sha256 } from "../../../src/artefacts/content-hash.ts";

test("the hash is SHA-256", async () => {
  // FIPS 180-4, the example of one block.
  const expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
  expect(await sha256(new TextEncoder().encode("abc"))).toBe(expected);
});

test("entries are sorted by path, and text counts as UTF-8", async () => {
  const entries = await fileEntries([
    { path: "b.wasm", content: Uint8Array.of(0, 1, 2) },
    { path: "a.ts", content: "é" },
  ]);
  expect(entries.map(({ path, bytes }) => [path, bytes])).toEqual([
    ["a.ts", 2],
    ["b.wasm", 3],
  ]);
  expect(entries[0]?.sha256).toBe(createHash("sha256").update("é").digest("hex"));
});

test("the content hash sees contents and names, not the order in which files were made", async () => {
  const one = { path: "one", content: "1" };
  const two = { path: "two", content: "2" };
  const hash = async (...files: { path: string; content: string }[]) => contentHash(await fileEntries(files));
  expect(await hash(one, two)).toBe(await hash(two, one));
  expect(await hash(one, { path: "two", content: "3" })).not.toBe(await hash(one, two));
  expect(await hash(one, { path: "three", content: "2" })).not.toBe(await hash(one, two));
});
