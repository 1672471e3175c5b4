/** The input has no answer: a score is NaN or +inf, or a row sees no key where the attention says `empty error`. */
export class InputError extends Error {
  override name = "InputError";
}
