// What a generated kernel asks of the machine, each under a name. There are two bodies of every primitive: this file holds
// inline PTX, for the device; emulation/ holds the same meaning for a CPU, where a block runs with one fibre per thread
// and misuse is an error. A kernel uses these and plain C++, so the same text runs on both.
//
// PTX is "Parallel Thread Execution ISA"; the sections named below are those of version 8.
#pragma once

#ifndef __CUDACC__
#include "emulation/emulation.h"
#else

// A kernel names what a head or a row has, whether its mask reads it or not.
#pragma nv_diag_suppress 177, 550

namespace attnc {

/// Threads that run in step and can exchange registers.
constexpr int WARP = 32;

/// Elements of global memory. Emulated, an index is checked against the tensor that the address lies in.
template <class T>
struct Global {
  T* at;
  __device__ __forceinline__ explicit Global(T* address) : at(address) {}
  __device__ __forceinline__ T& operator[](long long index) const { return at[index]; }
};

/// Elements of a block's shared memory. Emulated, an index is checked, and so is that what is read has been written and has
/// become visible to the reader.
template <class T>
struct Shared {
  T* at;
  __device__ __forceinline__ T& operator[](int index) const { return at[index]; }
};

extern __shared__ __align__(1024) unsigned char shared_memory[];

/// An array of `count` elements, `offset` bytes into the block's shared memory.
template <class T>
__device__ __forceinline__ Shared<T> shared(int offset, int) {
  return Shared<T>{reinterpret_cast<T*>(shared_memory + offset)};
}

// ---- Barriers ----------------------------------------------------------------------------------------------------------

/// Waits for all threads of the block, and makes their writes visible to each other.
__device__ __forceinline__ void block_barrier() { __syncthreads(); }
/// The same for the threads of a warp.
__device__ __forceinline__ void warp_barrier() { __syncwarp(); }

/// The same number, of which the compiler no longer knows where it comes from: what is computed with it inside a loop is not
/// kept in registers from turn to turn.
__device__ __forceinline__ unsigned opaque(unsigned value) {
  asm volatile("" : "+r"(value));
  return value;
}
template <class T>
__device__ __forceinline__ T* opaque(T* address) {
  asm volatile("" : "+l"(address));
  return address;
}

/// Adds 1, whoever else does so at the same time; gives what was there.
__device__ __forceinline__ int count_up(int* counter) { return atomicAdd(counter, 1); }

/// 2 to the power, as its unit computes it (ex2.approx.ftz); a result below 2 to the -126 is 0.
__device__ __forceinline__ float exp2_of(float exponent) {
  float power;
  asm("ex2.approx.ftz.f32 %0, %1;" : "=f"(power) : "f"(exponent));
  return power;
}

// ---- Shuffles: every lane of the warp takes part -------------------------------------------------------------------------

/// The value of the lane whose number differs in the bits of `mask`.
template <class T>
__device__ __forceinline__ T shuffle_xor(T value, int mask) {
  return __shfl_xor_sync(0xffffffffu, value, mask);
}
/// The value of one lane, for all.
template <class T>
__device__ __forceinline__ T shuffle(T value, int lane) {
  return __shfl_sync(0xffffffffu, value, lane);
}

// ---- Vectors of four words, 16 bytes aligned ------------------------------------------------------------------------------

__device__ __forceinline__ float4 load_4(const Global<const float>& from, long long index) {
  return *reinterpret_cast<const float4*>(from.at + index);
}
__device__ __forceinline__ float4 load_4(const Shared<float>& from, int index) {
  return *reinterpret_cast<const float4*>(from.at + index);
}
__device__ __forceinline__ void store_4(const Shared<float>& to, int index, float4 value) {
  *reinterpret_cast<float4*>(to.at + index) = value;
}
__device__ __forceinline__ void store_4(const Global<float>& to, long long index, float4 value) {
  *reinterpret_cast<float4*>(to.at + index) = value;
}

// ---- Copies that arrive later: cp.async (PTX 9.7.9.25.3) -------------------------------------------------------------------

/// Copies 16 bytes into shared memory, or zeros where `inside` is false; then the source is not read. Both ends are
/// aligned to 16 bytes. What is copied may be read after `copy_async_wait` and a barrier.
template <class T>
__device__ __forceinline__ void copy_async_16(const Shared<T>& to, int index, const Global<const T>& from,
                                              long long source, bool inside) {
  const unsigned address = static_cast<unsigned>(__cvta_generic_to_shared(to.at + index));
  asm volatile("cp.async.cg.shared.global [%0], [%1], 16, %2;" ::"r"(address), "l"(from.at + source),
               "r"(inside ? 16 : 0)
               : "memory");
}
/// Closes a group of copies.
__device__ __forceinline__ void copy_async_commit() { asm volatile("cp.async.commit_group;" ::: "memory"); }
/// Waits until all but the newest `PENDING` groups of this thread have arrived.
template <int PENDING>
__device__ __forceinline__ void copy_async_wait() {
  asm volatile("cp.async.wait_group %0;" ::"n"(PENDING) : "memory");
}

// ---- Halves: 16 bits each, two to a word --------------------------------------------------------------------------------

/// IEEE binary16, and the upper half of a binary32.
struct Half {
  unsigned short bits;
};
struct Brain {
  unsigned short bits;
};

__device__ __forceinline__ float widen(Half value) {
  float wide;
  asm("cvt.f32.f16 %0, %1;" : "=f"(wide) : "h"(value.bits));
  return wide;
}
__device__ __forceinline__ float widen(Brain value) { return __uint_as_float(unsigned(value.bits) << 16); }
__device__ __forceinline__ float widen(float value) { return value; }

/// Two numbers, rounded to nearest even; `low` comes first in memory.
template <class T>
__device__ __forceinline__ unsigned pack(float low, float high);
template <>
__device__ __forceinline__ unsigned pack<Half>(float low, float high) {
  unsigned packed;
  asm("cvt.rn.f16x2.f32 %0, %1, %2;" : "=r"(packed) : "f"(high), "f"(low));
  return packed;
}
template <>
__device__ __forceinline__ unsigned pack<Brain>(float low, float high) {
  unsigned packed;
  asm("cvt.rn.bf16x2.f32 %0, %1, %2;" : "=r"(packed) : "f"(high), "f"(low));
  return packed;
}
/// One number, rounded to nearest even.
template <class T>
__device__ __forceinline__ T narrow(float value) {
  return T{static_cast<unsigned short>(pack<T>(value, 0.0f))};
}
template <>
__device__ __forceinline__ float narrow<float>(float value) {
  return value;
}

// ---- Matrices -------------------------------------------------------------------------------------------------------------

/// Four 8 × 8 matrices of 16-bit elements (PTX 9.7.14.5.15): lane 8 i + r gives the start of row r of matrix i, 16 bytes
/// aligned; register i of lane l holds elements 2 (l mod 4) and the next of row l / 4 of matrix i. Or of its transpose.
template <class T>
__device__ __forceinline__ void ldmatrix_x4(unsigned (&to)[4], const Shared<T>& from, int index) {
  const unsigned address = static_cast<unsigned>(__cvta_generic_to_shared(from.at + index));
  asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0, %1, %2, %3}, [%4];"
               : "=r"(to[0]), "=r"(to[1]), "=r"(to[2]), "=r"(to[3])
               : "r"(address)
               : "memory");
}
template <class T>
__device__ __forceinline__ void ldmatrix_x4_transposed(unsigned (&to)[4], const Shared<T>& from, int index) {
  const unsigned address = static_cast<unsigned>(__cvta_generic_to_shared(from.at + index));
  asm volatile("ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16 {%0, %1, %2, %3}, [%4];"
               : "=r"(to[0]), "=r"(to[1]), "=r"(to[2]), "=r"(to[3])
               : "r"(address)
               : "memory");
}

