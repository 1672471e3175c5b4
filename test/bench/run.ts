// `npm run bench` runs every benchmark, `npm run bench -- skipping` one of them. They print tables with their spread and
// the machine; docs/benchmarks.md keeps what was measured.

import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const BENCHMARKS = [
  "compile-time",
  "exactness",
  "halves",
  "orders",
  "outputs",
  "planning",
  "scores",
  "skipping",
  "sparsity",
  "two-threads",
  "wasm",
  "webgpu",
];

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !BENCHMARKS.includes(name));
if (unknown.length > 0) {
  console.error(`there is no benchmark ${unknown.join(", ")}; there are ${BENCHMARKS.join(", ")}`);
  process.exitCode = 2;
} else {
  for (const name of asked.length > 0 ? asked : BENCHMARKS) {
    console.log(`\n== ${name} ==\n`);
    execFileSync(process.execPath, ["--expose-gc", fileURLToPath(new URL(`${name}.ts`, import.meta.url))], {
      stdio: "inherit",
    });
  }
}
