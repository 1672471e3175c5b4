// Whatever stands in a file: a problem with its place or a named error, the right exit status, never a stack trace, never
// a hang.

import { symlinkSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { attnc, makeFolder, TRACE } from "./command.ts";

const folder = makeFolder();

/** Bytes that look random and are the same every time. */
function noise(count: number): Uint8Array {
  let state = 1;
  return Uint8Array.from({ length: count }, () => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return state >>> 24;
  });
}

const doubling = [
  "fn f0(x) = x + 1",
  ...Array.from({ length: 40 }, (_, i) => `fn f${i + 1}(x) = f${i}(x) + f${i}(x + 1)`),
  "attention a { mask f40(q) > k }",
].join("\n");

const signs = 'abc(){}[]+-*/ \n"#@;:,.<>=01';
const textNoise = [...noise(200_000)].map((byte) => signs[byte % signs.length]).join("");

describe("a file with a mistake is a located problem", () => {
  const files: readonly [what: string, text: string | Uint8Array, expected: RegExp][] = [
    ["an unknown name", "attention a { mask casual }", /error\[E0201\].*casual/],
    ["a type error", "attention a { mask q - k }", /error\[E03\d\d\]/],
    ["an import of itself", `import { b } from "./an-import-of-itself.attn"\nmask a = q > k`, /error\[E0118\]/],
    ["an import of nothing", `import { b } from "./nowhere.attn"\nattention a { mask b }`, /error\[E0117\].*nowhere/],
    ["an import of a folder", `import { b } from "./"\nattention a { mask b }`, /error\[E0117\]/],
    ["an empty file", "", /error\[E0113\]/],
    ["10 000 parentheses", `attention a { mask ${"(".repeat(10_000)}q >= k${")".repeat(10_000)} }`, /error\[E0115\]/],
    ["10 000 terms", `attention a { score ${Array(10_000).fill("s").join(" + ")} }`, /error\[E0116\]/],
    ["a reserved word as a name", "mask q(n: int) = k > n\nattention a { mask q(3) }", /error\[E0\d+\].*`?q`?/],
    ["noise of signs", textNoise, /error\[E01\d\d\]/],
    ["10 MB of noise", noise(10_000_000), /error\[E0801\].*larger than 4 MB/],
    ["noise of bytes", noise(100_000), /error\[E0801\].*UTF-8/],
    ["a construct of a later version", "attention a { evict top(8) }", /error\[E05\d\d\].*not supported yet/],
  ];
  test.each(files)("%s", { timeout: 10_000 }, async (what, text, expected) => {
    const started = performance.now();
    const { status, out, err } = await attnc("check", folder.write(`${what.replaceAll(" ", "-")}.attn`, text));
    expect(out + err).toMatch(expected);
    expect(out + err).not.toMatch(TRACE);
    expect(Math.max(...(out + err).split("\n").map((line) => line.length))).toBeLessThan(500);
    expect(status).toBe(1);
    expect(performance.now() - started).toBeLessThan(5000);
  });

  test("imports in a circle", async () => {
    folder.write("one.attn", `import { b } from "./two.attn"\nmask a1 = q > k`);
    folder.write("two.attn", `import { a1 } from "./one.attn"\nmask b2 = q > k`);
    const { status, out } = await attnc("check", folder.path("one.attn"));
    expect([status, out]).toEqual([1, expect.stringMatching(/error\[E0118\].*one\.attn.*two\.attn.*one\.attn/)]);
  });

  test("a link to itself is the same file", async () => {
    folder.write("linked.attn", `import { b } from "./link.attn"\nmask a1 = q > k`);
    symlinkSync(folder.path("linked.attn"), folder.path("link.attn"));
    const { status, out } = await attnc("check", folder.path("linked.attn"));
    expect([status, out]).toEqual([1, expect.stringContaining("E0118")]);
  });
});

test("40 functions that each call the one before twice are checked within a second", async () => {
  const file = folder.write("doubling.attn", doubling);
  const started = performance.now();
  expect((await attnc("check", file)).status).toBe(0);
  expect(performance.now() - started).toBeLessThan(1000);
});

describe("a path that cannot be read is a named error", () => {
  const paths: readonly [what: string, path: string, expected: RegExp][] = [
    ["a missing file", folder.path("missing.attn"), /E0801.*no such file/],
    ["a folder", folder.path("."), /E0801.*folder/],
    ["a file as a folder", `${folder.write("file.attn", "mask a = q > k")}/b.attn`, /E0801.*not a folder/],
    ["a path that is too long", folder.path(`${"x".repeat(300)}.attn`), /E0801.*too long/],
  ];
  for (const command of ["check", "show --mask", "mask", "run", "verify", "explain", "fmt", "build"]) {
    test.each(paths)(`${command} of %s`, async (_, path, expected) => {
      const { status, out, err } = await attnc(...command.split(" "), path);
      expect([status, out, err]).toEqual([1, "", expect.stringMatching(expected)]);
    });
  }

  test("the other files are checked all the same", async () => {
    const wrong = folder.write("wrong.attn", "attention a { mask casual }");
    const { status, out, err } = await attnc("check", folder.path("missing.attn"), wrong);
    expect([status, out, err]).toEqual([
      1,
      expect.stringContaining("E0201"),
      expect.stringContaining("2 files failed"),
    ]);
  });
});

describe("outputs that cannot be written", () => {
  const file = folder.write("causal.attn", "attention causal { mask q >= k }");

  test("a folder in the place of a picture", async () => {
    folder.write("folder.svg/inside.txt", "");
    const { status, err } = await attnc("show", file, "-o", folder.path("folder.svg"));
    expect([status, err]).toEqual([1, expect.stringMatching(/E0803.*folder/)]);
  });

  test("a file in the place of the output folder", async () => {
    const { status, err } = await attnc("build", file, "-o", folder.write("occupied", ""));
    expect([status, err]).toEqual([1, expect.stringMatching(/E0803/)]);
  });

  test("a mask that is too large to write down", async () => {
    const { status, err } = await attnc("mask", file, "--shape", "queries=100000");
    expect([status, err]).toEqual([1, expect.stringMatching(/E0805/)]);
  });
});
