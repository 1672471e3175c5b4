// Files as a command meets them: they may be missing, folders, too large or no text. Everything that can go wrong has
// a sentence; nothing here lets an exception of the file system through.

import {
  closeSync,
  fstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { failure } from "./command-error.ts";

/** Sources are written by people; what is larger is something else, and would only be slow to refuse. */
const MAX_SOURCE_BYTES = 4 * 1024 * 1024;

/** Text or the reason, as a sentence, why there is none. */
export function readSource(path: string): { readonly text: string } | { readonly missing: string } {
  const read = path === "-" ? readAtMost(0, MAX_SOURCE_BYTES) : readPath(path);
  if ("missing" in read) return read;
  try {
    return { text: new TextDecoder("utf-8", { fatal: true }).decode(read.bytes) };
  } catch {
    return { missing: "it is not text in UTF-8" };
  }
}

/** All bytes of a file. Problems: E0801 where it cannot be read. */
export function readBytes(path: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (error) {
    throw failure("E0801", `cannot read \`${path}\`: ${reasonOf(error)}`);
  }
}

/** Writes a file whole or not at all: first beside its place, then by a rename. Problems: E0803. */
export function writeAtomically(path: string, content: string | Uint8Array): void {
  const draft = join(dirname(path), `.${process.pid}.${Date.now().toString(36)}.attnc-part`);
  try {
    if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) throw errnoError("EISDIR");
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(draft, content);
    renameSync(draft, path);
  } catch (error) {
    discard(draft);
    throw failure("E0803", `cannot write \`${path}\`: ${reasonOf(error)}`);
  }
}

/** Removes a draft if there is one; where even that fails, the reason to tell is the first one. */
function discard(draft: string): void {
  try {
    rmSync(draft, { force: true });
  } catch {
    // The draft lies where nothing can lie.
  }
}

function readPath(path: string): { readonly bytes: Uint8Array } | { readonly missing: string } {
  let file: number | undefined;
  try {
    file = openSync(path, "r");
    if (fstatSync(file).isDirectory()) return { missing: REASONS.EISDIR! };
    return readAtMost(file, MAX_SOURCE_BYTES);
  } catch (error) {
    return { missing: reasonOf(error) };
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

/** Reads in pieces, so that pipes and endless devices are as good as files. */
function readAtMost(file: number, limit: number): { readonly bytes: Uint8Array } | { readonly missing: string } {
  const pieces: Uint8Array[] = [];
  for (let total = 0; ; ) {
    const piece = new Uint8Array(64 * 1024);
    const count = readSync(file, piece, 0, piece.length, null);
    if (count === 0) return { bytes: Buffer.concat(pieces) };
    total += count;
    if (total > limit) return { missing: `it is larger than ${limit / 1024 / 1024} MB, the limit for a source` };
    pieces.push(piece.subarray(0, count));
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file",
  EEXIST: "a part of its path is a file, not a folder",
  ENOTDIR: "a part of its path is a file, not a folder",
  EISDIR: "it is a folder",
  EACCES: "access is not permitted",
  EPERM: "access is not permitted",
  EROFS: "the file system is read-only",
  ENOSPC: "no space is left on the device",
  ELOOP: "its links lead in a circle",
  ENAMETOOLONG: "its name is too long",
  ERR_FS_FILE_TOO_LARGE: "it is larger than 2 GiB",
};

/** The reason of a failed file operation, as the rest of a sentence. */
export function reasonOf(error: unknown): string {
  const code = (error as NodeJS.ErrnoException).code ?? "";
  return REASONS[code] ?? (code !== "" ? `the system says ${code}` : String(error));
}

function errnoError(code: string): Error {
  return Object.assign(new Error(code), { code });
}
