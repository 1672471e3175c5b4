// Wrong command lines exit with 2, say what is wrong on stderr and print nothing on stdout.

import { describe, expect, test } from "vitest";
import { attnc, makeFolder } from "./command.ts";

const folder = makeFolder();

describe("wrong usage exits with 2", () => {
  const file = folder.write(
    "near.attn",
    "attention near(window: int in 1.. = 4, const step: int = 2) { mask 0 <= q - k < window * step }",
  );
  const usages: readonly [string, RegExp][] = [
    ["", /Usage: attnc/],
    ["chekc x.attn", /unknown command 'chekc'[\s\S]*Did you mean check/],
    ["check", /missing required argument/],
    [`check ${file} --fromat json`, /unknown option '--fromat'[\s\S]*Did you mean --format/],
    [`check ${file} --format yaml`, /Allowed choices are pretty, json, github/],
    [`mask ${file}`, /how many queries/],
    [`mask ${file} --shape queries=4,qeys=4`, /`qeys` is no extent[\s\S]*did you mean `keys`/],
    [`mask ${file} --shape queries=-1`, /at least 0/],
    [`mask ${file} --shape queries`, /has no `=`/],
    [`mask ${file} --shape queries=4,heads=3,kv_heads=2`, /does not divide/],
    [`mask ${file} --shape queries=4 --tile 8`, /--tile takes QxK/],
    [`mask ${file} --shape queries=4 --target metal`, /no target `metal`/],
    [`mask ${file} --shape queries=4 --set wnidow=3`, /no scalar parameter `wnidow`[\s\S]*did you mean `window`/],
    [`mask ${file} --shape queries=4 --set window=1.5`, /is an integer, but `1.5` is not/],
    [`mask ${file} --shape queries=4 --set window=3000000000`, /is an integer/],
    [`show ${file}`, /one thing at a time/],
    [`show ${file} --mask --stage ir`, /one thing at a time/],
    [`show ${file} --stage soup`, /Allowed choices/],
    [`show ${file} -o picture.gif`, /known are .svg and .png/],
    [`run ${file} --target abacus`, /no target `abacus`/],
    [`run ${file} --out out.txt`, /known are .safetensors and .npy/],
    [`run ${file} --in in.txt`, /known are .safetensors and .npy/],
    [`build ${file} --target wsm`, /did you mean `wasm`/],
    [`build ${file} --head-dim 0`, /whole number from 1/],
    [`build ${file} --set window=3`, /run-time parameter/],
    [`verify ${file} --targets metal`, /no target `metal`/],
    [`explain E9999`, /no problem `E9999`/],
    ["demo extra", /too many arguments/],
  ];
  test.each(usages)("attnc %s", async (line, expected) => {
    const { status, out, err } = await attnc(...line.split(" ").filter((word) => word !== ""));
    expect([status, out, err]).toEqual([2, "", expect.stringMatching(expected)]);
  });

  test("a file with several attentions, where one is needed", async () => {
    const two = folder.write("two-attentions.attn", "attention a { mask q >= k }\nattention c { mask q > k }");
    const { status, err } = await attnc("mask", two, "--shape", "queries=4");
    expect([status, err]).toEqual([2, expect.stringMatching(/declares 2 attentions[\s\S]*#a,.*#c/)]);
  });
});
