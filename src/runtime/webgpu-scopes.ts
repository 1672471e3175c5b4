// Errors of a device, which come late and by way of scopes, as named errors. Scopes that are opened here are closed here, so
// that a caller's own scopes see nothing of a kernel.

import { AttentionInputError, unfitBuffer } from "./errors.ts";

/** Watches what is made on the device until the function that this gives is called; its promise rejects with
 *  AttentionInputError E0709 or E0717 where the device refused something. */
export function watch(device: GPUDevice): () => Promise<void> {
  device.pushErrorScope("out-of-memory");
  device.pushErrorScope("validation");
  return async () => {
    // A lost device has no errors left to tell of.
    const scopes = [device.popErrorScope(), device.popErrorScope()].map((scope) => scope.catch(() => null));
    const [invalid, memory] = await Promise.all(scopes);
    if (memory) throw outOfMemory(memory.message);
    if (invalid) throw unfitBuffer("", `the device refused a buffer of the call: ${invalid.message}`);
  };
}

export const outOfMemory = (message: string) =>
  new AttentionInputError("E0709", "", `the device has no memory for the call: ${message}`);
