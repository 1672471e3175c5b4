// Global and shared memory with their bounds, and a shadow of shared memory that knows who wrote and read what since which
// barrier. Threads run one after the other here, so a missing barrier would go unseen if only values were compared: the
// shadow asks whether the barrier is there.
#pragma once

namespace attnc {
namespace emulation {

/// A tensor in global memory.
struct Allocation {
  const char* name;
  const char* begin;
  size_t bytes;
};
inline Allocation allocations[256];
inline int allocation_count;

/// Makes an address known, so that what a kernel reads or writes is checked against this tensor.
inline void declare_memory(const char* name, const void* begin, size_t bytes) {
  allocations[allocation_count++] = {name, static_cast<const char*>(begin), bytes};
}

inline const Allocation* allocation_of(const void* address) {
  const char* at = static_cast<const char*>(address);
  for (int index = 0; index < allocation_count; index++) {
    const Allocation& each = allocations[index];
    if (at >= each.begin && at < each.begin + each.bytes) return &each;
  }
  return nullptr;
}

[[noreturn]] inline void fail_outside(const char* name, long long index, size_t count) {
  char text[160];
  snprintf(text, sizeof text, "%s[%lld] is outside: it has %zu elements", name, index, count);
  fail(text);
}

constexpr int SHARED_BYTES = 232448;  // 227 KiB, the most that a block can have on compute capability 9.0.
constexpr int GRANULE = 2;            // Bytes that the shadow tells apart.

alignas(128) inline unsigned char shared_bytes[SHARED_BYTES];

struct Shadow {
  unsigned written, written_in_warp, written_in_thread;
  unsigned read, read_in_warp, read_in_thread;
  short writer, reader;
  bool pending;
  /// Of a tile that was copied: its barrier's number, from 1 on, and which phase counted it.
  unsigned char barrier;
  unsigned phase;
  /// Fences of the writer before it wrote; products under way that read.
  unsigned fences;
  short busy;
  /// One more than when each warp read it last since the block's barrier; 0 where it did not.
  unsigned read_in_warps[MOST_THREADS / WARP];
};
inline Shadow shadow[SHARED_BYTES / GRANULE];
/// Bytes of the launch; the epoch in which the running block began.
inline int shared_size;
inline unsigned first_epoch;

/// Readers of one granule in one epoch, where there are several: of one warp, or of more.
constexpr short MANY = -1000;
constexpr short many_of(int warp) { return static_cast<short>(-1 - warp); }

constexpr int NOBODY = -2000;

[[noreturn]] inline void fail_shared(const char* what, int byte, int other) {
  char text[200], who[40];
  snprintf(who, sizeof who, other >= 0 ? " thread %d" : " another thread", other);
  snprintf(text, sizeof text, "shared memory at byte %d: %s%s", byte, what, other == NOBODY ? "" : who);
  fail(text);
}

/// True if what `other` did in that epoch is ordered before what the running thread does now.
inline bool ordered(int other, unsigned epoch, unsigned in_warp, unsigned in_thread) {
  if (epoch < block.epoch || other == block.current) return true;
  const int warp = block.current / WARP, its_warp = other >= 0 ? other / WARP : -1 - other;
  if (its_warp == warp && in_warp < block.warp_epoch[warp]) return true;
  const Known& known = known_by[block.current];
  return known.warps[its_warp] > in_warp || (other >= 0 && known.threads[other] > in_thread);
}

/// The same of all who have read.
inline bool ordered_after_reads(const Shadow& each) {
  if (each.reader != MANY) return ordered(each.reader, each.read, each.read_in_warp, each.read_in_thread);
  for (int warp = 0; warp < block.threads / WARP; warp++) {
    const unsigned read = each.read_in_warps[warp];
    if (read > 0 && !ordered(many_of(warp), each.read, read - 1, 0)) return false;
  }
  return true;
}

inline void demand_readable(const Shadow& each, int byte) {
  if (each.written < first_epoch) fail_shared("read, and nobody has written it", byte, NOBODY);
  if (each.pending) fail_shared("read before the copy arrived that was begun by", byte, each.writer);
  if (each.barrier ? known_by[block.current].phases[each.barrier] <= each.phase
                   : !ordered(each.writer, each.written, each.written_in_warp, each.written_in_thread)) {
    fail_shared(each.barrier ? "read without a wait for the copy begun by" : "read with no barrier since the write by", byte,
                each.writer);
  }
}

inline void demand_writable(const Shadow& each, int byte) {
  if (each.busy > 0) fail_shared("written while a product reads it, which was begun by", byte, each.reader);
  if (each.written >= first_epoch) {
    if (each.pending) fail_shared("written before the copy arrived that was begun by", byte, each.writer);
    if (!each.barrier && !ordered(each.writer, each.written, each.written_in_warp, each.written_in_thread)) {
      fail_shared("written with no barrier since the write by", byte, each.writer);
    }
    if (each.barrier && known_by[block.current].phases[each.barrier] <= each.phase) {
      fail_shared("written without a wait for the copy begun by", byte, each.writer);
    }
  }
  if (each.read >= first_epoch && !ordered_after_reads(each)) {
    fail_shared("written with no barrier since the read by", byte, each.reader);
  }
}

inline void note_reader(Shadow& each, int warp) {
  if (each.read < block.epoch) memset(each.read_in_warps, 0, sizeof each.read_in_warps);
  each.read = block.epoch;
  each.read_in_warps[warp] = block.warp_epoch[warp] + 1;
}

inline void note_read(int byte, int bytes) {
  const unsigned in_warp = block.warp_epoch[block.current / WARP];
  for (int index = byte / GRANULE; index < (byte + bytes + GRANULE - 1) / GRANULE; index++) {
    Shadow& each = shadow[index];
    demand_readable(each, index * GRANULE);
    short reader = static_cast<short>(block.current);
    if (each.read == block.epoch && each.reader != reader) {
      const int warp = block.current / WARP;
      const bool same = each.reader >= 0 ? each.reader / WARP == warp : each.reader == many_of(warp);
      reader = same ? many_of(warp) : MANY;
    }
    each.reader = reader;
    note_reader(each, block.current / WARP);
    each.read_in_warp = in_warp;
    each.read_in_thread = known_by[block.current].serial;
  }
}

inline void note_write(int byte, int bytes, bool pending) {
  const unsigned in_warp = block.warp_epoch[block.current / WARP];
  for (int index = byte / GRANULE; index < (byte + bytes + GRANULE - 1) / GRANULE; index++) {
    Shadow& each = shadow[index];
    demand_writable(each, index * GRANULE);
    each.written = block.epoch;
    each.written_in_warp = in_warp;
    each.written_in_thread = known_by[block.current].serial;
    each.writer = static_cast<short>(block.current);
    each.pending = pending;
    each.barrier = 0;
    each.fences = known_by[block.current].fences;
  }
}

/// What `Shared<T>::operator[]` gives: reading and writing are told apart.
template <class T>
struct Cell {
  int byte;
  operator T() const {
    T value;
    note_read(byte, sizeof value);
    memcpy(&value, shared_bytes + byte, sizeof value);
    return value;
  }
  Cell& operator=(T value) {
    note_write(byte, sizeof value, false);
    memcpy(shared_bytes + byte, &value, sizeof value);
    return *this;
  }
  Cell& operator=(const Cell& other) { return *this = static_cast<T>(other); }
  Cell& operator+=(T value) { return *this = *this + value; }
  Cell& operator*=(T value) { return *this = *this * value; }
};

}  // namespace emulation

template <class T>
struct Global {
  T* at;
  const emulation::Allocation* in;
  explicit Global(T* address) : at(address), in(emulation::allocation_of(address)) {}
  T& operator[](long long index) const { return *check(index, 1); }
  /// The address of `count` elements, all of them inside.
  T* check(long long index, int count) const {
    T* const found = at + index;
    // A program that declares no tensor, such as one in Python, is not checked.
    if (emulation::allocation_count == 0) return found;
    if (!in) emulation::fail("the address of a tensor lies in none that was declared");
    const char* const begin = reinterpret_cast<const char*>(found);
    if (begin < in->begin || begin + count * sizeof(T) > in->begin + in->bytes) {
      const long long offset = at - reinterpret_cast<const T*>(in->begin);
      emulation::fail_outside(in->name, offset + index, in->bytes / sizeof(T));
    }
    return found;
  }
};

template <class T>
struct Shared {
  int offset, count;
  emulation::Cell<T> operator[](int index) const { return {check(index, 1)}; }
  /// The byte at which `many` elements begin, all of them inside.
  int check(int index, int many) const {
    if (index < 0 || index + many > count) emulation::fail_outside("an array in shared memory", index, count);
    return offset + index * static_cast<int>(sizeof(T));
  }
};

template <class T>
Shared<T> shared(int offset, int count) {
  const long long end = offset + static_cast<long long>(count) * sizeof(T);
  if (offset < 0 || end > emulation::shared_size) {
    emulation::fail_outside("a byte of the block's shared memory", end - 1, emulation::shared_size);
  }
  return {offset, count};
}

inline unsigned opaque(unsigned value) { return value; }
template <class T>
T* opaque(T* address) {
  return address;
}
inline float exp2_of(float exponent) {
  const float power = exp2f(exponent);
  return power < 1.17549435e-38f ? 0.0f : power;
}
inline void count_up(int* counter) { Global<int>(counter)[0]++; }

inline void demand_aligned(const void* address) {
  if (reinterpret_cast<uintptr_t>(address) % 16 != 0) emulation::fail("16 bytes together, but not aligned to 16 bytes");
}

inline float4 load_4(const Global<const float>& from, long long index) {
  const float* const at = from.check(index, 4);
  demand_aligned(at);
  return {at[0], at[1], at[2], at[3]};
}
inline void store_4(const Global<float>& to, long long index, float4 value) {
  float* const at = to.check(index, 4);
  demand_aligned(at);
  memcpy(at, &value, sizeof value);
}
inline float4 load_4(const Shared<float>& from, int index) {
  const int byte = from.check(index, 4);
  demand_aligned(emulation::shared_bytes + byte);
  emulation::note_read(byte, 16);
  float4 value;
  memcpy(&value, emulation::shared_bytes + byte, sizeof value);
  return value;
}
inline void store_4(const Shared<float>& to, int index, float4 value) {
  const int byte = to.check(index, 4);
  demand_aligned(emulation::shared_bytes + byte);
  emulation::note_write(byte, 16, false);
  memcpy(emulation::shared_bytes + byte, &value, sizeof value);
}

}  // namespace attnc
