// cp.async: a copy is remembered when it is begun and made when its thread waits for it, as late as the rules allow, so
// that a kernel that reads too early meets the shadow's complaint.
#pragma once

namespace attnc {
namespace emulation {

struct Copy {
  int to;
  unsigned char bytes[16];
};

/// Copies of one thread, oldest first; `ends[i]` counts those of the first i + 1 closed groups.
struct Copies {
  Copy copies[512];
  int begun;
  int ends[64];
  int groups;
};
inline Copies copies[MOST_THREADS];

inline void arrive(Copies& own, int groups) {
  const int count = groups == 0 ? 0 : own.ends[groups - 1];
  for (int index = 0; index < count; index++) {
    const Copy& copy = own.copies[index];
    memcpy(shared_bytes + copy.to, copy.bytes, sizeof copy.bytes);
    for (int granule = copy.to / GRANULE; granule < (copy.to + 16) / GRANULE; granule++) {
      Shadow& each = shadow[granule];
      each.pending = false;
      each.written = block.epoch;
      each.written_in_warp = block.warp_epoch[block.current / WARP];
    }
  }
  memmove(own.copies, own.copies + count, (own.begun - count) * sizeof(Copy));
  own.begun -= count;
  own.groups -= groups;
  for (int index = 0; index < own.groups; index++) own.ends[index] = own.ends[index + groups] - count;
}

}  // namespace emulation

template <class T>
void copy_async_16(const Shared<T>& to, int index, const Global<const T>& from, long long source, bool inside) {
  using namespace emulation;
  constexpr int elements = 16 / sizeof(T);
  Copies& own = copies[block.current];
  if (own.begun == 512) fail("more than 512 copies are under way");
  Copy& copy = own.copies[own.begun++];
  copy.to = to.check(index, elements);
  demand_aligned(shared_bytes + copy.to);
  memset(copy.bytes, 0, sizeof copy.bytes);
  if (inside) {
    const T* const at = from.check(source, elements);
    demand_aligned(at);
    memcpy(copy.bytes, at, sizeof copy.bytes);
  }
  note_write(copy.to, 16, true);
}

inline void copy_async_commit() {
  emulation::Copies& own = emulation::copies[emulation::block.current];
  if (own.groups == 64) emulation::fail("more than 64 groups of copies are under way");
  own.ends[own.groups++] = own.begun;
}

template <int PENDING>
void copy_async_wait() {
  emulation::Copies& own = emulation::copies[emulation::block.current];
  if (own.groups > PENDING) emulation::arrive(own, own.groups - PENDING);
}

}  // namespace attnc
