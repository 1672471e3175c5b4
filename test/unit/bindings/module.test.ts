// A typed module as a user has it: a folder somewhere else, loaded by a Node of its own, with nothing installed.

import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { check, interpret } from "../../../src/index.ts";
import { buildFolder, PACKED } from "./packed.ts";

const DIM = 40;
const VALUE_DIM = 24;
let built: Awaited<ReturnType<typeof buildFolder>>;

beforeAll(async () => {
  built = await buildFolder(PACKED, DIM, VALUE_DIM);
}, 60_000);
afterAll(() => built.remove());

/** What every script below starts from; `numbers` is the same function as in this file. */
const PREAMBLE = `
import { load, loadOnThreads, description, AttentionInputError } from "./wasm/packed.js";
const numbers = ${numbers};
const tensor = ${tensor};
const call = ${call};
`;

/** Runs a script beside the artefacts; gives what it printed as JSON. It must end by itself. */
function run(script: string, flags: readonly string[] = []) {
  writeFileSync(join(built.folder, "script.mjs"), PREAMBLE + script);
  const child = spawnSync(process.execPath, [...flags, "script.mjs"], {
    cwd: built.folder,
    encoding: "utf8",
    timeout: 60_000,
  });
  expect({ stderr: child.stderr, signal: child.signal, status: child.status }).toEqual({
    stderr: "",
    signal: null,
    status: 0,
  });
  return JSON.parse(child.stdout);
}

test("a module gives what the reference gives, in both layouts, and the process ends by itself", () => {
  const results = run(`
    const kernel = await load();
    const plain = kernel.run(call(7, 9));
    const rows = call(7, 9);
    const swapped = Object.fromEntries(["query", "key", "value"].map((name) => {
      const { data, shape: [batch, heads, count, width] } = rows[name];
      const moved = new Float32Array(data.length);
      for (let b = 0; b < batch; b++) for (let h = 0; h < heads; h++) for (let r = 0; r < count; r++) {
        const from = ((b * heads + h) * count + r) * width;
        moved.set(data.subarray(from, from + width), ((b * count + r) * heads + h) * width);
      }
      return [name, { data: moved, shape: [batch, count, heads, width] }];
    }));
    const other = kernel.run({ ...rows, ...swapped, layout: "bnhd" });
    kernel.dispose();
    console.log(JSON.stringify([plain, other].map(({ out, lse }) =>
      ({ out: [...out.data], shape: out.shape, lse: [...lse.data], lseShape: lse.shape }))));
  `);
  const [plain, other] = results;
  const { attentions } = check(PACKED);
  const expected = interpret(attentions[0]!, call(7, 9));
  expect(plain.shape).toEqual([2, 6, 7, VALUE_DIM]);
  expect(plain.lseShape).toEqual([2, 6, 7]);
  expect(other.shape).toEqual([2, 7, 6, VALUE_DIM]);
  expect(worst(plain.out, expected.out.data)).toBeLessThan(2e-6);
  expect(worst(plain.lse, expected.lse.data)).toBeLessThan(4e-6);
  expect(other.lse).toEqual(plain.lse);
  const [batch, head, row] = [1, 4, 3];
  const start = ((batch * 7 + row) * 6 + head) * VALUE_DIM;
  const expectedStart = ((batch * 6 + head) * 7 + row) * VALUE_DIM;
  expect(other.out.slice(start, start + VALUE_DIM)).toEqual(plain.out.slice(expectedStart, expectedStart + VALUE_DIM));
});

