// How exact the proofs are: for every example, the share of the truly empty and of the truly full blocks that are found.

import { exactnessOf, exampleAttentions, TILES } from "../examples/exactness.ts";

const share = (found: number, truly: number) =>
  truly === 0 ? "none" : `${((100 * found) / truly).toFixed(1)} % of ${truly}`;

console.log("| example | tile | classifier, empty | classifier, full | walk, empty | walk, full |");
console.log("| --- | --- | ---: | ---: | ---: | ---: |");
for (const [name, attention] of exampleAttentions()) {
  for (const tile of TILES) {
    const { truly, classifier, walk, wrong } = exactnessOf(name, attention, tile);
    if (wrong.length > 0) throw new Error(`${name}: ${wrong[0]}`);
    const cells = [classifier, walk].flatMap((found) => [
      share(found.empty, truly.empty),
      share(found.full, truly.full),
    ]);
    console.log(`| ${[name, `${tile.queries} × ${tile.keys}`, ...cells].join(" | ")} |`);
  }
}
