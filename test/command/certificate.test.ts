import { describe, expect, test } from "vitest";
import { attnc, makeFolder } from "./command.ts";

const { path, write, text } = makeFolder();

describe("attnc explain --certificate", () => {
  test("writes what is claimed of every tile, after a look at every pair", async () => {
    const file = write("causal.attn", "attention gpt { mask q >= k }\nattention whole { mask true }\n");
    const { status, out, err } = await attnc(
      "explain",
      file,
      "--shape",
      "queries=150",
      "--certificate",
      path("c.json"),
    );
    expect({ status, err }).toEqual({
      status: 0,
      err: "gpt: 9 tiles, checked pair by pair\nwhole: 9 tiles, checked pair by pair\n",
    });
    expect(out).toContain("gpt");
    const [gpt, whole] = JSON.parse(text("c.json"));
    expect(gpt).toMatchObject({ attention: "gpt", tile: { queries: 64, keys: 64 }, claims: [[["pjj", "fpj", "ffp"]]] });
    expect(gpt.because).toMatchObject({ j: ["0 ‥ lastQuery"], f: ["le(lastKey, firstQuery)"] });
    expect(whole).toMatchObject({ claims: [[["fff", "fff", "fff"]]], because: { f: ["there is no mask"] } });
  });

  test("needs no tensor that only a score or a sink reads", async () => {
    const file = write(
      "biased.attn",
      "attention biased(slope: f32[head], sink: f32[head]) { mask q >= k score s - slope * (q - k) normalize softmax(sink = sink) }\n",
    );
    const { status, err } = await attnc("explain", file, "--shape", "queries=100", "--certificate", path("e.json"));
    expect({ status, err }).toEqual({ status: 0, err: "biased: 4 tiles, checked pair by pair\n" });
  });

  test("refuses what nobody would read", async () => {
    const file = write("causal.attn", "attention gpt { mask q >= k }\n");
    const { status, err } = await attnc("explain", file, "--shape", "queries=1000000", "--certificate", path("d.json"));
    expect(status).toBe(2);
    expect(err).toContain("a certificate of 244140625 tiles is too large");
  });
});
