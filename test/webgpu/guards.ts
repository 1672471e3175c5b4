// Storage buffers with a guard behind them, and poison within. Every implementation brings an index that leaves a buffer
// back to its end, where the guard is: a write out of bounds is found there, wherever it was meant to go.

import { USAGE } from "../../src/runtime/webgpu-usage.ts";

const GUARD = Uint32Array.from({ length: 64 }, (_, index) => 0xa5a50000 + index);
/** A NaN. Counters take their first zero for granted, as WebGPU promises it; nothing else is as small. */
const POISON = 0x7fc0dead;
const SMALLEST_POISONED = 17;

export type Guards = {
  /** Sizes of the buffers let go of since the last time whose guard is not as it was. */
  touched(): Promise<readonly number[]>;
};

/** Guards every storage buffer that is made of the device from now on. A destroyed one lives until it was looked at. */
export function guardBuffers(device: GPUDevice): Guards {
  const create = device.createBuffer.bind(device);
  const left: { readonly buffer: GPUBuffer; readonly size: number; readonly destroy: () => void }[] = [];
  device.createBuffer = (descriptor) => {
    const { size, usage, mappedAtCreation } = descriptor;
    if (!(usage & USAGE.STORAGE)) return create(descriptor);
    const buffer = create({
      ...descriptor,
      size: size + GUARD.byteLength,
      usage: usage | USAGE.COPY_SRC | USAGE.COPY_DST,
    });
    const [unmap, destroy] = [buffer.unmap.bind(buffer), buffer.destroy.bind(buffer)];
    const guard = () => device.queue.writeBuffer(buffer, size, GUARD);
    Object.assign(buffer, {
      unmap() {
        unmap();
        guard();
      },
      destroy: () => left.push({ buffer, size, destroy }),
    });
    if (mappedAtCreation) return buffer;
    guard();
    if (size >= SMALLEST_POISONED) device.queue.writeBuffer(buffer, 0, new Uint32Array(size / 4).fill(POISON));
    return buffer;
  };
  return {
    async touched() {
      const looked = left.splice(0);
      const bytes = GUARD.byteLength;
      const copy = create({ size: Math.max(looked.length, 1) * bytes, usage: USAGE.MAP_READ | USAGE.COPY_DST });
      const encoder = device.createCommandEncoder();
      for (const [at, { buffer, size }] of looked.entries())
        encoder.copyBufferToBuffer(buffer, size, copy, at * bytes, bytes);
      device.queue.submit([encoder.finish()]);
      await copy.mapAsync(USAGE.MAP_READ);
      const found = new Uint32Array(copy.getMappedRange().slice(0));
      copy.destroy();
      for (const { destroy } of looked) destroy();
      const isWhole = (at: number) => GUARD.every((word, index) => found[at * GUARD.length + index] === word);
      return looked.filter((_, at) => !isWhole(at)).map(({ size }) => size);
    },
  };
}
