// Outputs that attentions name, on a device: of awkward calls, of f32 and of halves, each element within its own bound; and of
// published systems, beside what code of their own computes in f64.

import { afterAll, describe, expect } from "vitest";
import { wgslRunner } from "../../src/execute/run-wgsl.ts";
import { attend } from "../../src/reference/attention.ts";
import { boundOf } from "../../src/verify/bound.ts";
import { compare } from "../../src/verify/compare.ts";
import { webgpu } from "../../targets/webgpu.ts";
import { WITH_OUTPUTS } from "../systems/all.ts";
import { AWKWARD, awkwardCall } from "../systems/awkward-outputs.ts";
import { caseOf } from "../systems/case.ts";
import { draw } from "../systems/dense.ts";
import { attentionOf, callOf } from "../unit/execute/calls.ts";
import { closeAdapter, device, onDevice } from "./adapter.ts";
import { bufferOf, read } from "./buffers.ts";
import { DIMS, encodeAndSubmit, inputsIn, loadedOn } from "./encoding.ts";

afterAll(closeAdapter);

describe.each(["f32", "f16"] as const)("rows of %s", (element) => {
  for (const [name, text, sizes] of AWKWARD) {
    onDevice(name, async () => {
      const call = awkwardCall(text, sizes, element);
      const wanted = attend(call);
      const result = await wgslRunner(device!, "a device").run(call);
      expect(Object.keys(result.named!)).toEqual(Object.keys(wanted.named!));
      const verdict = compare(result, wanted, boundOf(call, webgpu.errorUlps), call.shape);
      expect(verdict).toMatchObject({ agrees: true });
    });
  }
});

describe.each(WITH_OUTPUTS)("$name", (system) => {
  for (const [place, sizes] of system.calls.entries()) {
    onDevice(`call ${place}`, async () => {
      const inputs = draw(sizes, place + 1);
      const { named } = await wgslRunner(device!, "a device").run(caseOf(system.attn, inputs));
      const { outputs } = system.run(inputs);
      for (const [name, wanted] of Object.entries(outputs!)) {
        // Sums of at most a hundred numbers below 1, in f32.
        for (const [at, value] of named![name]!.data.entries()) expect(value, name).toBeCloseTo(wanted[at]!, 4);
      }
    });
  }
});

onDevice("outputs are written to buffers of the caller, which says where", async () => {
  const of = attentionOf("attention t { mask q >= k output mass = sum[query] p output seen = count[key] (p > 0.0) }");
  const call = callOf(of, { shape: { queries: 40, keys: 70, heads: 2, ...DIMS } });
  const { batch, heads, queries, keys } = call.shape;
  const kernel = await loadedOn(device!, of);
  const named = {
    mass: { buffer: bufferOf(new Float32Array(batch * heads * keys)), shape: [batch, heads, keys] },
    seen: { buffer: bufferOf(new Int32Array(batch * heads * queries)), shape: [batch, heads, queries] },
  };
  const inputs = { ...inputsIn(call), named };
  for (const encoded of await encodeAndSubmit(kernel, inputs)) encoded.destroy();
  const wanted = attend(call).named!;
  const mass = await read(named.mass.buffer);
  for (const [at, value] of wanted.mass!.data.entries()) expect(mass[at]).toBeCloseTo(value, 5);
  const seen = new Int32Array((await read(named.seen.buffer)).buffer);
  expect(Array.from(seen)).toEqual(Array.from(wanted.seen!.data));

  const missing = { ...inputs, named: { mass: named.mass } };
  await expect(encodeAndSubmit(kernel, missing)).rejects.toThrow("`seen` is missing");
  const short = { ...inputs, named: { ...named, mass: { ...named.mass, shape: [batch, heads, keys - 1] } } };
  await expect(encodeAndSubmit(kernel, short)).rejects.toThrow(`but this call gives [${batch}, ${heads}, ${keys}]`);
  const together = { ...inputs, named: { mass: named.mass, seen: { ...named.seen, buffer: named.mass.buffer } } };
  await expect(encodeAndSubmit(kernel, together)).rejects.toThrow("`seen` overlaps `mass`");
});
