// The bytes of a kernel, in the best of its builds that this engine accepts.

import { AttentionInputError } from "./errors.ts";

/** A module's bytes. Named here, so that the types of a kernel need neither those of a browser nor those of Node. */
export type KernelBytes = ArrayBuffer | Uint8Array<ArrayBuffer>;

/** The same kernel with and without relaxed SIMD; which one is used depends on the engine. */
export type KernelModules = { readonly plain: KernelBytes; readonly relaxed?: KernelBytes };

export type ChosenModule = { readonly bytes: KernelBytes; readonly relaxed: boolean };

/** Throws AttentionInputError E0712. */
export function chooseModule(modules: KernelModules | KernelBytes): ChosenModule {
  const { plain, relaxed } = "plain" in modules ? modules : { plain: modules, relaxed: undefined };
  if (relaxed !== undefined && WebAssembly.validate(relaxed)) return { bytes: relaxed, relaxed: true };
  if (WebAssembly.validate(plain)) return { bytes: plain, relaxed: false };
  throw new AttentionInputError("E0712", "", "this engine does not accept the kernel: it lacks WebAssembly SIMD");
}
