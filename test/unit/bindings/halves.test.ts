// A typed module whose keys and values are halves: what it takes, by its types, its checks and its answers.

import { spawnSync } from "node:child_process";
import { symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { check, interpret } from "../../../src/index.ts";
import { buildFolder } from "./packed.ts";

const root = new URL("../../..", import.meta.url).pathname;
const TEXT = 'import { causal } from "std"  attention cached { mask causal }\n';

/** Halves of whole sixteenths, whose bits are easy to make: 0x3c00 is 1, and 64 more is a sixteenth more. */
const CALL = `
const bits = Uint16Array.from({ length: 6 * 16 }, (_, at) => 0x3c00 + 64 * (at * 7 % 16));
const query = { data: Float32Array.from({ length: 2 * 3 * 16 }, (_, at) => Math.sin(at)), shape: [1, 2, 3, 16] as const };
const key = { data: bits, shape: [1, 1, 6, 16] as const };
const value = { data: bits.slice().reverse(), shape: [1, 1, 6, 16] as const };
`;

const CONSUMER = `
import { load, type CachedCall } from "./wasm/cached.js";
${CALL}
const kernel = await load();
const call: CachedCall = { query, key, value };
const cache = kernel.allocate([1, 1, 6, 16], "f16");
cache.data.set(key.data);
const floats: Float32Array = kernel.run({ query, key: cache, value }).out.data;
const queries = kernel.allocate([1, 2, 3, 16]);
queries.data.set(query.data);
console.log(JSON.stringify([[...floats], [...kernel.run({ ...call, query: queries }).out.data]]));

const wrong = () => {
  // @ts-expect-error keys that are f32
  kernel.run({ ...call, key: { data: new Float32Array(96), shape: [1, 1, 6, 16] } });
  // @ts-expect-error a query of halves
  kernel.run({ ...call, query: key });
};
void wrong;
`;

let built: Awaited<ReturnType<typeof buildFolder>>;
beforeAll(async () => {
  built = await buildFolder(TEXT, 16, 16, "f16");
  writeFileSync(join(built.folder, "consumer.ts"), CONSUMER);
  writeFileSync(join(built.folder, "package.json"), '{ "type": "module" }');
  symlinkSync(join(root, "node_modules"), join(built.folder, "node_modules"));
}, 60_000);
afterAll(() => built.remove());

test.each(["es2022", "esnext"])("takes halves and nothing else, by the types of %s", (lib) => {
  const options = [
    "--strict",
    "--noEmit",
    "--exactOptionalPropertyTypes",
    "--skipLibCheck",
    "false",
    "--types",
    "node",
  ];
  const target = ["--target", lib, "--lib", lib, "--module", "nodenext"];
  const { stdout } = spawnSync(join(root, "node_modules/.bin/tsc"), [...options, ...target, "consumer.ts"], {
    cwd: built.folder,
    encoding: "utf8",
  });
  expect(stdout).toBe("");
});

test("gives what the reference gives of the same halves, copied in or not", () => {
  const child = spawnSync(process.execPath, ["consumer.ts"], { cwd: built.folder, encoding: "utf8" });
  expect(child.stderr).toBe("");
  const bits = Uint16Array.from({ length: 6 * 16 }, (_, at) => 0x3c00 + 64 * ((at * 7) % 16));
  const expected = interpret(check(TEXT).attentions[0]!, {
    query: { data: Float32Array.from({ length: 2 * 3 * 16 }, (_, at) => Math.sin(at)), shape: [1, 2, 3, 16] },
    key: { data: bits, shape: [1, 1, 6, 16] },
    value: { data: bits.slice().reverse(), shape: [1, 1, 6, 16] },
  });
  const [resident, copied] = JSON.parse(child.stdout) as [number[], number[]];
  expect(copied).toEqual(resident);
  expect(resident).toHaveLength(2 * 3 * 16);
  for (const [at, wanted] of expected.out.data.entries()) expect(Math.abs(resident[at]! - wanted)).toBeLessThan(2e-6);
});
