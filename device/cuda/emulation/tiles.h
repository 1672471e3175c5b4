// Copies of tiles: begun by a thread, and made when nobody can go on without them, as late as the rules allow. Until a reader
// has waited for the phase that counts a copy's bytes, reading it is an error, and so is writing to it.
#pragma once

namespace attnc {

constexpr int TILE_COLUMNS = 64;

/// A tensor of four axes, of which a box is so many columns, and rows of so many heads.
struct TensorMap {
  const char* base;
  int bytes;
  long long extents[4], strides[4];
  int columns, rows, heads;
};

namespace emulation {

struct TileCopy {
  TensorMap map;
  int to, barrier;
  int at[4];
};
inline TileCopy tile_copies[256];
inline int tiles_under_way;

/// 16 bytes c of row r, of 128 bytes, lie at c ^ r mod 8: the hardware turns the address, wherever the tile begins.
inline int swizzled(int byte) { return byte ^ (byte >> 7 & 7) << 4; }

template <class Visit>
void for_tile_elements(const TileCopy& copy, const Visit& visit) {
  const TensorMap& map = copy.map;
  for (int row = 0; row < map.rows * map.heads; row++) {
    for (int column = 0; column < map.columns; column++) {
      visit(swizzled(copy.to + row * 128 + column * map.bytes), copy.at[0] + column, copy.at[1] + row % map.rows,
            copy.at[2] + row / map.rows);
    }
  }
}

inline bool is_inside(const TensorMap& map, int axis, int at) { return at >= 0 && at < map.extents[axis]; }

inline void read_element(const TileCopy& copy, int byte, int column, int row, int head) {
  const TensorMap& map = copy.map;
  const bool inside = is_inside(map, 0, column) && is_inside(map, 1, row) && is_inside(map, 2, head) &&
      is_inside(map, 3, copy.at[3]);
  if (!inside) {
    memset(shared_bytes + byte, 0, map.bytes);
    return;
  }
  const long long offset = column + row * map.strides[1] + head * map.strides[2] + copy.at[3] * map.strides[3];
  using Element = unsigned short;
  const Global<const Element> source(reinterpret_cast<const Element*>(map.base));
  memcpy(shared_bytes + byte, source.check(offset, 1), map.bytes);
}

/// The oldest copy arrives.
inline bool land_tile() {
  if (tiles_under_way == 0) return false;
  const TileCopy copy = tile_copies[0];
  memmove(tile_copies, tile_copies + 1, --tiles_under_way * sizeof(TileCopy));
  for_tile_elements(copy, [&](int byte, int column, int row, int head) {
    read_element(copy, byte, column, row, head);
    shadow[byte / GRANULE].pending = false;
  });
  phase_states[copy.barrier].phase.bytes -= copy.map.rows * copy.map.heads * copy.map.columns * copy.map.bytes;
  end_if_complete(copy.barrier);
  return true;
}

inline void demand_no_tiles() {
  if (tiles_under_way > 0) fail("the block ends while copies of tiles are under way");
  demand_registers();
  demand_all_came();
}

}  // namespace emulation

template <class T>
void copy_tile(const Shared<T>& to, int index, const TensorMap& map, const Barriers& barriers, int barrier, int d, int token,
               int head, int batch) {
  using namespace emulation;
  static_assert(sizeof(T) == 2, "elements of tiles have 16 bits");
  if (tiles_under_way == 256) fail("more than 256 copies of tiles are under way");
  if (!map.base) fail("a map that nobody has encoded");
  TileCopy& copy = tile_copies[tiles_under_way++];
  const int number = number_of(barriers, barrier);
  copy = {map, to.check(index, map.rows * map.heads * map.columns), number, {d, token, head, batch}};
  if (copy.to % 1024 != 0) fail("a tile that is swizzled is aligned to 1024 bytes");
  for_tile_elements(copy, [&](int byte, int, int, int) {
    note_write(byte, 2, true);
    Shadow& each = shadow[byte / GRANULE];
    each.barrier = static_cast<unsigned char>(number);
    each.phase = phase_states[number].phase.ended;
  });
}

}  // namespace attnc
