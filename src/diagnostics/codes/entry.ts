// One entry of the catalogue of problems: what `attnc explain CODE` prints and docs/diagnostics.md is made of.

export type CodeEntry = {
  /** One line, no final dot. */
  readonly meaning: string;
  /** The rule behind it and the way out, in a few sentences. */
  readonly explanation: string;
  /** A short file that has the problem, and the same file mended. Tests check both. */
  readonly wrong?: string;
  readonly right?: string;
};

export type Entries<Code extends string> = Readonly<Record<Code, CodeEntry>>;
