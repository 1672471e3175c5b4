// Runs once before all tests: the generated sources must be those of this tree, and Node must be new enough, because
// npm may quietly run the tests on the host's Node where the one of package.json was not installed.

import { execFileSync } from "node:child_process";

export default function setUp(): void {
  const major = Number(process.versions.node.split(".")[0]);
  if (major < 22) throw new Error(`the tests need Node 22.18 or newer, this is ${process.version}: run them with npm`);
  execFileSync(process.execPath, ["src/generate.ts"], { stdio: "inherit" });
}
