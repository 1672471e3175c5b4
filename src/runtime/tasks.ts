// What a kernel and its workers say to each other.

import type { Share } from "./share.ts";

/** The first message. */
export type SetUp = { readonly module: WebAssembly.Module; readonly memory: WebAssembly.Memory };
/** All later ones: a step with the worker's parameter block, alone or together with others. */
export type Task = { readonly step: string; readonly block: number; readonly share?: Share };
export type Answer = { readonly failure?: string };
