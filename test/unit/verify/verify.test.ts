import { expect, test } from "vitest";
import type { Value } from "../../../src/ops/op.ts";
import { attend } from "../../../src/reference/attention.ts";
import { verifyAttention } from "../../../src/verify/verify.ts";
import { attention, bool, clause } from "../reference/specs.ts";

const span = { file: 0, start: 0, end: 0 };
const options = { sweep: "quick", seed: 3, params: {}, runners: [], accuracy: {} } as const;
const width = { name: "width", type: "int", const: true, range: { low: 1, high: 9 }, span } as const;

test("a const parameter without a value keeps the one that was drawn first", async () => {
  const seen = new Set<Value>();
  const oneKey = attention({ params: [width], masks: [clause(bool(false))] });
  for await (const outcome of verifyAttention(oneKey, options)) {
    seen.add(outcome.call.params.width!);
    if (outcome.call.shape.keys > 64) break;
  }
  expect(seen.size).toBe(1);
});

test("a case without an answer is skipped with the reason, the others run", async () => {
  const strict = attention({ masks: [clause(bool(false))], empty: "error" });
  const runners = [
    {
      level: "ir" as const,
      available: () => true as const,
      run: async (call: Parameters<typeof attend>[0]) => attend(call),
    },
  ];
  const kinds = new Set<string>();
  for await (const outcome of verifyAttention(strict, { ...options, runners })) {
    kinds.add(outcome.kind);
    if (outcome.kind === "skipped") expect(outcome.why).toMatch(/no key is visible at batch/);
    // Only a call without rows can pass.
    else expect(outcome.call.shape.queries).toBe(0);
    if (kinds.size === 2) break;
  }
  expect(kinds).toEqual(new Set(["skipped", "ran"]));
});

test("a runner is told of calls before they come, of each once and in their order", async () => {
  const told: unknown[] = [];
  const ran: unknown[] = [];
  const runner = {
    level: "cuda" as const,
    available: () => true as const,
    prepare: (call: Parameters<typeof attend>[0]) => void told.push(call),
    run: async (call: Parameters<typeof attend>[0]) => {
      // All of them are told of by the time that the last ones run.
      if (told.length < total) expect(told.length).toBe(ran.length + 4);
      ran.push(call);
      return attend(call);
    },
  };
  const total = 12;
  const only = (index: number) => index < total;
  for await (const { cases } of verifyAttention(attention({}), { ...options, runners: [runner], only, ahead: 3 })) {
    expect(cases).toBe(total);
  }
  expect(ran).toHaveLength(total);
  expect(told).toEqual(ran);
});
