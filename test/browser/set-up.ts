// Builds what the tests in the browser load, by the command, as users do: `out/browser-tests` is served with the tests.

import { execFileSync } from "node:child_process";
import { rmSync } from "node:fs";

const here = new URL(".", import.meta.url).pathname;

export default function setUp(): () => void {
  const built = "out/browser-tests";
  const targets = ["--target", "wasm,wgsl", "--head-dim", "20", "--value-dim", "12"];
  execFileSync(process.execPath, ["src/cli/bin.ts", "build", `${here}packed.attn`, ...targets, "-o", built]);
  return () => rmSync(built, { recursive: true });
}
