// One file that `build` writes, as data: the compiler has no file system, so the command or a page decides what becomes
// of it.

/** `path` is relative to the output folder, with forward slashes. */
export type Artefact = { readonly path: string; readonly content: string | Uint8Array };

/** The bytes that the file holds; text is UTF-8. */
export function bytesOf({ content }: Artefact): Uint8Array {
  return typeof content === "string" ? new TextEncoder().encode(content) : content;
}
