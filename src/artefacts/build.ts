// Everything that `build` writes, in the order of the folders: one folder a target, and the manifest that describes them
// all. Same input, same output, byte for byte.

import type { Artefact } from "./artefact.ts";
import type { BuildTarget, Built } from "./built.ts";
import { manifest } from "./manifest.ts";
import { BUILD_TARGETS } from "./targets.ts";

/** The files of a build. Names of attentions must differ, but for one attention on several targets. */
export async function buildArtefacts(built: readonly Built[]): Promise<readonly Artefact[]> {
  const folders = Object.values(BUILD_TARGETS).map((target) => folderOf(target, built));
  const files = (await Promise.all(folders)).flat();
  return [...files, await manifest(built, files)];
}

async function folderOf({ name, shared }: BuildTarget, built: readonly Built[]): Promise<readonly Artefact[]> {
  const own = built.filter(({ target }) => target === name);
  if (own.length === 0) return [];
  const files = await Promise.all(own.map((each) => each.files()));
  return [...files.flat(), ...shared];
}
