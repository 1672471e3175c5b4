// From WebAssembly text to bytes. The assembler knows the grammar but no types; the engine's own validation judges the
// result. Text that fails either was printed wrong: that is a bug of the compiler, and the message shows where.

import { compile } from "watr";

export function assemble(text: string): Uint8Array<ArrayBuffer> {
  const bytes = encode(text);
  if (!WebAssembly.validate(bytes)) throw new Error(`a kernel does not validate: ${reasonOf(bytes, text)}`);
  return bytes;
}

/** Bytes without validation, for modules whose features this engine may lack. */
export function encode(text: string): Uint8Array<ArrayBuffer> {
  try {
    return new Uint8Array(compile(text));
  } catch (error) {
    throw new Error(`a kernel does not assemble: ${withLine(String((error as Error).message), text)}`);
  }
}

function reasonOf(bytes: Uint8Array<ArrayBuffer>, text: string): string {
  try {
    new WebAssembly.Module(bytes);
  } catch (error) {
    const message = String((error as Error).message);
    const index = /function #(\d+)/.exec(message)?.[1];
    const name = index === undefined ? undefined : [...text.matchAll(/\(func (\$[\w.]+)/g)][Number(index)]?.[1];
    return name ? `${message}, in ${name}` : message;
  }
  return "the engine gives no reason";
}

/** Messages of the assembler end in `at LINE:COLUMN`. */
function withLine(message: string, text: string): string {
  const line = /at (\d+):\d+/.exec(message)?.[1];
  return line === undefined ? message : `${message}\n${text.split("\n")[Number(line) - 1]}`;
}
