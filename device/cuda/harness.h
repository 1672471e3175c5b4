// Runs one call of a kernel from a program: reads the call from the standard input, field by field in the order of its
// record, and writes its results to the standard output. Tensors lie between guards, results are poisoned before the call,
// and a guard that was written to is an error. Used to check kernels, on a device or emulated, never to measure them.
#pragma once

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

namespace attnc {
namespace harness {

constexpr size_t GUARD = 256;

[[noreturn]] inline void stop(const char* what, const char* more = "") {
  fprintf(stderr, "%s%s\n", what, more);
  exit(87);
}

inline void read_bytes(void* to, size_t bytes) {
  if (fread(to, 1, bytes, stdin) != bytes) stop("the call ends too early");
}
template <class T>
T read_value() {
  T value;
  read_bytes(&value, sizeof value);
  return value;
}
inline void read_strides(long long (&strides)[3]) { read_bytes(strides, sizeof strides); }

#ifdef __CUDACC__
inline void demand(cudaError_t error) {
  if (error) stop("CUDA: ", cudaGetErrorString(error));
}
inline char* allocate(size_t bytes) {
  void* address;
  demand(cudaMalloc(&address, bytes));
  return static_cast<char*>(address);
}
inline void upload(char* to, const char* from, size_t bytes) {
  demand(cudaMemcpy(to, from, bytes, cudaMemcpyHostToDevice));
}
inline void download(char* to, const char* from, size_t bytes) {
  demand(cudaMemcpy(to, from, bytes, cudaMemcpyDeviceToHost));
}
inline void finish() { demand(cudaDeviceSynchronize()); }
inline void declare(const char*, const char*, size_t) {}
#else
inline char* allocate(size_t bytes) { return static_cast<char*>(aligned_alloc(256, (bytes + 255) / 256 * 256)); }
inline void upload(char* to, const char* from, size_t bytes) { memcpy(to, from, bytes); }
inline void download(char* to, const char* from, size_t bytes) { memcpy(to, from, bytes); }
inline void finish() {}
inline void declare(const char* name, const char* begin, size_t bytes) { emulation::declare_memory(name, begin, bytes); }
#endif

struct Tensor {
  const char* name;
  char* begin;
  size_t bytes;
};

/// Room between guards, poisoned: of all bits, so that floats are NaN.
inline Tensor poisoned(const char* name, size_t bytes) {
  char* const host = static_cast<char*>(malloc(bytes + 2 * GUARD));
  memset(host, 0xff, bytes + 2 * GUARD);
  char* const begin = allocate(bytes + 2 * GUARD) + GUARD;
  upload(begin - GUARD, host, bytes + 2 * GUARD);
  free(host);
  declare(name, begin, bytes);
  return {name, begin, bytes};
}

/// A tensor of the call, or null where it has none.
template <class T>
T* read_tensor(const char* name) {
  const long long bytes = read_value<long long>();
  if (bytes < 0) return nullptr;
  const Tensor tensor = poisoned(name, bytes);
  char* const host = static_cast<char*>(malloc(bytes));
  read_bytes(host, bytes);
  upload(tensor.begin, host, bytes);
  free(host);
  return reinterpret_cast<T*>(tensor.begin);
}

/// Writes a result with all that lies in it, after a look at its guards.
inline void write_result(const Tensor& tensor) {
  char* const host = static_cast<char*>(malloc(tensor.bytes + 2 * GUARD));
  download(host, tensor.begin - GUARD, tensor.bytes + 2 * GUARD);
  for (size_t index = 0; index < GUARD; index++) {
    const bool whole = host[index] == '\xff' && host[GUARD + tensor.bytes + index] == '\xff';
    if (!whole) stop("written to outside of ", tensor.name);
  }
  fwrite(host + GUARD, 1, tensor.bytes, stdout);
  free(host);
}

}  // namespace harness
}  // namespace attnc
