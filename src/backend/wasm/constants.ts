// Vectors of constants are kept at the start of the memory, where an instruction can take them as its operand. V8 makes a
// `v128.const` anew wherever it is used, in three instructions, and a polynomial has more of them than there are registers.

/** Where they begin: the bytes before mean "not given". */
export const CONSTANTS_AT = 64;

export type Constants = {
  /** The texts with a load in place of each constant. */
  readonly texts: readonly string[];
  /** One vector a line: the bytes of a data segment, and what they are. */
  readonly data: readonly { readonly bytes: string; readonly comment: string }[];
};

/** Finds the constants of a module's texts. Engines need no help with zeros, nor with integers of all ones. */
export function keepConstants(texts: readonly string[]): Constants {
  const offsets = new Map<string, number>();
  const keep = (constant: string, shape: string, lanes: string) => {
    if (/^(0 ?)+$/.test(lanes) || (shape.startsWith("i") && /^(-1 ?)+$/.test(lanes))) return constant;
    const name = `${shape} ${lanes}`;
    const offset = offsets.get(name) ?? CONSTANTS_AT + 16 * offsets.size;
    offsets.set(name, offset);
    return `(v128.load offset=${offset} (i32.const 0))`;
  };
  const kept = texts.map((text) => text.replace(/\(v128\.const (\w+) ([^()]+)\)/g, keep));
  const data = [...offsets].map(([name, offset]) => ({
    bytes: escaped(name.split(" ")),
    comment: `${offset}: ${name}`,
  }));
  return { texts: kept, data };
}

/** The bytes of a vector, in the text format's string escapes. */
function escaped([shape, ...lanes]: readonly string[]): string {
  const numbers = lanes.map((lane) => SPECIAL[lane] ?? Number(lane));
  const bytes = ARRAYS[shape!]!(numbers).buffer;
  return [...new Uint8Array(bytes)].map((byte) => `\\${byte.toString(16).padStart(2, "0")}`).join("");
}

const SPECIAL: Readonly<Record<string, number>> = { inf: Infinity, "-inf": -Infinity, nan: NaN };
const ARRAYS: Readonly<Record<string, (lanes: number[]) => ArrayBufferView>> = {
  i8x16: (lanes) => Int8Array.from(lanes),
  i16x8: (lanes) => Int16Array.from(lanes),
  i32x4: (lanes) => Int32Array.from(lanes),
  i64x2: (lanes) => BigInt64Array.from(lanes.map(BigInt)),
  f32x4: (lanes) => Float32Array.from(lanes),
  f64x2: (lanes) => Float64Array.from(lanes),
};
