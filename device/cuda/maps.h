// The host's part of copies of tiles: which calls have rows that can be copied so, and the maps of their tensors, with two
// bodies like the primitives. The driver is asked for its function by name, so that nothing is linked to it.
#pragma once

#ifndef __CUDACC_RTC__

#ifdef __CUDACC__
#include <cuda.h>
#endif

namespace attnc {

/// Whether rows are 16 bytes aligned, and no strides are too large or turned around.
/// @param extents,strides of batch, heads and tokens
inline bool suits_tiles(const void* base, const int (&extents)[3], const long long (&strides)[3]) {
  if (extents[0] == 0 || extents[1] == 0 || extents[2] == 0) return true;
  bool suits = reinterpret_cast<size_t>(base) % 16 == 0;
  for (int axis = 0; axis < 3; axis++) {
    const bool even = strides[axis] % 8 == 0 && strides[axis] > 0 && strides[axis] < 1LL << 38;
    suits = suits && (extents[axis] <= 1 || even);
  }
  return suits;
}

/// The strides of an axis that has one element do not matter, but a map wants good ones.
inline long long stride_of(const int (&extents)[3], const long long (&strides)[3], int axis) {
  return extents[axis] <= 1 ? TILE_COLUMNS : strides[axis];
}

#ifdef __CUDACC__

template <class T>
struct MapElement;
template <>
struct MapElement<Half> {
  static constexpr CUtensorMapDataType kind = CU_TENSOR_MAP_DATA_TYPE_FLOAT16;
};
template <>
struct MapElement<Brain> {
  static constexpr CUtensorMapDataType kind = CU_TENSOR_MAP_DATA_TYPE_BFLOAT16;
};

using EncodeTiled = decltype(&cuTensorMapEncodeTiled);

/// The driver's function; null where it has none.
inline EncodeTiled driver_encode() {
  void* function = nullptr;
  cudaDriverEntryPointQueryResult found;
#if CUDART_VERSION >= 12050
  const cudaError_t error = cudaGetDriverEntryPointByVersion("cuTensorMapEncodeTiled", &function, 12000, cudaEnableDefault, &found);
#else
  const cudaError_t error = cudaGetDriverEntryPoint("cuTensorMapEncodeTiled", &function, cudaEnableDefault, &found);
#endif
  if (error) cudaGetLastError();
  return error || found != cudaDriverEntryPointSuccess ? nullptr : reinterpret_cast<EncodeTiled>(function);
}

/// Tiles of 64 columns and of `rows` tokens of `heads` heads, one head after the other. Gives what the runtime says is wrong, 0 where nothing is; a tensor without
/// elements has no map.
template <class T>
int encode_map(TensorMap& map, const T* base, int dim, const int (&extents)[3], const long long (&strides)[3], int rows, int heads) {
  static_assert(sizeof(TensorMap) == sizeof(CUtensorMap), "as the driver has it");
  if (extents[0] == 0 || extents[1] == 0 || extents[2] == 0) return 0;
  const EncodeTiled encode = driver_encode();
  if (!encode) return static_cast<int>(cudaErrorNotSupported);
  const auto bytes = [&](int axis) { return static_cast<cuuint64_t>(stride_of(extents, strides, axis)) * sizeof(T); };
  const auto extent = [&](int axis) { return static_cast<cuuint64_t>(extents[axis]); };
  const cuuint64_t lengths[] = {static_cast<cuuint64_t>(dim), extent(2), extent(1), extent(0)};
  const cuuint64_t apart[] = {bytes(2), bytes(1), bytes(0)};
  const cuuint32_t box[] = {TILE_COLUMNS, static_cast<cuuint32_t>(rows), static_cast<cuuint32_t>(heads), 1}, every[] = {1, 1, 1, 1};
  const CUresult result =
      encode(reinterpret_cast<CUtensorMap*>(&map), MapElement<T>::kind, 4, const_cast<T*>(base), lengths, apart, box, every,
             CU_TENSOR_MAP_INTERLEAVE_NONE, CU_TENSOR_MAP_SWIZZLE_128B, CU_TENSOR_MAP_L2_PROMOTION_L2_256B,
             CU_TENSOR_MAP_FLOAT_OOB_FILL_NONE);
  return result ? static_cast<int>(cudaErrorInvalidValue) : 0;
}

#else

/// What the driver would refuse is an error here too.
template <class T>
int encode_map(TensorMap& map, const T* base, int dim, const int (&extents)[3], const long long (&strides)[3], int rows, int heads) {
  if (extents[0] == 0 || extents[1] == 0 || extents[2] == 0) return 0;
  if (!suits_tiles(base, extents, strides) || rows > 256) return 1;
  const auto stride = [&](int axis) { return stride_of(extents, strides, axis); };
  map = {reinterpret_cast<const char*>(base),
         sizeof(T),
         {dim, extents[2], extents[1], extents[0]},
         {1, stride(2), stride(1), stride(0)},
         TILE_COLUMNS,
         rows,
         heads};
  return 0;
}

#endif

}  // namespace attnc

#endif
