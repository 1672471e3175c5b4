// Builds what the tests in the browser load, by the command, as users do. `out/browser-tests` is served with the tests, and
// the examples have what they import beside them.

import { execFileSync } from "node:child_process";

const here = new URL(".", import.meta.url).pathname;

export default function setUp(): void {
  build(`${here}packed.attn`, "out/browser-tests", "--head-dim", "20", "--value-dim", "12");
  build("examples/06-gemma2.attn#gemma2_local", "examples/browser/built");
}

function build(file: string, folder: string, ...options: readonly string[]): void {
  const argv = ["src/cli/bin.ts", "build", file, "--target", "wasm,wgsl", "-o", folder, ...options];
  execFileSync(process.execPath, argv, { stdio: ["ignore", "ignore", "pipe"] });
}
