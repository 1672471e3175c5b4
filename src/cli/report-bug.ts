// What is said when the compiler itself is wrong. A stack trace helps nobody but us, so it is only for those who ask.

import type { Io } from "./io.ts";

export function reportBug(io: Io, error: unknown): void {
  const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  io.err.write(
    [
      `${io.err.style(["red", "bold"], "bug")}: attnc failed, and not because of your file: ${message}`,
      "  This is a bug in attnc. Please report it with the command line, the file that shows it, and `attnc --version`.",
      "  ATTNC_DEBUG=1 prints the place in the compiler.",
      "",
    ].join("\n"),
  );
  if (process.env.ATTNC_DEBUG && error instanceof Error) io.err.write(`${error.stack}\n`);
}
