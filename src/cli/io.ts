// Where a command's words go. Commands never touch `process`: they get this record, so that tests can run them in
// their own process and read what they said.

import type { styleText } from "node:util";

export type Style = Parameters<typeof styleText>[0];

export type Stream = {
  readonly write: (text: string | Uint8Array) => void;
  /** A person is watching: bars may move and colours may help. */
  readonly isTerminal: boolean;
  /** Columns of the terminal; 100 where there is none. */
  readonly columns: number;
  /** The text in a style, or as it is where colours are not wanted. */
  readonly style: (style: Style, text: string) => string;
};

export type Io = {
  /** The answer and nothing else. */
  readonly out: Stream;
  /** Problems, progress and notes. */
  readonly err: Stream;
};

/** One note for the reader that is not part of the answer. */
export function note(io: Io, text: string): void {
  io.err.write(`${io.err.style("dim", text)}\n`);
}
