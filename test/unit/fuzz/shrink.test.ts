import { describe, expect, test } from "vitest";
import type { Wrong } from "../../../src/fuzz/facts.ts";
import { shrink } from "../../../src/fuzz/shrink.ts";
import { type Sound, type Trial, trialAt, trialText } from "../../../src/fuzz/trials.ts";

const wrong: Wrong = { check: "walk", why: "planted" };

/** The first trial of a seed that satisfies the condition, made small by it. */
async function smallest(seed: number, fails: (sound: Sound) => boolean) {
  for (let path = 0; ; path++) {
    const { sound } = trialAt(seed, path);
    if (sound && fails(sound)) return shrink(sound, wrong, async (candidate) => (fails(candidate) ? wrong : undefined));
  }
}

const maskOf = (trial: Trial) => trialText(trial).match(/mask (.*)/)![1];

describe("a failing trial", () => {
  test("shrinks to the one operator that matters", async () => {
    const { sound } = await smallest(1, (each) => /sqrt\(/.test(trialText(each)));
    expect(maskOf(sound)).toMatch(/^\(rsqrt\(.{1,12}\) \S+ \S+\)$|^\(sqrt\(.{1,12}\) \S+ \S+\)$/);
    expect(sound.inputs.shape).toMatchObject({ batch: 1, heads: 1, queries: 0, keys: 0 });
  });

  test("shrinks to the smallest shape and number that still fail", async () => {
    const { sound } = await smallest(
      2,
      ({ inputs, call }) =>
        inputs.shape.keys >= 17 && call.attention.params.some(({ name }) => (inputs.params[name] as number) >= 5),
    );
    expect(sound.inputs.shape.keys).toBe(17);
    expect(Object.values(sound.call.params)).toEqual([5]);
    expect(sound.inputs.tile).toEqual({ queries: 1, keys: 1 });
  });

  test("keeps what tensors promise", async () => {
    const { sound } = await smallest(3, ({ call }) => call.attention.tensors.some(({ sorted }) => sorted));
    const { data } = sound.call.tensors.doc!;
    expect([...data]).toEqual([...data].sort((a, b) => a - b));
    expect(maskOf(sound)).toContain("doc[");
  });

  test("stays as it is where nothing smaller fails", async () => {
    const { sound } = trialAt(1, 0);
    const shrunk = await shrink(sound!, wrong, async () => undefined);
    expect(shrunk.sound).toBe(sound);
    expect(shrunk.tried).toBeGreaterThan(10);
  });
});
