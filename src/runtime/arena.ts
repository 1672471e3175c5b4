// One memory that calls share, one after the other: each lays its tensors out from the start again, so that the memory
// grows to what the largest call needs and no further. What the caller allocated for good lies below.

import type { KernelDescription } from "./description.ts";
import { AttentionInputError } from "./errors.ts";

const PAGE = 65536;
/** No vector straddles two cache lines. */
const ALIGNMENT = 64;

export type Arena = {
  readonly memory: WebAssembly.Memory;
  /** Forgets what was placed. What is held until then lies elsewhere. */
  reset(): void;
  /** Reserves bytes, and as many readable ones behind them as the kernel asks for. Nothing is written yet. */
  place(bytes: number): number;
  /** Grows the memory to hold all that was placed. Throws AttentionInputError E0709; the memory stays usable then. */
  commit(): void;
  /** Reserves zeroed bytes until they are released. Throws AttentionInputError E0709. */
  hold(bytes: number): number;
  release(address: number): void;
  /** Do the elements lie in bytes that are held? */
  holds(elements: ArrayBufferView): boolean;
};

type Sizes = Pick<KernelDescription["memory"], "firstByte" | "slackBytes" | "limitBytes">;
type Block = { readonly start: number; readonly end: number };

/** @param shared a memory that threads can share */
export function makeArena({ firstByte, slackBytes, limitBytes }: Sizes, shared = false): Arena {
  const limits = shared ? { maximum: Math.floor(limitBytes / PAGE), shared } : {};
  const memory = new WebAssembly.Memory({ initial: 1, ...limits });
  const bottom: Block = { start: 0, end: firstByte };
  /** Sorted by address. */
  let held: readonly Block[] = [bottom];
  /** The end of what is placed; 0 where nothing is. */
  let placed = 0;
  const top = () => Math.max(placed, held.at(-1)!.end);
  const after = (start: number, bytes: number) => Math.ceil((start + bytes + slackBytes) / ALIGNMENT) * ALIGNMENT;
  const growTo = (wanted: number) => {
    const missing = Math.ceil((wanted - memory.buffer.byteLength) / PAGE);
    if (missing <= 0) return;
    if (wanted > limitBytes) throw tooLarge(wanted, `a kernel can use ${limitBytes}`);
    try {
      memory.grow(missing);
    } catch {
      throw tooLarge(wanted, "this machine does not give them");
    }
  };
  return {
    memory,
    reset() {
      placed = 0;
    },
    place(bytes) {
      const start = top();
      placed = after(start, bytes);
      return start;
    },
    commit: () => growTo(top()),
    hold(bytes) {
      const room = (gap: number) => (held[gap + 1]?.start ?? 0) - held[gap]!.end;
      const gap = held.findIndex((block, index) => after(block.end, bytes) - block.end <= room(index));
      const start = gap < 0 ? top() : held[gap]!.end;
      const block: Block = { start, end: after(start, bytes) };
      growTo(block.end);
      new Uint8Array(memory.buffer).fill(0, block.start, block.end);
      held = held.toSpliced(gap < 0 ? held.length : gap + 1, 0, block);
      return start;
    },
    release(address) {
      held = held.filter((block) => block === bottom || block.start !== address);
    },
    holds({ buffer, byteOffset, byteLength }) {
      if (buffer !== memory.buffer) return false;
      return held.some(({ start, end }) => start <= byteOffset && byteOffset + byteLength <= end);
    },
  };
}

const tooLarge = (bytes: number, why: string) =>
  new AttentionInputError("E0709", "", `the call needs ${bytes} bytes of memory, but ${why}`);
