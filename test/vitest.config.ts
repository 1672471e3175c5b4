import { defineConfig } from "vitest/config";

// Generous, because a machine may be busy; what must be fast says so in its own test.
const project = (name: string, include: string[], testTimeout = 60_000) => ({
  extends: true as const,
  test: { name, include, testTimeout, hookTimeout: testTimeout },
});

export default defineConfig({
  root: new URL("..", import.meta.url).pathname,
  test: {
    globalSetup: ["test/set-up.ts"],
    setupFiles: ["test/seed.ts"],
    reporters: ["default", "./test/reporter.ts"],
    maxWorkers: 2,
    projects: [
      project("unit", ["test/unit/**/*.test.ts", "test/*.test.ts"]),
      project("corpus", ["test/corpus/**/*.test.ts", "test/examples/**/*.test.ts"]),
      project("command", ["test/command/**/*.test.ts"], 120_000),
      project("webgpu", ["test/webgpu/**/*.test.ts"], 120_000),
      project("fuzz", ["test/fuzz/**/*.fuzz.ts"], 120_000),
    ],
  },
});
