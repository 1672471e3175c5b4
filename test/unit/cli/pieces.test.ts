// The parts of the command that are easier to look at alone than through a command line.

import { describe, expect, test } from "vitest";
import { check } from "../../../src/check/check.ts";
import { completeParams, readParams, splitAssignments } from "../../../src/cli/assignments.ts";
import { CommandError } from "../../../src/cli/command-error.ts";
import type { Io, Stream } from "../../../src/cli/io.ts";
import { maskReads } from "../../../src/cli/mask-reads.ts";
import { printTree } from "../../../src/cli/print-tree.ts";
import { startProgress } from "../../../src/cli/progress.ts";
import { readSelector } from "../../../src/cli/selection.ts";
import { INPUT_CODES } from "../../../src/diagnostics/codes/inputs.ts";
import { INPUT_ERRORS } from "../../../src/runtime/errors.ts";
import type { Attention } from "../../../src/spec/spec.ts";
import { withStandardLibrary } from "../../../src/std-sources.ts";
import { parseProgram } from "../../../src/syntax/program.ts";

function attentionOf(text: string): Attention {
  const sources = withStandardLibrary(() => ({ missing: "no file" }));
  const { value, problems } = check(parseProgram({ path: "test.attn", text }, sources).value);
  expect(problems.filter(({ code }) => code.startsWith("E"))).toEqual([]);
  return value.attentions[0]!;
}

describe("--set", () => {
  const attention = attentionOf(
    "attention a(w: int in 1..9 = 4, f: float, on: bool = true, const n: int = 5, m: int in 0..n = 2) { mask on and q - k < w + n + m score s * f }",
  );
  const read = (...texts: string[]) =>
    completeParams(attention, readParams(attention, splitAssignments("--set", texts)));
  const refusal = (...texts: string[]) => {
    try {
      return read(...texts);
    } catch (error) {
      if (error instanceof CommandError) return `${error.status} ${error.code ?? ""} ${error.message}`;
      throw error;
    }
  };

  test("reads values by the parameter's type and fills in defaults", () => {
    expect(read("f=1e-3,on=false", "w=9")).toEqual({ w: 9, f: 0.001, on: false, n: 5, m: 2 });
    expect(read("f=-.5").f).toBe(-0.5);
  });

  test("the later of two values counts", () => {
    expect(read("f=1,w=2", "w=3").w).toBe(3);
  });

  test.each([
    ["f=1,w=10", /^1 E0705 `w` must lie in 1\.\.9/],
    ["f=1,m=6", /^1 E0705 `m` must lie in 0\.\.5/],
    ["w=1", /^1 E0702 .*`f`/],
    ["f=inf", /^2 .*`f` is a number, but `inf` is not/],
    ["f=1,on=1", /^2 .*`on` is true or false/],
    ["f=1,w=0x3", /^2 .*`w` is an integer/],
    ["=3", /^2 .*has no `=`/],
  ])("refuses %s", (text, expected) => {
    expect(refusal(text)).toMatch(expected);
  });

  test("a range may end at a const parameter's value", () => {
    expect(read("f=1,n=8,m=7").m).toBe(7);
  });
});

test("FILE#NAME is a file and a name, and other signs belong to the file", () => {
  expect(readSelector("a/b.attn#gpt")).toEqual({ path: "a/b.attn", name: "gpt" });
  expect(readSelector("a#1.attn")).toEqual({ path: "a#1.attn", name: undefined });
  expect(readSelector("a.attn#")).toEqual({ path: "a.attn#", name: undefined });
});

describe("what a mask reads", () => {
  test("are its own tensors, not those of the score", () => {
    const reads = maskReads(
      attentionOf(
        "attention a(doc: i32[batch, token], bias: f32[head, query, key]) { mask doc[q] == doc[k] score s + bias[q, k] }",
      ),
    );
    expect([reads.tensors.map(({ name }) => name), reads.batch, reads.head]).toEqual([["doc"], true, false]);
  });

  test("may be the head, by a position or by an axis", () => {
    expect(maskReads(attentionOf("attention a { mask h % 2 == 0 or q >= k }")).head).toBe(true);
    expect(maskReads(attentionOf("attention a(w: i32[kv]) { mask q - k < w }")).head).toBe(true);
  });
});

describe("a tree", () => {
  test("writes what is shared once", () => {
    const shared = { kind: "x", parts: [1, 2, 3], text: "a b" };
    expect(printTree({ left: shared, right: shared, span: { start: 1 } })).toBe(
      'left: &1\n  kind: x\n  parts: [1, 2, 3]\n  text: "a b"\nright: *1\n',
    );
  });

  test("of a deep graph is written without recursion", () => {
    let node: object = { leaf: 1 };
    for (let depth = 0; depth < 3000; depth++) node = { next: node, other: [] };
    expect(printTree(node)).toMatch(/next: \{ leaf: 1 \}/);
  });
});

describe("progress", () => {
  function watched(isTerminal: boolean) {
    let said = "";
    let clock = 0;
    const write = (text: string | Uint8Array) => {
      said += text;
    };
    const stream: Stream = { write, isTerminal, columns: 60, style: (_, text) => text };
    const io: Io = { out: { ...stream, write: () => expect.unreachable() }, err: stream };
    const progress = startProgress(io, () => clock);
    const wait = (ms: number) => {
      clock += ms;
    };
    return { progress, said: () => said, wait };
  }

  test("moves one line on a terminal and removes it", () => {
    const { progress, said, wait } = watched(true);
    for (let done = 1; done <= 3; done++) {
      wait(100);
      progress.update(done, 3, "x".repeat(100));
    }
    progress.end();
    expect(
      said()
        .split("\r")
        .slice(1)
        .every((frame) => frame.replace("\u001b[K", "").length < 60),
    ).toBe(true);
    expect(said().endsWith("\r\u001b[K")).toBe(true);
    expect(said()).toContain("3/3");
  });

  test("leaves what has ended where lines stay, once the work is long", () => {
    for (const isTerminal of [true, false]) {
      const { progress, said, wait } = watched(isTerminal);
      progress.tell("short");
      wait(10_000);
      progress.tell("a part agrees");
      expect(said()).toBe(isTerminal ? "" : "a part agrees\n");
    }
  });

  test("is silent elsewhere, but for a line now and then", () => {
    const { progress, said, wait } = watched(false);
    for (let done = 1; done <= 40; done++) {
      wait(1000);
      progress.update(done, 40, "work");
    }
    progress.end();
    expect(said()).toBe("10/40 work\n20/40 work\n30/40 work\n40/40 work\n");
  });
});

test("the codes of a call mean the same in the command and in generated modules", () => {
  for (const [code, meaning] of Object.entries(INPUT_ERRORS)) {
    expect(INPUT_CODES[code as keyof typeof INPUT_CODES]?.meaning).toBe(meaning);
  }
});
