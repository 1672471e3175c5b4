// What only the command has: E08xx, problems of files and of questions about them.

import type { Entries } from "./entry.ts";

export type CommandCode = "E0801" | "E0802" | "E0803" | "E0804" | "E0805" | "E0806" | "E0807" | "E0808";

export const COMMAND_CODES: Entries<CommandCode> = {
  E0801: {
    meaning: "a file cannot be read",
    explanation:
      "The message says why: it does not exist, is a folder, may not be read, or is no text. A source may have 4 MB at most.",
  },
  E0802: {
    meaning: "a file of tensors is damaged, or of a kind that is not read",
    explanation:
      "The header of a `.safetensors` or `.npy` file must fit its contents: sizes, offsets and element types are checked before anything is read.",
  },
  E0803: {
    meaning: "a file cannot be written",
    explanation:
      "Files are written whole or not at all. The message says what is in the way; a folder is never replaced.",
  },
  E0804: {
    meaning: "a file declares no such attention",
    explanation: "`FILE.attn#NAME` is one attention of the file itself; attentions of imported files belong to those.",
  },
  E0805: {
    meaning: "a dense mask is too large to write down",
    explanation:
      "The whole mask has queries times keys entries for every head. Ask for fewer queries: `--shape queries=256,keys=100000,query_start=4096` is a part in the middle.",
  },
  E0806: {
    meaning: "a target cannot run on this machine",
    explanation: "The message says what is missing. `attnc verify` lists the targets that are there.",
  },
  E0807: {
    meaning: "two attentions of a build have one name",
    explanation:
      "The files of a build are called after its attentions. Rename one of them, or build them into different folders.",
  },
  E0808: {
    meaning: "registers cannot be counted on this machine",
    explanation:
      "How many registers a kernel takes is known once NVIDIA's compiler, nvcc, has compiled it. Without `--registers` a build needs no compiler, and writes the same files.",
  },
};
