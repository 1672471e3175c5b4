// Tokens → spans and names. Tokens that error recovery made up have no place in the text; they count as absent.

import type { IToken } from "chevrotain";
import type { Name, Span } from "../source/span.ts";
import { spanOf } from "./tokenize.ts";

/** What the builders carry: the file that they read. */
export type Read = {
  /** Span of a token; of `otherwise` where there is none. */
  readonly span: (token: IToken | undefined, otherwise?: Span) => Span;
};

export function readerOf(file: number): Read {
  return {
    span: (token, otherwise) => (present(token) ? spanOf(token, file) : (otherwise ?? { file, start: 0, end: 0 })),
  };
}

/** The name that a token spells, if the token is there. */
export function nameOf(token: IToken | undefined, read: Read): Name | undefined {
  return present(token) ? { text: token.image, span: read.span(token) } : undefined;
}

function present(token: IToken | undefined): token is IToken {
  return token !== undefined && !token.isInsertedInRecovery;
}
