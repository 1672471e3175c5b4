// Global and shared memory with their bounds, and what is read and written there by words of four.
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
inline int count_up(int* counter) { return Global<int>(counter)[0]++; }

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
