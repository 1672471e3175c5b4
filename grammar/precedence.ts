// How tightly operators bind: data that the builder of the tree and the printer both read.
//
// The parser reads a chain of operands and operators flat, so that ten thousand terms need no recursion; this table then
// turns the chain into a tree. Higher power binds tighter. The order is that of the language's reference.

export type Side = "left" | "right" | "chain";

/** Operators between two operands. Those of one power that `chain` form one node: `a <= b < c`. */
export const INFIX = {
  or: { power: 2, side: "left" },
  and: { power: 3, side: "left" },
  "==": { power: 5, side: "chain" },
  "!=": { power: 5, side: "chain" },
  "<": { power: 5, side: "chain" },
  "<=": { power: 5, side: "chain" },
  ">": { power: 5, side: "chain" },
  ">=": { power: 5, side: "chain" },
  "|": { power: 6, side: "left" },
  "^": { power: 7, side: "left" },
  "&": { power: 8, side: "left" },
  "<<": { power: 9, side: "left" },
  ">>": { power: 9, side: "left" },
  "+": { power: 10, side: "left" },
  "-": { power: 10, side: "left" },
  "*": { power: 11, side: "left" },
  "/": { power: 11, side: "left" },
  "//": { power: 11, side: "left" },
  "%": { power: 11, side: "left" },
  "**": { power: 13, side: "right" },
} as const satisfies Record<string, { readonly power: number; readonly side: Side }>;

export type InfixOperator = keyof typeof INFIX;

/** Operators before their operand. A reduction such as `mean[query]` binds like the unary minus. */
export const PREFIX = { not: 4, "-": 12 } as const;

/** `if c then a else b` takes everything to its right. */
export const IF_POWER = 1;

/** Names, numbers, calls and parentheses. */
export const ATOM_POWER = 14;