test("a call that is wrong gets a named error and leaves the kernel usable", () => {
  const wrong = run(`
    const kernel = await load();
    const good = call(5, 5);
    const before = JSON.stringify([...kernel.run(good).out.data]);
    const { window, ...rest } = good.params;
    const doc = good.tensors.doc;
    const cases = {
      "missing parameter": { ...good, params: rest },
      "missing tensor": { ...good, tensors: {} },
      "missing query": { ...good, query: undefined },
      "wrong dtype of query": { ...good, query: { ...good.query, data: new Float64Array(good.query.data) } },
      "wrong dtype of doc": { ...good, tensors: { doc: { ...doc, data: Float32Array.from(doc.data) } } },
      "wrong shape of value": { ...good, value: tensor(3, 2, 3, 4, ${VALUE_DIM}) },
      "wrong shape of doc": { ...good, tensors: { doc: { data: doc.data, shape: [10] } } },
      "too little data": { ...good, key: { data: good.key.data.subarray(1), shape: good.key.shape } },
      "heads that do not divide": { ...good, query: tensor(1, 2, 5, 5, ${DIM}) },
      "another dim": { ...good, query: tensor(1, 2, 6, 5, 64), key: tensor(2, 2, 3, 5, 64) },
      "broken range": { ...good, params: { ...good.params, window: 0 } },
      "broken sorted": { ...good, tensors: { doc: { ...doc, data: Int32Array.of(0, 0, 2, 1, 1, 0, 0, 0, 0, 0) } } },
      "fraction for an int": { ...good, params: { ...good.params, window: 1.5 } },
      "unknown parameter": { ...good, params: { ...good.params, widow: 3 } },
      "unknown layout": { ...good, layout: "hbnd" },
      "too many alive keys": { ...good, keyLengths: [5, 6] },
    };
    const found = {};
    for (const [name, wrong] of Object.entries(cases)) {
      try {
        kernel.run(wrong);
        found[name] = "accepted";
      } catch (error) {
        found[name] = error instanceof AttentionInputError ? [error.code, error.argument] : String(error);
      }
    }
    const same = before === JSON.stringify([...kernel.run(good).out.data]);
    kernel.dispose();
    try { kernel.run(good); } catch (error) { found.disposed = [error.code, error.argument]; }
    console.log(JSON.stringify({ found, same }));
  `);
  expect(wrong).toEqual({
    same: true,
    found: {
      "missing parameter": ["E0702", "window"],
      "missing tensor": ["E0702", "doc"],
      "missing query": ["E0702", "query"],
      "wrong dtype of query": ["E0703", "query"],
      "wrong dtype of doc": ["E0703", "doc"],
      "wrong shape of value": ["E0704", "value"],
      "wrong shape of doc": ["E0704", "doc"],
      "too little data": ["E0704", "key"],
      "heads that do not divide": ["E0707", "query"],
      "another dim": ["E0708", "query"],
      "broken range": ["E0705", "window"],
      "broken sorted": ["E0706", "doc"],
      "fraction for an int": ["E0703", "window"],
      "unknown parameter": ["E0701", "widow"],
      "unknown layout": ["E0703", "layout"],
      "too many alive keys": ["E0705", "key_lengths"],
      disposed: ["E0711", ""],
    },
  });
});

describe("memory", () => {
  test("results survive a call that makes the memory grow", () => {
    const { grew, same } = run(`
      const { instantiate, readKernel } = await import("./wasm/attnc-runtime.js");
      const kernel = await instantiate(await readKernel({
        relaxed: new URL("./wasm/packed.relaxed.wasm", import.meta.url),
        plain: new URL("./wasm/packed.wasm", import.meta.url),
      }), description);
      const small = kernel.run(call(3, 3));
      const kept = [...small.out.data];
      const before = kernel.memory.buffer.byteLength;
      kernel.run(call(200, 1000));
      const same = small.out.data.length > 0 && small.out.data.every((value, index) => value === kept[index]);
      console.log(JSON.stringify({ grew: kernel.memory.buffer.byteLength > before, same }));
      kernel.dispose();
    `);
    expect({ grew, same }).toEqual({ grew: true, same: true });
  });

  test("a thousand calls over changing shapes reach a plateau", () => {
    const { memory, resident } = run(
      `
      const { instantiate, readKernel } = await import("./wasm/attnc-runtime.js");
      const kernel = await instantiate(await readKernel({
        relaxed: new URL("./wasm/packed.relaxed.wasm", import.meta.url),
        plain: new URL("./wasm/packed.wasm", import.meta.url),
      }), description);
      const calls = Array.from({ length: 23 }, (_, index) => call((index * 7) % 30, (index * 11) % 64));
      const memory = [], resident = [];
      for (let index = 0; index < 1000; index++) {
        kernel.run(calls[(index * 5) % calls.length]);
        if (index % 100 === 99) {
          globalThis.gc();
          memory.push(kernel.memory.buffer.byteLength);
          resident.push(process.memoryUsage.rss());
        }
      }
      kernel.dispose();
      console.log(JSON.stringify({ memory, resident }));
    `,
      ["--expose-gc"],
    );
    expect(new Set(memory).size).toBe(1);
    // The first hundreds warm the engine up; after that nothing may be kept from call to call.
    expect(Math.max(...resident.slice(5)) - resident[4]).toBeLessThan(8 << 20);
  });
});

test("a caller may bring the bytes", () => {
  const sum = run(`
    const { readFileSync } = await import("node:fs");
    const plain = readFileSync("./wasm/packed.wasm");
    const one = await load(plain);
    const two = await load({ plain, relaxed: readFileSync("./wasm/packed.relaxed.wasm") });
    const [a, b] = [one, two].map((kernel) => kernel.run(call(4, 4)).out.data);
    console.log(JSON.stringify(Math.max(...a.map((value, index) => Math.abs(value - b[index])))));
  `);
  expect(sum).toBeLessThan(1e-6);
});

