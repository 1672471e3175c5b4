// A typed module in a real browser: as the folder that was built, and as a bundler joins it into an application. There,
// workers share memory on pages that are cross-origin isolated, and elsewhere a named error says how to isolate them.

import { readdirSync, writeFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import chromium from "@sparticuz/chromium";
import { type Browser, chromium as driver } from "playwright-core";
import { build } from "vite";
import { afterAll, beforeAll, expect, test } from "vitest";
import { buildFolder } from "./packed.ts";

const reason = process.platform === "linux" && process.arch === "x64" ? "" : ", skipped: no browser for this machine";
const ISOLATED = { "Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Embedder-Policy": "require-corp" };
const TYPES: Readonly<Record<string, string>> = { html: "text/html", js: "text/javascript", wasm: "application/wasm" };

/** Fills `result`: do two threads give the bits of one, how many calls ran, what was refused. */
const APPLICATION = `
import { load, loadOnThreads } from "./wasm/gpt.js";
const tensor = (seed) => ({
  data: Float32Array.from({ length: 2 * 600 * 16 }, (_, index) => Math.sin(seed + index)),
  shape: [1, 2, 600, 16],
});
const call = { query: tensor(1), key: tensor(2), value: tensor(3) };
async function compare() {
  const [one, two] = [await load(), await loadOnThreads(2)];
  const wanted = new Int32Array(one.run(call).out.data.buffer);
  const found = await Promise.all([two.run(call), two.run(call)]);
  two.dispose();
  const same = found.every(({ out }) => new Int32Array(out.data.buffer).every((word, index) => word === wanted[index]));
  const late = await two.run(call).catch(({ code }) => code);
  return { same, words: wanted.length, late };
}
globalThis.result = compare().catch(({ code, message }) => ({ code, message }));
`;

let folder: Awaited<ReturnType<typeof buildFolder>>;
let browser: Browser;

beforeAll(async () => {
  if (reason) return;
  folder = await buildFolder("attention gpt { mask q >= k }", 16);
  writeFileSync(join(folder.folder, "main.js"), APPLICATION);
  writeFileSync(join(folder.folder, "index.html"), '<script type="module" src="./main.js"></script>');
  browser = await driver.launch({ executablePath: await chromium.executablePath(), args: ["--no-sandbox"] });
}, 120_000);
afterAll(async () => {
  await browser?.close();
  folder?.remove();
});

/** What the application's page says, served from a folder with these headers, but for one file. */
async function resultOf(root: string, headers: Readonly<Record<string, string>>, missing = ""): Promise<unknown> {
  const server = createServer(async ({ url }, response) => {
    const path = url === "/" ? "/index.html" : url!;
    const content = path === missing ? undefined : await readFile(join(root, path)).catch(() => undefined);
    const type = TYPES[path.split(".").at(-1)!] ?? "text/plain";
    response.writeHead(content ? 200 : 404, { ...headers, "Content-Type": type }).end(content);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const page = await browser.newPage();
  await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  await page.waitForFunction("globalThis.result");
  const result = await page.evaluate("globalThis.result");
  await page.close();
  server.close();
  server.closeAllConnections();
  return result;
}

/** An application as a bundler writes it. */
async function bundled(application: string): Promise<string> {
  const outDir = join(folder.folder, "bundle");
  writeFileSync(join(folder.folder, "main.js"), application);
  await build({ root: folder.folder, logLevel: "error", build: { outDir, target: "es2022", emptyOutDir: true } });
  writeFileSync(join(folder.folder, "main.js"), APPLICATION);
  return outDir;
}

test.skipIf(reason)(
  `two threads give the bits of one in a browser, from the folder and from a bundle${reason}`,
  async () => {
    for (const root of [folder.folder, await bundled(APPLICATION)]) {
      expect(await resultOf(root, ISOLATED)).toEqual({ same: true, words: 2 * 600 * 16, late: "E0711" });
    }
  },
  120_000,
);

test.skipIf(reason)(
  `a bundle knows of workers only where they are used${reason}`,
  async () => {
    const codeOf = async (application: string) => {
      const assets = join(await bundled(application), "assets");
      return readFile(join(assets, readdirSync(assets).find((name) => name.startsWith("index"))!), "utf8");
    };
    const ofWorkers = /attnc-worker|postMessage|\.threads/;
    expect(await codeOf(APPLICATION)).toMatch(ofWorkers);
    expect(await codeOf('import { load } from "./wasm/gpt.js"; load();')).not.toMatch(ofWorkers);
  },
  120_000,
);

test.skipIf(reason)(
  `a page without the worker's file says so${reason}`,
  async () => {
    const failed = await resultOf(folder.folder, ISOLATED, "/wasm/attnc-worker.js");
    expect(failed).toMatchObject({ code: "E0715", message: expect.stringContaining("could not be loaded") });
  },
  120_000,
);

test.skipIf(reason)(
  `a page that is not isolated is told how to be${reason}`,
  async () => {
    const refused = await resultOf(folder.folder, {});
    expect(refused).toMatchObject({ code: "E0714", message: expect.stringContaining("Cross-Origin-Opener-Policy") });
  },
  120_000,
);
