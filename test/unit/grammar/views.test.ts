// What is derived from the parser is fresh, and the grammar and the lexer pass Chevrotain's own checks.

import { readFileSync } from "node:fs";
import { Lexer } from "chevrotain";
import { expect, test } from "vitest";
import { Comment } from "../../../grammar/comments.ts";
import { INFIX } from "../../../grammar/precedence.ts";
import { LEXED } from "../../../grammar/tokens.ts";
import { cstTypes, ebnf } from "../../../grammar/views.ts";

const committed = (name: string) => readFileSync(new URL(`../../../grammar/${name}`, import.meta.url), "utf8");

test("cst.ts and attn.ebnf are those of the parser; `node grammar/generate.ts` writes them", () => {
  expect(cstTypes()).toBe(committed("cst.ts"));
  expect(ebnf()).toBe(committed("attn.ebnf"));
});

test("every token can be reached", () => {
  const lexer = new Lexer([Comment, ...LEXED], { positionTracking: "onlyOffset" });
  expect(lexer.lexerDefinitionErrors).toEqual([]);
});

test("the table of precedence names every operator of the grammar", () => {
  const infix = /^Infix = (.*) ;$/m
    .exec(ebnf())![1]!
    .split(" | ")
    .map((text) => text.slice(1, -1));
  expect(infix.toSorted()).toEqual(Object.keys(INFIX).toSorted());
});
