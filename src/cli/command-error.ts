// How a command stops early. Wrong usage (exit status 2) and failures (exit status 1) are thrown as this one error,
// which main.ts prints; every other thrown error is a bug of ours.

export class CommandError extends Error {
  readonly status: 1 | 2;
  readonly code: string | undefined;
  readonly hint: string | undefined;

  constructor(status: 1 | 2, message: string, options: { code?: string; hint?: string | undefined } = {}) {
    super(message);
    this.status = status;
    this.code = options.code;
    this.hint = options.hint;
  }
}

/** The command line asks for something that does not exist or leaves out something that is needed. */
export function wrongUsage(message: string, hint?: string): CommandError {
  return new CommandError(2, message, { hint });
}

/** The command line is understood, and what it names cannot be used. `code` leads to the long form in `explain`. */
export function failure(code: string, message: string, hint?: string): CommandError {
  return new CommandError(1, message, { code, hint });
}

/** What is wrong stands on the screen already; there is no message to add. */
export function printedAlready(): CommandError {
  return new CommandError(1, "");
}
