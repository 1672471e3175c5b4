// What the parser wanted, as data. Chevrotain lets a provider write the message of an error; ours writes the labels of
// the tokens that would have fitted, one a line, and `problemOf` reads them back. The words come later, in diagnostics.

import type { IParserErrorMessageProvider, TokenType } from "chevrotain";

/** Labels of what would have fitted. */
export const expectations: IParserErrorMessageProvider = {
  buildMismatchTokenMessage: ({ expected }) => labelOf(expected),
  buildNotAllInputParsedMessage: () => "an operator",
  buildNoViableAltMessage: ({ expectedPathsPerAlt, customUserDescription }) =>
    customUserDescription ?? firstLabels(expectedPathsPerAlt.flat()),
  buildEarlyExitMessage: ({ expectedIterationPaths, customUserDescription }) =>
    customUserDescription ?? firstLabels(expectedIterationPaths),
};

export function readExpectations(message: string): readonly string[] {
  return message.split("\n");
}

function firstLabels(paths: readonly (readonly TokenType[])[]): string {
  return [...new Set(paths.map((path) => labelOf(path[0]!)))].join("\n");
}

function labelOf(type: TokenType): string {
  return type.LABEL ?? type.name;
}
