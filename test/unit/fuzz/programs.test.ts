import { describe, expect, test } from "vitest";
import { INFIX, PREFIX } from "../../../grammar/precedence.ts";
import { BUILTIN_NAMES } from "../../../src/check/builtins.ts";
import { OPERATOR_NAMES } from "../../../src/fuzz/operators.ts";
import { programText } from "../../../src/fuzz/program.ts";
import { writeRegression } from "../../../src/fuzz/regression.ts";
import { depthOf, termsIn } from "../../../src/fuzz/term.ts";
import { trialAt, trialText } from "../../../src/fuzz/trials.ts";
import { expectClean } from "../../check.ts";
import { callOf, headerOf } from "../../corpus/header.ts";

const drawn = Array.from({ length: 60 }, (_, index) => trialAt(4, index).sound).filter((sound) => sound !== undefined);

describe("the table of operators", () => {
  test("has every operator and function that a mask may use", () => {
    const ofVectors = ["dot", "norm", "cosine"];
    const written = [...Object.keys(INFIX), ...BUILTIN_NAMES, "if", "not"];
    const missing = written.filter((name) => !OPERATOR_NAMES.includes(name) && !ofVectors.includes(name));
    expect(missing).toEqual([]);
    expect(Object.keys(PREFIX)).toEqual(["not", "-"]);
    expect(OPERATOR_NAMES).toContain("negate");
  });
});

describe("random programs", () => {
  test("are the same for the same seed and path", () => {
    const [first, second] = [trialAt(9, 17), trialAt(9, 17)].map(({ sound }) => sound!);
    expect(trialText(second!)).toBe(trialText(first!));
    expect(second!.inputs).toEqual(first!.inputs);
    expect(trialText(trialAt(9, 18).sound!)).not.toBe(trialText(first!));
  });

  test("have masks of at most six operations on top of one another", () => {
    const depths = drawn.flatMap(({ program }) => program.masks.map(depthOf));
    expect(Math.max(...depths)).toBeLessThanOrEqual(6);
    expect(Math.max(...depths)).toBeGreaterThan(4);
  });

  test("declare what they read and nothing else", () => {
    for (const sound of drawn) {
      const names = new Set(sound.program.masks.flatMap(termsIn).flatMap(({ needs }) => needs.map(({ name }) => name)));
      const { attention } = sound.call;
      for (const { name } of [...attention.params, ...attention.tensors]) expect(names).toContain(name);
    }
  });

  test("compile without a warning that would be an error", () => {
    expectClean(programText({ masks: [], declarations: {}, align: "end", origin: "0" }, {}));
  });
});

describe("a regression file", () => {
  test("says all that its program was called with", () => {
    for (const sound of drawn) {
      const {
        attention: _,
        query: __,
        key: ___,
        value: ____,
        ...read
      } = callOf(writeRegression(sound, ["attnc fuzz: a test"]));
      const { shape, params, tensors, keyLengths, queryStart } = sound.call;
      expect(read).toEqual({
        shape,
        params,
        tensors,
        ...(keyLengths && { keyLengths }),
        ...(queryStart && { queryStart }),
      });
    }
  });

  test("is canonical text under a header", () => {
    const lines = writeRegression(trialAt(4, 0).sound!, ["attnc fuzz: seed 4, path 0"]).split("\n");
    expect(lines[0]).toBe("// attnc fuzz: seed 4, path 0");
    expect(headerOf(lines.join("\n")).get("tile")).toMatch(/^\d+x\d+$/);
  });
});
