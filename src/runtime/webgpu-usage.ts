// Usages of buffers, as numbers: a module must not need `GPUBufferUsage`, which Node has not, to load.

export const USAGE = { MAP_READ: 0x01, COPY_SRC: 0x04, COPY_DST: 0x08, UNIFORM: 0x40, STORAGE: 0x80 } as const;
