import { afterAll, describe, expect } from "vitest";
import { wgslRunner } from "../../src/execute/run-wgsl.ts";
import { uncompiledPart } from "../../src/ir/lower-selection.ts";
import { attend } from "../../src/reference/attention.ts";
import { SPARSE } from "../systems/all.ts";
import { caseOf } from "../systems/case.ts";
import { draw } from "../systems/dense.ts";
import { closeAdapter, device, onDevice } from "./adapter.ts";

afterAll(closeAdapter);
const cases = SPARSE.flatMap((system) =>
  system.calls.map((call, place) => ({ name: `${system.name}, call ${place}`, given: caseOf(system.attn, draw(call, place + 1)), wanted: system.run(draw(call, place + 1)) })),
).filter(({ given: { attention } }) => !attention.permutation && (attention.sparsities ?? []).every((s) => uncompiledPart(s) === undefined));

describe.for(cases)("$name", ({ given, wanted }) => {
  onDevice("x", async () => {
    const { out } = await wgslRunner(device!, "d").run(given);
    let worst = 0; const bad = new Set();
    for (let at = 0; at < out.length; at++) { const e = Math.abs(out[at]! - wanted.out[at]!); if (e > worst) worst = e; if (e > 1e-4) bad.add(Math.floor(at / given.shape.valueDim / given.shape.queries)+":"+ Math.floor(at / given.shape.valueDim) % given.shape.queries); }
    console.log(given.attention.name.text, JSON.stringify(given.shape), "worst", worst, "margin", wanted.margin, [...bad].join(" ").slice(0,400));
    expect(worst).toBeLessThan(1e-5);
  });
});
