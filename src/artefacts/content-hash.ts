// SHA-256 (FIPS 180-4) of what a build wrote, so that two builds can be compared and a changed file be noticed. Every
// engine has it as a web API, with no package and no Node module.

import { type Artefact, bytesOf } from "./artefact.ts";

export type FileEntry = { readonly path: string; readonly bytes: number; readonly sha256: string };

/** One row a file, in the order of their paths. */
export async function fileEntries(artefacts: readonly Artefact[]): Promise<FileEntry[]> {
  const entries = artefacts.map(async (artefact) => {
    const bytes = bytesOf(artefact);
    return { path: artefact.path, bytes: bytes.length, sha256: await sha256(bytes) };
  });
  return (await Promise.all(entries)).sort((left, right) => (left.path < right.path ? -1 : 1));
}

/** Hash of a whole build: of the lines `sha256  path`, the format of the `sha256sum` command. */
export async function contentHash(entries: readonly FileEntry[]): Promise<string> {
  const lines = entries.map(({ sha256: hash, path }) => `${hash}  ${path}\n`).join("");
  return sha256(new TextEncoder().encode(lines));
}

/** Lower-case hexadecimal, 64 digits. */
export async function sha256(bytes: Uint8Array): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new Uint8Array(bytes));
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
