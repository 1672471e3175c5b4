// What kernels take of a device, for the manifest of a build that asks: registers, what spills out of them, and shared
// memory, on every architecture. It depends on the compiler, which is named beside the figures; a build that does not ask
// is the same with every compiler, and without one.

import { basename } from "node:path";
import { bytesOf } from "../../artefacts/artefact.ts";
import type { Built } from "../../artefacts/built.ts";
import { ARCHITECTURES, nvccVersion, type Usage, usageOf } from "./compile-device.ts";

/** What a manifest says. */
export type Registers = {
  readonly compiler: string;
  readonly kernels: readonly (Usage & { readonly sharedBytes: number })[];
};

/** The attention with its registers in what the manifest says of it; those of other targets stay as they are. */
export async function withRegisters(built: Built): Promise<Built> {
  return built.target === "cuda" ? { ...built, entry: { ...built.entry, registers: await registersOf(built) } } : built;
}

async function registersOf(built: Built): Promise<Registers> {
  const name = built.attention.name.text;
  const sources = (await built.files()).filter(({ path }) => SOURCES.test(path));
  const files = Object.fromEntries(
    sources.map((file) => [basename(file.path), new TextDecoder().decode(bytesOf(file))]),
  );
  const { steps }: Description = JSON.parse(files[`${name}.json`]!);
  const usage = await usageOf(files, `${name}.cu`, ARCHITECTURES);
  const sharedBytes = ({ kernel }: Usage) => steps.find((step) => step.kernel === kernel)!.shared_bytes;
  return { compiler: nvccVersion(), kernels: usage.map((each) => ({ ...each, sharedBytes: sharedBytes(each) })) };
}

const SOURCES = /\.(cu|h|json)$/;

type Description = { readonly steps: readonly { readonly kernel: string; readonly shared_bytes: number }[] };
