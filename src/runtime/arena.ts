// One memory that calls share, one after the other: each lays its tensors out from the start again, so that the memory
// grows to what the largest call needs and no further.

import { AttentionInputError } from "./errors.ts";

const PAGE = 65536;
/** No vector straddles two cache lines. */
const ALIGNMENT = 64;

export type Arena = {
  readonly memory: WebAssembly.Memory;
  /** Forgets what was placed. */
  reset(): void;
  /** Reserves bytes, and as many readable ones behind them as the kernel asks for. Nothing is written yet. */
  place(bytes: number): number;
  /** Grows the memory to hold all that was placed. Throws AttentionInputError E0709; the memory stays usable then. */
  commit(): void;
};

export function makeArena(slackBytes: number, limitBytes: number): Arena {
  const memory = new WebAssembly.Memory({ initial: 1 });
  let end = 0;
  return {
    memory,
    reset() {
      // Address 0 means "not given" to a kernel, so nothing lies there.
      end = ALIGNMENT;
    },
    place(bytes) {
      const start = end;
      end = Math.ceil((end + bytes + slackBytes) / ALIGNMENT) * ALIGNMENT;
      return start;
    },
    commit() {
      const missing = Math.ceil((end - memory.buffer.byteLength) / PAGE);
      if (missing <= 0) return;
      if (end > limitBytes) throw tooLarge(end, `a kernel can use ${limitBytes}`);
      try {
        memory.grow(missing);
      } catch {
        throw tooLarge(end, "this machine does not give them");
      }
    },
  };
}

const tooLarge = (bytes: number, why: string) =>
  new AttentionInputError("E0709", "", `the call needs ${bytes} bytes of memory, but ${why}`);
