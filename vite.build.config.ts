// Bundles the published package. Few files start fast: the compiler and the parser are some two hundred modules, and the
// first compile of a fresh process would spend most of its time on opening them. ts-morph stays outside, since only
// `build` loads it, and so do the packages for WebGPU, which hold native code and need not be there.

import { defineConfig } from "vite";

export default defineConfig({
  logLevel: "warn",
  build: {
    ssr: true,
    target: "node22",
    outDir: "dist",
    emptyOutDir: true,
    minify: false,
    rolldownOptions: {
      input: {
        index: "src/index.ts",
        runtime: "src/runtime/wasm.ts",
        worker: "src/runtime/worker.ts",
        "cli/bin": "src/cli/bin.ts",
      },
      output: { entryFileNames: "[name].js", chunkFileNames: "chunks/[name]-[hash].js" },
    },
  },
  ssr: { noExternal: true, external: ["ts-morph", "webgpu", "@sparticuz/chromium"] },
});
