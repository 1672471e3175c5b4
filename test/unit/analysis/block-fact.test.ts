import { describe, expect, test } from "vitest";
import { allows, and, BlockFact, equal, join, letterOf, not, or } from "../../../src/analysis/block-fact.ts";

const facts = Object.values(BlockFact);
const values = [false, true];

/** The fact about all results of an operation on independent operands. */
function byDefinition(operation: (a: boolean, b: boolean) => boolean, left: BlockFact, right: BlockFact): BlockFact {
  let fact: number = BlockFact.never;
  for (const a of values.filter((value) => allows(left, value))) {
    for (const b of values.filter((value) => allows(right, value))) {
      fact |= operation(a, b) ? BlockFact.full : BlockFact.empty;
    }
  }
  return fact as BlockFact;
}

describe("block facts", () => {
  test("operations are those on sets of truth values, on all pairs", () => {
    for (const left of facts) {
      expect(not(left)).toBe(byDefinition((a) => !a, left, BlockFact.full));
      for (const right of facts) {
        expect(and(left, right)).toBe(byDefinition((a, b) => a && b, left, right));
        expect(or(left, right)).toBe(byDefinition((a, b) => a || b, left, right));
        expect(equal(left, right)).toBe(byDefinition((a, b) => a === b, left, right));
      }
    }
  });

  test("two blocks together may do what either may do", () => {
    expect(join(BlockFact.empty, BlockFact.full)).toBe(BlockFact.partial);
    expect(join(BlockFact.never, BlockFact.full)).toBe(BlockFact.full);
  });

  test("letters", () => {
    expect(facts.map(letterOf).join("")).toBe("eefp");
  });
});
