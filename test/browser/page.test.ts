// The page of examples/browser, made by the commands that its documentation gives and opened in a real browser: with WebGPU,
// and in one that has none, where WebAssembly takes its place.

import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Browser, chromium as driver } from "playwright-core";
import { build, type PreviewServer, preview } from "vite";
import { afterAll, beforeAll, expect, test } from "vitest";
import { check, interpret } from "../../src/index.ts";
import { attnc } from "../command/command.ts";
import { hasChromium, launchOptions, WITH_WEBGPU } from "./chromium.ts";

const reason = hasChromium ? "" : ", skipped: no browser for this machine";
const root = new URL("../..", import.meta.url).pathname;
const example = join(root, "examples/06-gemma2.attn");

let folder: string;
let server: PreviewServer;

beforeAll(async () => {
  if (reason) return;
  folder = mkdtempSync(join(tmpdir(), "attnc-page-"));
  cpSync(join(root, "examples/browser"), folder, { recursive: true });
  rmSync(join(folder, "built"), { recursive: true, force: true });
  await attnc("build", `${example}#gemma2_local`, "--target", "wasm,wgsl", "-o", join(folder, "built"));
  const options = { root: folder, logLevel: "error" as const, build: { target: "es2022" } };
  await build(options);
  server = await preview({ ...options, preview: { host: "127.0.0.1", port: 0 } });
}, 120_000);
afterAll(async () => {
  await server?.close();
  if (folder) rmSync(folder, { recursive: true });
});

/** What the page says, in a browser that was started so. */
async function pageIn(...args: readonly string[]): Promise<Readonly<Record<string, string>>> {
  const browser: Browser = await driver.launch(await launchOptions(...args));
  const page = await browser.newPage();
  const problems: string[] = [];
  page.on("pageerror", ({ message }) => problems.push(message));
  await page.goto(server.resolvedUrls!.local[0]!);
  await page.waitForFunction("document.body.dataset.state === 'done'", undefined, { timeout: 60_000 });
  const says = await page.evaluate(() => {
    const entries = [...document.querySelectorAll("dd")].map(({ id, textContent }) => [id, textContent]);
    return { ...Object.fromEntries(entries), picture: document.querySelector("canvas")!.toDataURL() };
  });
  await browser.close();
  expect(problems).toEqual([]);
  return says;
}

/** The numbers that the page shows, by the reference. */
function lastRow(): number[] {
  const rows = (seed: number, heads: number) => ({
    data: Float32Array.from({ length: heads * 256 * 64 }, (_, index) => Math.sin(seed + index * index)),
    shape: [1, heads, 256, 64] as const,
  });
  const [attention] = check({ path: example, text: readFileSync(example, "utf8") }).attentions;
  const call = { query: rows(1, 4), key: rows(2, 2), value: rows(3, 2), params: { window: 64 } };
  return [...interpret(attention!, call).out.data.subarray(-64, -60)];
}

function expectRow(shown: string): void {
  const found = shown.split(/\s+/).map(Number);
  const wanted = lastRow();
  expect(found).toHaveLength(4);
  for (const [at, value] of found.entries()) expect(Math.abs(value - wanted[at]!)).toBeLessThan(2e-6);
}

test.skipIf(reason)(`runs on WebGPU, and shows output and timing${reason}`, { timeout: 120_000 }, async () => {
  const { engine, timing, row, difference, picture } = await pageIn(...WITH_WEBGPU);
  expect(engine).toMatch(/^WebGPU: ./);
  expect(timing).toMatch(/^\d+\.\d\d ms, the median of 5$/);
  expect(difference).toMatch(/^at most \d\.\de-\d+ apart$/);
  expect(Number(difference!.split(" ")[2])).toBeLessThan(1e-5);
  expectRow(row!);
  expect(picture!.length).toBeGreaterThan(10_000);
});

test.skipIf(reason)(`runs in WebAssembly where there is no WebGPU${reason}`, { timeout: 120_000 }, async () => {
  const { engine, row } = await pageIn();
  expect(engine).toBe("WebAssembly, because this browser has no WebGPU adapter");
  expectRow(row!);
});

test.skipIf(reason)(`the page and the other examples are right by their types${reason}`, () => {
  symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
  const compilerOptions = {
    ...{ strict: true, noEmit: true, target: "es2022", module: "esnext", moduleResolution: "bundler" },
    ...{ lib: ["es2022", "dom", "dom.iterable"], types: ["@webgpu/types"], skipLibCheck: true },
  };
  const files = ["main.ts", "onnxruntime.ts", "typegpu.ts"];
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, files }));
  expect(spawnSync(join(root, "node_modules/.bin/tsc"), ["-p", folder], { encoding: "utf8" }).stdout).toBe("");
});
