// What only compute capability 9.0 has (sm_90a): barriers in shared memory that count bytes, copies of whole tiles, and
// products that four warps compute together while they go on. Named and doubled like the primitives of device.h; on other
// architectures these compile to a trap, so that a file that holds such a kernel compiles for all.
//
// PTX is that of version 8: mbarrier 9.7.13.15, tensor copies 9.7.9.27, wgmma 9.7.15, setmaxnreg 9.7.19.5.
#pragma once

#ifdef __CUDACC__

#if defined(__CUDA_ARCH_FEAT_SM90_ALL) || (defined(__CUDA_ARCH_SPECIFIC__) && __CUDA_ARCH_SPECIFIC__ == 900)
#define ATTNC_ON_HOPPER(...) __VA_ARGS__
#else
#define ATTNC_ON_HOPPER(...) __trap()
#endif

namespace attnc {

/// Threads of four warps, which multiply together.
constexpr int WARPGROUP = 128;
/// Columns of a box of halves: 128 bytes.
constexpr int TILE_COLUMNS = 64;

/// How a tensor of four axes is cut into boxes; encoded by the host, in a kernel's parameters.
struct alignas(64) TensorMap {
  unsigned char bytes[128];
};

/// A word of shared memory that counts arrivals and bytes. When all that its phase waits for has come, the next one begins.
using Barriers = Shared<unsigned long long>;

__device__ __forceinline__ unsigned shared_address(const void* at) {
  return static_cast<unsigned>(__cvta_generic_to_shared(at));
}

// ---- Barriers of phases ---------------------------------------------------------------------------------------------------

/// Before anybody uses it: by one thread, and `phases_ready` and a barrier of the block after it.
__device__ __forceinline__ void phase_open(const Barriers& barriers, int index, int arrivals) {
  ATTNC_ON_HOPPER(asm volatile("mbarrier.init.shared::cta.b64 [%0], %1;" ::"r"(shared_address(barriers.at + index)),
                               "r"(arrivals)
                               : "memory"));
}
__device__ __forceinline__ void phases_ready() {
  ATTNC_ON_HOPPER(asm volatile("fence.mbarrier_init.release.cluster;" ::: "memory"));
}
/// One of the arrivals; what the thread wrote or read before is done for whoever waits.
__device__ __forceinline__ void phase_arrive(const Barriers& barriers, int index) {
  ATTNC_ON_HOPPER(asm volatile("mbarrier.arrive.shared::cta.b64 _, [%0];" ::"r"(shared_address(barriers.at + index))
                               : "memory"));
}
/// The same, and the phase waits for so many bytes of copies too.
__device__ __forceinline__ void phase_expect(const Barriers& barriers, int index, int bytes) {
  ATTNC_ON_HOPPER(asm volatile("mbarrier.arrive.expect_tx.shared::cta.b64 _, [%0], %1;" ::"r"(
                                   shared_address(barriers.at + index)),
                               "r"(bytes)
                               : "memory"));
}
/// Waits until the phase of that parity, 0 for the first, has ended. Of a new barrier, the phase of parity 1 has.
__device__ __forceinline__ void phase_wait(const Barriers& barriers, int index, unsigned parity) {
  ATTNC_ON_HOPPER(asm volatile("{\n.reg .pred ended;\nagain:\n"
                               "mbarrier.try_wait.parity.shared::cta.b64 ended, [%0], %1;\n"
                               "@!ended bra again;\n}" ::"r"(shared_address(barriers.at + index)),
                               "r"(parity)
                               : "memory"));
}

/// Waits for `count` threads of the block that name the same barrier, 1 to 15.
__device__ __forceinline__ void some_barrier(int name, int count) {
  asm volatile("bar.sync %0, %1;" ::"r"(name), "r"(count) : "memory");
}

/// Is one of those threads, and waits for none.
__device__ __forceinline__ void some_arrive(int name, int count) {
  asm volatile("bar.arrive %0, %1;" ::"r"(name), "r"(count) : "memory");
}

/// What the thread has written to shared memory can be read by copies and products of whole tiles, once a barrier has told them.
__device__ __forceinline__ void tiles_fence() {
  ATTNC_ON_HOPPER(asm volatile("fence.proxy.async.shared::cta;" ::: "memory"));
}

// ---- Registers --------------------------------------------------------------------------------------------------------------

/// The warps of a warpgroup give registers back, down to so many a thread, or wait until they can have more.
template <int REGISTERS>
__device__ __forceinline__ void fewer_registers() {
  ATTNC_ON_HOPPER(asm volatile("setmaxnreg.dec.sync.aligned.u32 %0;" ::"n"(REGISTERS)));
}
template <int REGISTERS>
__device__ __forceinline__ void more_registers() {
  ATTNC_ON_HOPPER(asm volatile("setmaxnreg.inc.sync.aligned.u32 %0;" ::"n"(REGISTERS)));
}

// ---- Copies of tiles ----------------------------------------------------------------------------------------------------------

/// Copies the map's box at (d, token, head, batch) to shared memory, 1024 bytes aligned; `barrier` counts its bytes as they
/// arrive. What lies outside of the tensor is 0. Rows of 128 bytes are swizzled: 16 bytes c of row r lie at c ^ r mod 8.
template <class T>
__device__ __forceinline__ void copy_tile(const Shared<T>& to, int index, const TensorMap& map, const Barriers& barriers,
                                          int barrier, int d, int token, int head, int batch) {
  ATTNC_ON_HOPPER(asm volatile(
      "cp.async.bulk.tensor.4d.shared::cluster.global.mbarrier::complete_tx::bytes [%0], [%1, {%3, %4, %5, %6}], [%2];" ::"r"(
          shared_address(to.at + index)),
      "l"(&map), "r"(shared_address(barriers.at + barrier)), "r"(d), "r"(token), "r"(head), "r"(batch)
      : "memory"));
}

// ---- Products of a warpgroup ------------------------------------------------------------------------------------------------------

/// Where a swizzled tile lies, as wgmma is told (9.7.15.5.1): its start, the bytes from one stretch of 64 columns to the
/// next, those from 8 rows to the next 8, and the swizzle of 128 bytes.
struct TileAt {
  unsigned long long bits;
};
template <class T>
__device__ __forceinline__ TileAt tile_at(const Shared<T>& in, int index, int stretch_bytes) {
  const unsigned long long start = (shared_address(in.at + index) & 0x3ffff) >> 4, stretch = stretch_bytes >> 4;
  return TileAt{start | stretch << 16 | 64ull << 32 | 1ull << 62};
}

/// Registers that wgmma reads or adds to may have been written before.
__device__ __forceinline__ void products_open() { ATTNC_ON_HOPPER(asm volatile("wgmma.fence.sync.aligned;" ::: "memory")); }
/// Closes a group of products.
__device__ __forceinline__ void products_commit() {
  ATTNC_ON_HOPPER(asm volatile("wgmma.commit_group.sync.aligned;" ::: "memory"));
}
/// Waits until all but the newest `PENDING` groups are done, those of `sums` among them. Until then nobody touches the
/// registers and tiles of a product.
template <int PENDING, int N>
__device__ __forceinline__ void products_wait(float (&sums)[N]) {
  ATTNC_ON_HOPPER(asm volatile("wgmma.wait_group.sync.aligned %0;" ::"n"(PENDING) : "memory"));
  // The compiler does not know that they were written in between: nothing that reads them may come before the wait.
#pragma unroll
  for (int index = 0; index < N; index++) asm volatile("" : "+f"(sums[index])::"memory");
}

/// Their text, by the elements and the columns of a product.
template <class T, int N>
struct Products;

/// sums = a · bᵀ, or sums += a · bᵀ where `adds`: a is 64 × 16 and b is N × 16, both tiles of shared memory whose rows run
/// along the 16. Warp w of the four has rows 16 w to 16 w + 15 of the sums: with g = lane / 4 and t = lane mod 4,
/// sums[4 n + 2 i + j] is element (16 w + g + 8 i, 8 n + 2 t + j).
template <class T, int N>
__device__ __forceinline__ void multiply_tiles(float (&sums)[N / 2], TileAt a, TileAt b, bool adds) {
  ATTNC_ON_HOPPER((Products<T, N>::of_tiles(sums, a, b, adds)));
}
/// sums += a · b: a is 64 × 16 in registers, as mma_16816 has 16 rows of each warp, and b is a tile 16 × N of shared memory
/// whose rows run along N.
template <class T, int N>
__device__ __forceinline__ void multiply_registers(float (&sums)[N / 2], const unsigned (&a)[4], TileAt b) {
  ATTNC_ON_HOPPER((Products<T, N>::of_registers(sums, a, b)));
}

// Operands of asm by number: %0 to %127 are sums, those that follow are named by the shape.
#define ATTNC_NAMES_10(t) "%" #t "0, %" #t "1, %" #t "2, %" #t "3, %" #t "4, %" #t "5, %" #t "6, %" #t "7, %" #t "8, %" #t "9"
#define ATTNC_NAMES_30 "%0, %1, %2, %3, %4, %5, %6, %7, %8, %9, " ATTNC_NAMES_10(1) ", " ATTNC_NAMES_10(2)
#define ATTNC_NAMES_32 ATTNC_NAMES_30 ", %30, %31"
#define ATTNC_NAMES_60 ATTNC_NAMES_30 ", " ATTNC_NAMES_10(3) ", " ATTNC_NAMES_10(4) ", " ATTNC_NAMES_10(5)
#define ATTNC_NAMES_64 ATTNC_NAMES_60 ", %60, %61, %62, %63"
#define ATTNC_NAMES_90 ATTNC_NAMES_60 ", " ATTNC_NAMES_10(6) ", " ATTNC_NAMES_10(7) ", " ATTNC_NAMES_10(8)
#define ATTNC_NAMES_96 ATTNC_NAMES_90 ", %90, %91, %92, %93, %94, %95"
#define ATTNC_NAMES_120 ATTNC_NAMES_90 ", " ATTNC_NAMES_10(9) ", " ATTNC_NAMES_10(10) ", " ATTNC_NAMES_10(11)
#define ATTNC_NAMES_128 ATTNC_NAMES_120 ", %120, %121, %122, %123, %124, %125, %126, %127"
#define ATTNC_SUMS_8(s) "+f"(sums[s]), "+f"(sums[s + 1]), "+f"(sums[s + 2]), "+f"(sums[s + 3]), "+f"(sums[s + 4]), "+f"(sums[s + 5]), "+f"(sums[s + 6]), "+f"(sums[s + 7])
#define ATTNC_SUMS_32(s) ATTNC_SUMS_8(s), ATTNC_SUMS_8(s + 8), ATTNC_SUMS_8(s + 16), ATTNC_SUMS_8(s + 24)
#define ATTNC_SUMS_64 ATTNC_SUMS_32(0), ATTNC_SUMS_32(32)
#define ATTNC_SUMS_96 ATTNC_SUMS_64, ATTNC_SUMS_32(64)
#define ATTNC_SUMS_128 ATTNC_SUMS_96, ATTNC_SUMS_32(96)

#define ATTNC_PRODUCTS(TYPE, NAME, N, NAMES, SUMS, P0, P1, P2, P3, P4)                                                    \
  template <>                                                                                                             \
  struct Products<TYPE, N> {                                                                                              \
    static __device__ __forceinline__ void of_tiles(float (&sums)[N / 2], TileAt a, TileAt b, bool adds) {                 \
      asm volatile("{\n.reg .pred adds;\nsetp.ne.b32 adds, " P2 ", 0;\n"                                                   \
                   "wgmma.mma_async.sync.aligned.m64n" #N "k16.f32." NAME "." NAME " {" NAMES "}, " P0 ", " P1             \
                   ", adds, 1, 1, 0, 0;\n}"                                                                               \
                   : SUMS                                                                                                 \
                   : "l"(a.bits), "l"(b.bits), "r"(static_cast<int>(adds)));                                              \
    }                                                                                                                     \
    static __device__ __forceinline__ void of_registers(float (&sums)[N / 2], const unsigned (&a)[4], TileAt b) {          \
      asm volatile("wgmma.mma_async.sync.aligned.m64n" #N "k16.f32." NAME "." NAME " {" NAMES "}, {" P0 ", " P1 ", " P2    \
                   ", " P3 "}, " P4 ", 1, 1, 1, 1;"                                                                       \
                   : SUMS                                                                                                 \
                   : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "l"(b.bits));                                            \
    }                                                                                                                     \
  };
#define ATTNC_SHAPES(TYPE, NAME)                                                                                          \
  ATTNC_PRODUCTS(TYPE, NAME, 64, ATTNC_NAMES_32, ATTNC_SUMS_32(0), "%32", "%33", "%34", "%35", "%36")                      \
  ATTNC_PRODUCTS(TYPE, NAME, 128, ATTNC_NAMES_64, ATTNC_SUMS_64, "%64", "%65", "%66", "%67", "%68")                        \
  ATTNC_PRODUCTS(TYPE, NAME, 192, ATTNC_NAMES_96, ATTNC_SUMS_96, "%96", "%97", "%98", "%99", "%100")                       \
  ATTNC_PRODUCTS(TYPE, NAME, 256, ATTNC_NAMES_128, ATTNC_SUMS_128, "%128", "%129", "%130", "%131", "%132")

ATTNC_SHAPES(Half, "f16")
ATTNC_SHAPES(Brain, "bf16")

}  // namespace attnc

#endif
