// `npm run pictures`: draws every example again, into examples/pictures, and writes the tensors of examples/data. A test
// beside this fails where a committed file is not what this writes.

import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { drawExamples, EXAMPLES } from "./examples/pictures.ts";
import { SAMPLE_PATH, sampleFile } from "./examples/sample.ts";

for (const folder of ["pictures", "data"]) {
  rmSync(join(EXAMPLES, folder), { recursive: true, force: true });
  mkdirSync(join(EXAMPLES, folder));
}
writeFileSync(join(EXAMPLES, SAMPLE_PATH), sampleFile());
for (const { path, svg, density, name } of drawExamples()) {
  writeFileSync(join(EXAMPLES, path), svg);
  console.log(`${path}  ${name}  ${density}`);
}
