// Finds the bytes of a kernel at load time: the file beside the typed module, in the best form that this engine
// understands, read from disk in Node and fetched everywhere else.

/** The same kernel twice: with relaxed SIMD, and for every engine with SIMD. */
export type KernelFiles = { readonly relaxed: URL; readonly plain: URL };

/** Reads the first of the two that the engine accepts.
 *  Throws what reading or fetching throws, with the address of the file. */
export async function readKernel({ relaxed, plain }: KernelFiles): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = await readBytes(relaxed);
  return WebAssembly.validate(bytes) ? bytes : readBytes(plain);
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
