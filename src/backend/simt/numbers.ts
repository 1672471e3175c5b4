// Numbers as text, the same in all languages.

/** The shortest decimal that gives exactly this finite f32 again and is no larger than `most`. */
export function shortestDecimal(value: number, most = Number.POSITIVE_INFINITY): string {
  const digits = [1, 2, 3, 4, 5, 6, 7, 8, 9];
  const decimals = digits.map((count) => Number(value.toPrecision(count)));
  const shortest = decimals.find((decimal) => Math.fround(decimal) === value && Math.abs(decimal) <= most);
  return String(shortest ?? value);
}
