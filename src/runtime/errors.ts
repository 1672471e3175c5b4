// What a call can be refused for. Everything is checked before a kernel starts, so a refused call leaves no trace; only
// an empty row is found by the kernel itself, and then no result leaves it.

/** Code and meaning of every refusal. */
export const INPUT_ERRORS = {
  E0701: "an input has a name that the attention does not know",
  E0702: "an input is missing",
  E0703: "an input has the wrong type",
  E0704: "an input has the wrong shape",
  E0705: "an input is outside of its declared range",
  E0706: "an input that is declared sorted is not",
  E0707: "the query heads are no multiple of the KV heads",
  E0708: "the dims are not those that the kernel was compiled for",
  E0709: "the call needs more memory than there can be",
  E0710: "a query row sees no key, and the attention calls that an error",
  E0711: "the kernel was disposed of",
  E0712: "this engine lacks WebAssembly SIMD",
  E0714: "this page may not share memory between threads",
  E0715: "a worker failed",
  E0716: "the GPU device cannot run the kernel",
  E0717: "a GPU buffer does not fit the call",
  E0718: "the GPU device is lost",
} as const;

export type InputErrorCode = keyof typeof INPUT_ERRORS;

/** A call that cannot be run as it was made. `argument` names the input that is to blame, `""` where it is no single one. */
export class AttentionInputError extends Error {
  override readonly name = "AttentionInputError";
  readonly code: InputErrorCode;
  readonly argument: string;

  constructor(code: InputErrorCode, argument: string, message: string) {
    super(`${code}: ${message}`);
    this.code = code;
    this.argument = argument;
  }
}

export const wrongType = (name: string, wanted: string) =>
  new AttentionInputError(
    "E0703",
    name,
    `\`${name}\` must be ${/^[A-Z]/.test(wanted) ? `a ${wanted}` : `of type ${wanted}`}`,
  );
export const wrongShape = (name: string, how: string) => new AttentionInputError("E0704", name, `\`${name}\` ${how}`);
export const unfitBuffer = (name: string, how: string) =>
  new AttentionInputError("E0717", name, name === "" ? how : `\`${name}\` ${how}`);
export const deviceLost = (why: string) =>
  new AttentionInputError("E0718", "device", `the device is lost; make a new one and load the kernel on it: ${why}`);
/** Found by the kernel itself, when it has run. */
export const emptyRows = (count: number) =>
  new AttentionInputError("E0710", "", `${count} query rows see no key, which this attention calls an error`);
export const disposed = () => new AttentionInputError("E0711", "", "the kernel was disposed of");
