// Plain data as a TypeScript literal that reads well: keys without quotes where they need none, and everything that
// fits on a line on one line.

type Plain = boolean | number | string | readonly Plain[] | { readonly [key: string]: Plain };

const WIDTH = 120;

/** @param data plain: objects, arrays, strings, numbers and booleans
 *  @param column where the literal starts on its line, which is not indented. */
export function literal(data: object, column: number): string {
  return print(data as Plain, column, "");
}

function print(value: Plain, column: number, indent: string): string {
  if (typeof value !== "object") return JSON.stringify(value);
  const [open, close] = Array.isArray(value) ? ["[", "]"] : ["{ ", " }"];
  const parts = (inner: string) =>
    Array.isArray(value)
      ? value.map((item: Plain) => print(item, inner.length, inner))
      : Object.entries(value).map(
          ([key, item]) => `${keyText(key)}: ${print(item, inner.length + keyText(key).length + 2, inner)}`,
        );
  const inner = `${indent}  `;
  const broken = parts(inner);
  if (broken.length === 0) return `${open.trim()}${close.trim()}`;
  const line = `${open}${broken.join(", ")}${close}`;
  if (!line.includes("\n") && column + line.length + 1 <= WIDTH) return line;
  return `${open.trim()}\n${broken.map((part) => `${inner}${part},\n`).join("")}${indent}${close.trim()}`;
}

function keyText(key: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(key) ? key : JSON.stringify(key);
}
