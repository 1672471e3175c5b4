// Shared memory, and a shadow of it that knows who wrote and read what since which barrier. Threads run one after the other
// here, so a missing barrier would go unseen if only values were compared: the shadow asks whether the barrier is there.
#pragma once

namespace attnc {
namespace emulation {

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

}  // namespace emulation
}  // namespace attnc
