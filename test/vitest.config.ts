import { playwright } from "@vitest/browser-playwright";
import { defineConfig } from "vitest/config";
import { hasChromium, launchOptions, WITH_WEBGPU } from "./browser/chromium.ts";

// Generous, because a machine may be busy; what must be fast says so in its own test.
const TIMEOUT = 300_000;

const project = (name: string, include: string[]) => ({
  extends: true as const,
  test: { name, include, setupFiles: ["test/seed.ts"], testTimeout: TIMEOUT, hookTimeout: TIMEOUT },
});

/** Tests that run in a page of a real browser, with WebGPU. */
const browser = async () => ({
  extends: true as const,
  // Found while a test runs, they would reload its page.
  optimizeDeps: { include: ["chevrotain", "handlebars/runtime.js", "onnxruntime-web/webgpu", "typegpu"] },
  test: {
    ...{ name: "browser", include: ["test/browser/**/*.browser.ts"], testTimeout: TIMEOUT },
    globalSetup: ["test/browser/set-up.ts"],
    browser: {
      enabled: true,
      headless: true,
      screenshotFailures: false,
      connectTimeout: 120_000,
      provider: playwright({ launchOptions: await launchOptions(...WITH_WEBGPU) }),
      instances: [{ browser: "chromium" as const }],
    },
  },
});
if (!hasChromium) console.warn("not tested in a browser: the package @sparticuz/chromium has one for Linux x64 only");

export default defineConfig({
  root: new URL("..", import.meta.url).pathname,
  test: {
    globalSetup: ["test/set-up.ts"],
    reporters: ["default", "./test/reporter.ts"],
    maxWorkers: 2,
    projects: [
      project("unit", ["test/unit/**/*.test.ts", "test/*.test.ts"]),
      project("corpus", ["test/corpus/**/*.test.ts", "test/examples/**/*.test.ts", "test/systems/**/*.test.ts"]),
      project("command", ["test/command/**/*.test.ts"]),
      project("webgpu", ["test/webgpu/**/*.test.ts", "test/browser/**/*.test.ts"]),
      ...(hasChromium ? [await browser()] : []),
      project("fuzz", ["test/fuzz/**/*.fuzz.ts"]),
    ],
  },
});
