// The one error of tensor files. Files come from anywhere, so every claim that a header makes is checked against the
// bytes that are there before anything is allocated, and what is wrong is said in a sentence that a user can act on.

/** A tensor file is damaged, or holds what this package does not read. */
export class TensorFileError extends Error {
  override name = "TensorFileError";
}

/** Throws a `TensorFileError` unless the condition holds. */
export function demand(condition: boolean, message: string): asserts condition {
  if (!condition) throw new TensorFileError(message);
}