/// sums += a · b with a 16 × 16, b 16 × 8 and sums 16 × 8 (PTX 9.7.14.5.8). With g = lane / 4 and t = lane mod 4:
/// sums[2 i + j] is element (g + 8 i, 2 t + j); a[i + 2 h] holds (g + 8 i, 8 h + 2 t) and the next column;
/// b[h] holds (8 h + 2 t, g) and the next row.
template <class T>
__device__ __forceinline__ void mma_16816(float (&sums)[4], const unsigned (&a)[4], unsigned b0, unsigned b1);
template <>
__device__ __forceinline__ void mma_16816<Half>(float (&sums)[4], const unsigned (&a)[4], unsigned b0, unsigned b1) {
  asm volatile("mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, "
               "{%0, %1, %2, %3};"
               : "+f"(sums[0]), "+f"(sums[1]), "+f"(sums[2]), "+f"(sums[3])
               : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b0), "r"(b1));
}
template <>
__device__ __forceinline__ void mma_16816<Brain>(float (&sums)[4], const unsigned (&a)[4], unsigned b0, unsigned b1) {
  asm volatile("mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, "
               "{%0, %1, %2, %3};"
               : "+f"(sums[0]), "+f"(sums[1]), "+f"(sums[2]), "+f"(sums[3])
               : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b0), "r"(b1));
}

}  // namespace attnc

#endif

#include "hopper.h"
#include "host.h"
#include "maps.h"
#include "operations.h"
#include "rows.h"
