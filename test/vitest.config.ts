import { defineConfig } from "vitest/config";

const project = (name: string, include: string[], testTimeout = 20_000) => ({
  extends: true as const,
  test: { name, include, testTimeout },
});

export default defineConfig({
  root: new URL("..", import.meta.url).pathname,
  test: {
    globalSetup: ["test/set-up.ts"],
    reporters: ["default", "./test/reporter.ts"],
    maxWorkers: 2,
    projects: [
      project("unit", ["test/unit/**/*.test.ts", "test/*.test.ts"]),
      project("corpus", ["test/corpus/**/*.test.ts", "test/examples/**/*.test.ts"], 60_000),
      project("command", ["test/command/**/*.test.ts"], 120_000),
      project("fuzz", ["test/fuzz/**/*.fuzz.ts"], 120_000),
    ],
  },
});
