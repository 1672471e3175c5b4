// SwiftShader, a Vulkan driver in software, out of the package that carries it for a headless Chromium. Its five files are
// unpacked once into a folder of the system's temporary files; the loader of Vulkan is told where they are, and is loaded
// from there too where the system has none. Needs neither root nor a package manager.

import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { constants, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { brotliDecompressSync } from "node:zlib";

/** True where the driver is ready to be found. */
export async function unpackSwiftShader(): Promise<boolean> {
  if (process.platform !== "linux" || process.arch !== "x64") return false;
  const archive = findArchive();
  if (archive === undefined) return false;
  const folder = join(tmpdir(), `attnc-swiftshader-${archive.version}`);
  if (!existsSync(folder)) unpack(archive.path, folder);
  process.env.VK_ICD_FILENAMES = join(folder, "vk_swiftshader_icd.json");
  loadLoader(join(folder, "libvulkan.so.1"));
  return true;
}

function findArchive(): { readonly path: string; readonly version: string } | undefined {
  try {
    const main = createRequire(import.meta.url).resolve("@sparticuz/chromium");
    let root = dirname(main);
    while (!existsSync(join(root, "bin", "swiftshader.tar.br")) && dirname(root) !== root) root = dirname(root);
    const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
    return { path: join(root, "bin", "swiftshader.tar.br"), version };
  } catch {
    return undefined;
  }
}

/** A folder that is there is complete: it gets its name when all files are in it. */
function unpack(archive: string, folder: string): void {
  const unfinished = `${folder}.${process.pid}`;
  mkdirSync(unfinished, { recursive: true });
  for (const { name, content } of filesOf(brotliDecompressSync(readFileSync(archive)))) {
    writeFileSync(join(unfinished, name), content, { mode: 0o755 });
  }
  try {
    renameSync(unfinished, folder);
  } catch (error) {
    if (!existsSync(folder)) throw error; // Another process was faster.
  }
}

/** The files of a tar archive: headers of 512 bytes, with name and octal size, and contents padded to as many. */
function* filesOf(tar: Buffer): Generator<{ readonly name: string; readonly content: Buffer }> {
  const text = (at: number, length: number) => tar.toString("latin1", at, at + length).replace(/\0.*$/s, "");
  for (let at = 0; at + 512 <= tar.length && tar[at] !== 0; ) {
    const size = Number.parseInt(text(at + 124, 12), 8);
    const name = text(at, 100).split("/").at(-1)!;
    if (name !== "" && size > 0) yield { name, content: tar.subarray(at + 512, at + 512 + size) };
    at += 512 + Math.ceil(size / 512) * 512;
  }
}

/** Keeps the library in the process under its name, so that Dawn finds it; that it is no addon is what Node complains of. */
function loadLoader(path: string): void {
  const { RTLD_NOW, RTLD_GLOBAL } = constants.dlopen;
  const RTLD_NODELETE = 0x1000;
  try {
    process.dlopen({ exports: {} }, path, RTLD_NOW | RTLD_GLOBAL | RTLD_NODELETE);
  } catch {}
}
