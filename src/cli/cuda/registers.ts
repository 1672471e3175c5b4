// What kernels take of a device, for the manifest of a build that asks: registers, what spills out of them, and shared
// memory, on every architecture. It depends on the compiler, which is named beside the figures with the day; a build that does not ask
// is the same with every compiler, and without one.

import { basename, dirname } from "node:path";
import { type Artefact, bytesOf } from "../../artefacts/artefact.ts";
import type { Built } from "../../artefacts/built.ts";
import { SPECIAL_FOLDER } from "../../artefacts/cuda.ts";
import { ARCHITECTURES, nvccVersion, type Usage, usageOf } from "./compile-device.ts";

/** What a manifest says: when the compiler was asked, and which; of warpgroups where the attention has such a kernel. */
export type Registers = {
  readonly date: string;
  readonly compiler: string;
  readonly kernels: readonly KernelUsage[];
  readonly warpgroups?: readonly KernelUsage[];
};
type KernelUsage = Usage & { readonly sharedBytes: number };

/** The attention with its registers in what the manifest says of it; those of other targets stay as they are. */
export async function withRegisters(built: Built): Promise<Built> {
  return built.target === "cuda" ? { ...built, entry: { ...built.entry, registers: await registersOf(built) } } : built;
}

async function registersOf(built: Built): Promise<Registers> {
  const files = await built.files();
  const compiled = (architectures: readonly string[], ...folders: readonly string[]) =>
    usageIn(built.attention.name.text, files, folders, architectures);
  const hasWarpgroups = files.some(({ path }) => dirname(path) === SPECIAL_FOLDER);
  return {
    date: new Date().toISOString().slice(0, 10),
    compiler: nvccVersion(),
    kernels: await compiled(ARCHITECTURES, "cuda"),
    // Its header is that of all devices.
    ...(hasWarpgroups ? { warpgroups: await compiled(["90a"], "cuda", SPECIAL_FOLDER) } : {}),
  };
}

/** @param folders of two files with one name that of the later folder counts */
async function usageIn(
  name: string,
  artefacts: readonly Artefact[],
  folders: readonly string[],
  architectures: readonly string[],
): Promise<readonly KernelUsage[]> {
  const sources = folders.flatMap((folder) =>
    artefacts.filter(({ path }) => dirname(path) === folder && SOURCES.test(path)),
  );
  const files = Object.fromEntries(
    sources.map((file) => [basename(file.path), new TextDecoder().decode(bytesOf(file))]),
  );
  const { steps }: Description = JSON.parse(files[`${name}.json`]!);
  const usage = await usageOf(files, `${name}.cu`, architectures);
  const sharedBytes = ({ kernel }: Usage) => steps.find((step) => step.kernel === kernel)!.shared_bytes;
  return usage.map((each) => ({ ...each, sharedBytes: sharedBytes(each) }));
}

const SOURCES = /\.(cu|h|json)$/;

type Description = { readonly steps: readonly { readonly kernel: string; readonly shared_bytes: number }[] };
