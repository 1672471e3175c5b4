// What a launcher asks of the CUDA runtime, with two bodies like the primitives. NVRTC compiles no host code, so it sees
// nothing of this.
#pragma once

#ifndef __CUDACC_RTC__

#include <stddef.h>

#ifdef __CUDACC__
#include <cuda_runtime.h>
#endif

namespace attnc {

/// Facts about the current device: 10 · major + minor of its compute capability, the most shared memory of a block, and how
/// many blocks run at once where each has a multiprocessor for itself.
struct Device {
  int capability;
  int shared_bytes;
  int multiprocessors;
};

/// Binary logarithm of how many rows of a head lie in a tile of 2 to the `bits` rows. A tile has rows of as many heads that
/// share keys as make the fewest tiles, and of each no fewer than the eight that are swizzled together.
inline int rows_of_head(int group, int queries, int bits) {
  int best = bits;
  long long fewest = 1LL << 62;
  for (int each = bits; each >= 3 && group % (1 << (bits - each)) == 0; each--) {
    const long long tiles = ((queries + (1LL << each) - 1) >> each) * (group >> (bits - each));
    if (tiles < fewest) fewest = tiles, best = each;
  }
  return best;
}

/// Blocks that go over so many tiles, one after another.
inline long long persistent_blocks(const Device& device, long long tiles) {
  return tiles < device.multiprocessors ? tiles : device.multiprocessors;
}

#ifdef __CUDACC__

/// What the runtime says is wrong, 0 where nothing is.
inline int describe_device(Device& device) {
  int index = 0, major = 0, minor = 0;
  cudaError_t error = cudaGetDevice(&index);
  if (!error) error = cudaDeviceGetAttribute(&major, cudaDevAttrComputeCapabilityMajor, index);
  if (!error) error = cudaDeviceGetAttribute(&minor, cudaDevAttrComputeCapabilityMinor, index);
  if (!error) error = cudaDeviceGetAttribute(&device.shared_bytes, cudaDevAttrMaxSharedMemoryPerBlockOptin, index);
  if (!error) error = cudaDeviceGetAttribute(&device.multiprocessors, cudaDevAttrMultiProcessorCount, index);
  device.capability = 10 * major + minor;
  return error ? static_cast<int>(cudaGetLastError()) : 0;
}

/// Whether no kernel on the current device can read from there.
inline bool is_elsewhere(const void* address) {
  int index = 0;
  cudaPointerAttributes facts;
  const cudaError_t error = cudaGetDevice(&index) ? cudaErrorInvalidDevice : cudaPointerGetAttributes(&facts, address);
  if (error) cudaGetLastError();
  if (error || facts.type == cudaMemoryTypeUnregistered) return true;
  if (facts.type == cudaMemoryTypeManaged) return false;
  return facts.type == cudaMemoryTypeHost ? facts.devicePointer != address : facts.device != index;
}

/// Fills with zeros, in the order of the stream.
inline int clear(void* address, size_t bytes, void* stream) {
  const cudaError_t error = cudaMemsetAsync(address, 0, bytes, static_cast<cudaStream_t>(stream));
  if (error) cudaGetLastError();
  return static_cast<int>(error);
}

/// Begins the kernel on the stream. The error, if there is one, is taken off the runtime, so that it does not stick.
template <class Call>
int launch(const char*, void (*kernel)(Call), const Call& call, long long blocks, int threads, int bytes, void* stream) {
  if (blocks == 0) return 0;
  const void* const function = reinterpret_cast<const void*>(kernel);
  cudaError_t error = cudaFuncSetAttribute(function, cudaFuncAttributeMaxDynamicSharedMemorySize, bytes);
  void* arguments[] = {const_cast<Call*>(&call)};
  if (!error) {
    error = cudaLaunchKernel(function, dim3(static_cast<unsigned>(blocks)), dim3(threads), arguments, bytes,
                             static_cast<cudaStream_t>(stream));
  }
  if (error) cudaGetLastError();
  return static_cast<int>(error);
}

inline const char* error_text(int error) { return cudaGetErrorString(static_cast<cudaError_t>(error)); }

#else

/// What the emulation takes itself for: few multiprocessors, so that blocks go round. Tests of bad input change it.
inline Device emulated_device = {90, emulation::SHARED_BYTES, 3};

inline int describe_device(Device& device) {
  device = emulated_device;
  return 0;
}

inline bool is_elsewhere(const void* address) {
  return emulation::allocation_count > 0 && !emulation::allocation_of(address);
}

inline int clear(void* address, size_t bytes, void*) {
  memset(address, 0, bytes);
  return 0;
}

template <class Call>
int launch(const char* name, void (*kernel)(Call), const Call& call, long long blocks, int threads, int bytes, void*) {
  emulation::run_grid(name, kernel, call, {static_cast<unsigned>(blocks), 1, 1}, threads, bytes);
  return 0;
}

inline const char* error_text(int) { return "an error of CUDA"; }

#endif

}  // namespace attnc

#endif
