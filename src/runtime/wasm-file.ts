// Finds the bytes of a kernel at load time: the file beside the typed module, in the best form that this engine
// understands, read from disk in Node and fetched everywhere else.

/** Where the kernel of a module lies: with relaxed SIMD, and for every engine with SIMD. */
export type KernelFiles = { readonly relaxed: URL; readonly plain: URL };

/** Reads one of the two files, chosen by what `WebAssembly.validate` says of a small probe.
 *  Throws what reading or fetching throws, with the address of the file. */
export async function readKernel({ relaxed, plain }: KernelFiles): Promise<Uint8Array<ArrayBuffer>> {
  return readBytes(supportsRelaxedSimd() ? relaxed : plain);
}

/** (func (result v128) (f32x4.relaxed_madd (v128 zero) (v128 zero) (v128 zero))). */
export function supportsRelaxedSimd(): boolean {
  const zero = [0xfd, 0x0c, ...new Array<number>(16).fill(0)];
  const body = [0x00, ...zero, ...zero, ...zero, 0xfd, 0x85, 0x02, 0x0b];
  const type = [0x01, 0x05, 0x01, 0x60, 0x00, 0x01, 0x7b];
  const code = [0x0a, body.length + 2, 0x01, body.length, ...body];
  return WebAssembly.validate(Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, ...type, 0x03, 0x02, 0x01, 0x00, ...code));
}

async function readBytes(url: URL): Promise<Uint8Array<ArrayBuffer>> {
  if (url.protocol === "file:") {
    // Node does not fetch files. The name stands in a variable so that bundlers for the browser leave it alone.
    const files = "node:fs/promises";
    const { readFile } = (await import(/* @vite-ignore */ /* webpackIgnore: true */ files)) as {
      readFile(url: URL): Promise<Uint8Array<ArrayBuffer>>;
    };
    return readFile(url);
  }
  const response = await fetch(url);
  if (!response.ok) throw new Error(`could not fetch ${url.href}: ${response.status} ${response.statusText}`);
  return new Uint8Array(await response.arrayBuffer());
}
