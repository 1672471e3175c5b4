import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { BlockFact } from "../../../src/analysis/block-fact.ts";
import {
  ANY_INT,
  boolRange,
  contains,
  floatRange,
  intRange,
  join,
  type Range,
  rangeOf,
} from "../../../src/analysis/range.ts";
import { transfer } from "../../../src/analysis/transfer.ts";
import { OP_NAMES, type OpName, opInfo } from "../../../src/ops/index.ts";
import type { ScalarType, Signature, Value } from "../../../src/ops/op.ts";

const ints = fc.oneof(
  fc.integer({ min: -70, max: 70 }),
  fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
  fc.constantFrom(-(2 ** 31), 2 ** 31 - 1, 0, 1, -1, 31, 32),
);
const floats = fc
  .oneof(
    fc.double({ min: -50, max: 50, noNaN: true }),
    fc.double(),
    fc.constantFrom(0, -0, 1, -1, 0.5, 2.5, Infinity, -Infinity, Number.NaN, 1e-40, 88.7),
  )
  .map(Math.fround);
const values: Readonly<Record<ScalarType, fc.Arbitrary<Value>>> = { int: ints, float: floats, bool: fc.boolean() };

/** Values of an argument; its range holds them, and what lies between them. */
const anyArguments = ({ args }: Signature) =>
  fc.tuple(
    ...args.map((type) =>
      fc.oneof(
        fc.array(values[type], { minLength: 1, maxLength: 3 }).map((some) => ({ type, some })),
        (type === "int" ? spaced : fc.array(values[type], { minLength: 1, maxLength: 2 })).map((some) => ({
          type,
          some,
        })),
      ),
    ),
  );

/** Evenly spaced ints, of which three are looked at. */
const spaced = fc
  .tuple(ints, fc.nat(40), fc.nat(9), fc.nat(9))
  .map(([low, step, second, third]) =>
    [low, low + step * second, low + step * (second + third)].map((each) => each | 0),
  );

/** What an operation gives in a decision. */
function decide({ eval: meaning, result }: Signature, args: readonly Value[]): Value {
  const value = meaning(...args);
  return result === "float" ? Math.fround(value as number) : value;
}

describe("ranges hold every result", () => {
  test.each(OP_NAMES)("%s", (name) => {
    for (const signature of opInfo(name).signatures) {
      const law = fc.property(anyArguments(signature), fc.nat(), (args, choice) => {
        const ranges = args.map(({ type, some }) => some.map((each) => rangeOf(type, each)).reduce(join));
        const picked = args.map(({ some }, index) => some[(choice >> (2 * index)) % some.length]!);
        const result = decide(signature, picked);
        const range = transfer(name, ranges);
        expect(contains(range, result), `${name}(${picked}) = ${result} in ${JSON.stringify(range)}`).toBe(true);
      });
      fc.assert(law, { numRuns: 800 });
    }
  });
});

describe("ranges are tight where masks need it", () => {
  const positive = intRange(64, 127);
  test.each<[OpName, readonly Range[], Range]>([
    ["add", [positive, intRange(-1, 1)], intRange(63, 128)],
    ["add", [positive, intRange(0, 2 ** 31 - 1)], ANY_INT],
    ["abs", [intRange(-3, 2)], intRange(0, 3)],
    ["floorDiv", [intRange(-5, 5), intRange(4, 4)], intRange(-2, 1)],
    ["floorDiv", [intRange(8, 9), intRange(0, 2)], intRange(0, 9)],
    ["floorMod", [intRange(64, 70), intRange(64, 64)], intRange(0, 6)],
    ["floorMod", [intRange(60, 70), intRange(64, 64)], intRange(0, 63)],
    ["floorMod", [intRange(-9, 5), intRange(-4, -4)], intRange(-3, 0)],
    ["bitAnd", [intRange(64, 70), intRange(63, 63)], intRange(0, 6)],
    ["shiftRight", [positive, intRange(4, 4)], intRange(4, 7)],
    ["shiftLeft", [intRange(1, 3), intRange(4, 4)], intRange(16, 48, 16)],
    ["mul", [intRange(1, 7, 3), intRange(-2, -2)], intRange(-14, -2, 6)],
    ["sub", [intRange(1, 7, 6), intRange(0, 8, 4)], intRange(-7, 7, 2)],
    ["floorMod", [intRange(5, 65, 12), intRange(4, 4)], intRange(1, 1)],
    ["floorMod", [intRange(5, 65, 12), intRange(8, 8)], intRange(1, 5, 4)],
    ["floorDiv", [intRange(5, 65, 12), intRange(4, 4)], intRange(1, 16, 3)],
    ["floorDiv", [intRange(-7, 5, 12), intRange(4, 4)], intRange(-2, 1, 3)],
    ["eq", [intRange(1, 9, 4), intRange(3, 11, 8)], boolRange(BlockFact.empty)],
    ["pow", [intRange(-3, 2), intRange(2, 2)], intRange(0, 9)],
    ["min", [positive, intRange(0, 70)], intRange(0, 70)],
    ["lt", [intRange(0, 3), intRange(4, 9)], boolRange(BlockFact.full)],
    ["le", [intRange(5, 9), intRange(0, 4)], boolRange(BlockFact.empty)],
    ["ne", [intRange(0, 3), intRange(4, 9)], boolRange(BlockFact.full)],
    ["lt", [floatRange(0, 1), floatRange(2, 3)], boolRange(BlockFact.full)],
    ["lt", [floatRange(0, 1, true), floatRange(2, 3)], boolRange(BlockFact.partial)],
    ["ge", [floatRange(0, 1, true), floatRange(2, 3)], boolRange(BlockFact.empty)],
    ["floor", [floatRange(-0.5, 2.5)], intRange(-1, 2)],
    ["round", [floatRange(0.5, 2.5)], intRange(0, 2)],
    ["select", [boolRange(BlockFact.partial), intRange(1, 2), intRange(7, 8)], intRange(1, 8)],
  ])("%s %#", (name, args, range) => {
    expect(transfer(name, args)).toEqual(range);
  });
});
