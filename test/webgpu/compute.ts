// A shader on words: binding 0 is what is given, binding 1 as many words of results; 64 words a workgroup.

export async function compute(device: GPUDevice, code: string, given: Uint32Array): Promise<Uint32Array> {
  const size = Math.ceil(given.length / 64) * 256;
  const { COPY_DST, COPY_SRC, MAP_READ, STORAGE } = { MAP_READ: 1, COPY_SRC: 4, COPY_DST: 8, STORAGE: 0x80 };
  const [from, to, read] = [STORAGE | COPY_DST, STORAGE | COPY_SRC, MAP_READ | COPY_DST].map((usage) =>
    device.createBuffer({ size, usage }),
  );
  device.queue.writeBuffer(from!, 0, Uint32Array.from(given));
  const module = device.createShaderModule({ code });
  const pipeline = await device.createComputePipelineAsync({ layout: "auto", compute: { module } });
  const entries = [from!, to!].map((buffer, binding) => ({ binding, resource: { buffer } }));
  const encoder = device.createCommandEncoder();
  const pass = encoder.beginComputePass();
  pass.setPipeline(pipeline);
  pass.setBindGroup(0, device.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries }));
  pass.dispatchWorkgroups(size / 256);
  pass.end();
  encoder.copyBufferToBuffer(to!, 0, read!, 0, size);
  device.queue.submit([encoder.finish()]);
  await read!.mapAsync(1);
  const found = new Uint32Array(read!.getMappedRange().slice(0, 4 * given.length));
  for (const buffer of [from!, to!, read!]) buffer.destroy();
  return found;
}
