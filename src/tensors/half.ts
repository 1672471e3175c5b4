// The two 16-bit float formats as bit patterns, by arithmetic alone: no typed array of halves is needed, so this runs
// on every engine. Both are one construction with different field widths, hence one pair of functions.

/** Widths of the fields below the sign bit. */
type Format = { readonly exponentBits: number; readonly fractionBits: number };

const half: Format = { exponentBits: 5, fractionBits: 10 };
const bfloat: Format = { exponentBits: 8, fractionBits: 7 };

/** Value of an IEEE binary16 bit pattern; exact. */
export const fromHalf = (bits: number): number => decode(bits, half);
/** Nearest binary16 to a number, ties to even; overflow gives an infinity, NaN the quiet NaN. */
export const toHalf = (value: number): number => encode(value, half);
/** Value of a bfloat16 bit pattern; exact. */
export const fromBfloat = (bits: number): number => decode(bits, bfloat);
/** Nearest bfloat16 to a number, ties to even; overflow gives an infinity, NaN the quiet NaN. */
export const toBfloat = (value: number): number => encode(value, bfloat);

const bias = ({ exponentBits }: Format) => 2 ** (exponentBits - 1) - 1;

function decode(bits: number, format: Format): number {
  const { exponentBits, fractionBits } = format;
  const fraction = bits & (2 ** fractionBits - 1);
  const exponent = (bits >> fractionBits) & (2 ** exponentBits - 1);
  const sign = bits & 0x8000 ? -1 : 1;
  if (exponent === 2 ** exponentBits - 1) return fraction === 0 ? sign * Infinity : Number.NaN;
  // Subnormals have the exponent of the smallest normal number and no leading one.
  const units = exponent === 0 ? fraction : fraction + 2 ** fractionBits;
  return sign * units * 2 ** (Math.max(exponent, 1) - bias(format) - fractionBits);
}

function encode(value: number, format: Format): number {
  const { exponentBits, fractionBits } = format;
  const infinity = (2 ** exponentBits - 1) << fractionBits;
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
  const magnitude = Math.abs(value);
  if (Number.isNaN(value)) return infinity | (1 << (fractionBits - 1));
  if (magnitude === 0) return sign;
  const exponent = Math.max(floorLog2(magnitude), 1 - bias(format));
  const units = roundHalfEven(magnitude * 2 ** (fractionBits - exponent));
  // The biased exponent counts from the smallest normal, so that a carry out of the fraction lands where it should.
  const bits = ((exponent + bias(format) - 1) << fractionBits) + units;
  return sign | Math.min(bits, infinity);
}

function floorLog2(magnitude: number): number {
  if (magnitude === Infinity) return 128;
  const guess = Math.floor(Math.log2(magnitude));
  if (2 ** guess > magnitude) return guess - 1;
  return 2 ** (guess + 1) <= magnitude ? guess + 1 : guess;
}

function roundHalfEven(value: number): number {
  const below = Math.floor(value);
  const rest = value - below;
  if (rest === 0.5) return below + (below % 2);
  return rest < 0.5 ? below : below + 1;
}
