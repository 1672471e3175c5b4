// Writes the two views of the grammar that are derived from the parser: `cst.ts`, the types of its nodes, and `attn.ebnf`,
// the rules for people. Run `node grammar/generate.ts` after a change of the parser; a test keeps both fresh.

import { writeFileSync } from "node:fs";
import { cstTypes, ebnf } from "./views.ts";

const here = new URL(".", import.meta.url).pathname;
writeFileSync(`${here}cst.ts`, cstTypes());
writeFileSync(`${here}attn.ebnf`, ebnf());
