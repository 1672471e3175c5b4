// From names of the language to names of TypeScript. Every name of the language is an identifier, so only the case
// changes; a property may even be called like a keyword.

/** Types that a module imports or takes from the language; its own must not hide them. */
const TAKEN = [
  ...["AttentionInputError", "AttentionTensor", "HalfElements", "KernelBytes", "KernelDescription", "KernelModules"],
  ...["ResidentTensor", "WorkerClass", "BufferSlice", "BufferTensor", "EncodedCall", "WebgpuDescription"],
  ...["GPUBindGroupLayoutDescriptor", "GPUComputePassEncoder", "GPUDevice", "GPUFeatureName"],
  ...["TensorInput", "TensorOutput", "ArrayLike", "Float32Array", "Int32Array", "Uint8Array", "Promise", "URL"],
];

/** Types of a module: `gemma2_local` gives `Gemma2Local`, `Gemma2LocalCall`, `Gemma2LocalResult` and so on. */
export function typeNames(name: string) {
  const words = name.split("_").filter(Boolean);
  const joined = words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join("");
  const kernel = joined === "" || /^\d/.test(joined) || TAKEN.includes(joined) ? `Attention${joined}` : joined;
  return {
    kernel,
    onThreads: `${kernel}OnThreads`,
    call: `${kernel}Call`,
    buffers: `${kernel}Buffers`,
    tensors: `${kernel}Tensors`,
    bufferTensors: `${kernel}BufferTensors`,
    namedBuffers: `${kernel}BufferOutputs`,
    params: `${kernel}Params`,
    axes: `${kernel}Axes`,
    result: `${kernel}Result`,
    named: `${kernel}Outputs`,
  };
}