describe("on threads", () => {
  const compared = `
    const one = await load();
    const two = await loadOnThreads(2);
    const same = [];
    for (const each of [call(40, 40), call(700, 700)]) {
      const [alone, shared] = [one.run(each), await two.run(each)];
      same.push(["out", "lse"].every((name) => Buffer.compare(Buffer.from(alone[name].data.buffer), Buffer.from(shared[name].data.buffer)) === 0));
    }
  `;

  test.each([
    ["after dispose", "two.dispose();"],
    ["also without it", ""],
  ])("a module gives the same bits, and the process ends by itself, %s", (_, last) => {
    expect(run(`${compared} ${last} console.log(JSON.stringify(same));`)).toEqual([true, true]);
  });

  test("waits for a call that nothing else waits for", () => {
    const script =
      "loadOnThreads(2).then((two) => two.run(call(700, 700))).then(({ out }) => console.log(out.shape[2]));";
    expect(run(script)).toBe(700);
  });

  test("a caller may bring the bytes", () => {
    const script = `
      const { readFileSync } = await import("node:fs");
      const kernel = await loadOnThreads(1, readFileSync("./wasm/packed.threads.wasm"));
      console.log(JSON.stringify((await kernel.run(call(4, 4))).out.shape));
    `;
    expect(run(script)).toEqual([2, 6, 4, VALUE_DIM]);
  });
});

test("a browser finds no Node in it: static imports lead to the files beside, and bytes are fetched", () => {
  for (const { path, content } of built.artefacts) {
    if (!path.endsWith(".js") || typeof content !== "string") continue;
    const imported = [...content.matchAll(/^\s*(?:import|export)\b[^;]*?\bfrom\s*"([^"]+)"/gm)].map(
      ([, from]) => from!,
    );
    expect(imported.filter((specifier) => specifier !== "./attnc-runtime.js")).toEqual([]);
    expect(content).not.toMatch(/\bimport\("|\brequire\(|\bprocess\./);
  }
  const fetched = run(`
    const { createServer } = await import("node:http");
    const { readFile } = await import("node:fs/promises");
    const { readKernel } = await import("./wasm/attnc-runtime.js");
    const asked = [];
    const server = createServer(async (request, response) => {
      asked.push(request.url);
      if (request.url.startsWith("/gone")) return response.writeHead(404).end();
      response.end(await readFile("." + request.url));
    });
    await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
    const at = (path) => new URL(path, "http://127.0.0.1:" + server.address().port);
    const kernel = await load(await readKernel({ relaxed: at("/wasm/packed.relaxed.wasm"), plain: at("/wasm/packed.wasm") }));
    const length = kernel.run(call(4, 4)).out.data.length;
    const missing = await readKernel({ relaxed: at("/gone.wasm"), plain: at("/gone.wasm") }).catch((error) => error.message);
    server.close();
    server.closeAllConnections();
    console.log(JSON.stringify({ asked, length, missing }));
  `);
  expect(fetched.length).toBe(2 * 6 * 4 * VALUE_DIM);
  expect(fetched.asked[0]).toBe("/wasm/packed.relaxed.wasm");
  expect(fetched.missing).toMatch(/could not fetch http:.*\/gone\.wasm: 404/);
});

function worst(found: readonly number[], expected: ArrayLike<number>): number {
  expect(found.length).toBe(expected.length);
  return Math.max(...found.map((value, index) => Math.abs(value - expected[index]!)));
}

/** Numbers between -1 and 1 that are the same in every process. */
function numbers(seed: number, count: number): Float32Array {
  let state = seed * 2654435761 + 1;
  return Float32Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    return state / 2147483648;
  });
}

function tensor(seed: number, ...shape: number[]) {
  return {
    data: numbers(
      seed,
      shape.reduce((product, extent) => product * extent, 1),
    ),
    shape,
  };
}

/** Six query heads on three key heads, two batches, documents of four tokens. */
function call(queries: number, keys: number) {
  const doc = Int32Array.from({ length: 2 * keys }, (_, index) => Math.floor((index % keys) / 4));
  return {
    query: tensor(1, 2, 6, queries, 40),
    key: tensor(2, 2, 3, keys, 40),
    value: tensor(3, 2, 3, keys, 24),
    tensors: { doc: { data: doc, shape: [2, keys] } },
    params: { window: 5 },
  };
}
