// wgmma: a product is remembered when its warpgroup begins it and computed when that waits for it, as late as the rules
// allow. In between its registers hold NaN; whoever writes to them, or to a tile that is read, is caught.
#pragma once

namespace attnc {

struct TileAt {
  int byte, stretch_bytes;
};

namespace emulation {

/// Of one thread. Registers of sums are known by their address.
struct Product {
  float* sums;
  const unsigned* registers;
  unsigned given[4];
  TileAt a, b;
  int columns;
  bool adds;
  float (*widen)(unsigned short);
};
struct Products {
  Product products[128];
  int begun, committed;
  int ends[16];
  int groups;
  bool open;
};
inline Products products_of[MOST_THREADS];

/// What registers of sums held when they were given away: by their first product.
struct Given {
  float values[128];
};
inline Given given_by[MOST_THREADS][4];
inline float* given_sums[MOST_THREADS][4];

constexpr unsigned GIVEN_AWAY = 0x7fc0dead;

inline Given& given_of(int thread, float* sums) {
  for (int index = 0; index < 4; index++) {
    if (given_sums[thread][index] == sums) return given_by[thread][index];
  }
  for (int index = 0; index < 4; index++) {
    if (given_sums[thread][index]) continue;
    given_sums[thread][index] = sums;
    return given_by[thread][index];
  }
  fail("more than four arrays of sums are under way");
}

inline void give_away(float* sums, int count) {
  const int thread = block.current;
  bool known = false;
  for (float* each : given_sums[thread]) known |= each == sums;
  Given& given = given_of(thread, sums);
  for (int index = 0; index < count; index++) {
    if (!known) given.values[index] = sums[index];
    else if (__float_as_uint(sums[index]) != GIVEN_AWAY) fail("sums of a product were written to before its end");
    sums[index] = __uint_as_float(GIVEN_AWAY);
  }
}

inline void begin_product(const Product& product) {
  Products& own = products_of[block.current];
  if (!own.open) fail("a product, and no products_open since the last wait");
  if (own.begun == 128) fail("more than 128 products are under way");
  own.products[own.begun++] = product;
  give_away(product.sums, product.columns / 2);
}

/// Byte of element (row, column) of a tile with rows of 128 bytes: along the 16 for `a` and `b` of tiles.
inline int along_16(const TileAt& tile, int row, int k) { return swizzled(tile.byte + row * 128 + k * 2); }
/// And along its columns, stretches of 64, for `b` of registers.
inline int along_columns(const TileAt& tile, int k, int column) {
  return swizzled(tile.byte + column / 64 * tile.stretch_bytes + k * 128 + column % 64 * 2);
}

/// Each element of the tiles that a product reads.
template <class Visit>
void for_elements(const Product& product, const Visit& visit) {
  for (int k = 0; k < 16; k++) {
    for (int column = 0; column < product.columns; column++) {
      visit(product.registers ? along_columns(product.b, k, column) : along_16(product.b, column, k), k, column, false);
    }
    for (int row = 0; row < 64 && !product.registers; row++) visit(along_16(product.a, row, k), k, row, true);
  }
}

/// The first thread of the warpgroup says for all that the tiles can be read, and that they are in use.
inline void hold_tiles(const Product& product, int change) {
  for_elements(product, [&](int byte, int, int, bool) {
    if (byte < 0 || byte + 2 > shared_size) fail_outside("a tile's byte of shared memory", byte, shared_size);
  });
  for_elements(product, [&](int byte, int, int, bool) {
    Shadow& each = shadow[byte / GRANULE];
    if (change > 0) {
      demand_readable(each, byte);
      const unsigned fences = known_by[each.writer].fences;
      if (!each.barrier && fences <= each.fences) fail_shared("read as a tile with no tiles_fence since the write by", byte, each.writer);
    }
    each.busy += change;
    each.reader = change > 0 ? static_cast<short>(block.current) : MANY;
    const int first = block.current / WARPGROUP * (WARPGROUP / WARP);
    for (int warp = first; warp < first + WARPGROUP / WARP; warp++) note_reader(each, warp);
  });
}

/// Rows of `a` from the registers of a warpgroup, or from its tile.
inline void multiply(int first, const Product& product, int place) {
  static float a[64][16], b[16][256];
  for_elements(product, [&](int byte, int k, int at, bool of_a) {
    unsigned short element;
    memcpy(&element, shared_bytes + byte, 2);
    (of_a ? a[at][k] : b[k][at]) = product.widen(element);
  });
  for (int thread = first; thread < first + WARPGROUP && product.registers; thread++) {
    const int row = (thread - first) / WARP * 16 + thread % WARP / 4, k = thread % 4 * 2;
    for (int part = 0; part < 8; part++) {
      const unsigned word = products_of[thread].products[place].given[part / 2];
      a[row + part / 2 % 2 * 8][k + part / 4 * 8 + part % 2] =
          product.widen(static_cast<unsigned short>(part % 2 ? word >> 16 : word));
    }
  }
  for (int thread = first; thread < first + WARPGROUP; thread++) {
    float* const values = given_of(thread, products_of[thread].products[place].sums).values;
    const int row = (thread - first) / WARP * 16 + thread % WARP / 4, column = thread % 4 * 2;
    for (int index = 0; index < product.columns / 2; index++) {
      const float* const left = a[row + index / 2 % 2 * 8];
      const int at = index / 4 * 8 + column + index % 2;
      float sum = product.adds ? values[index] : 0.0f;
      for (int k = 0; k < 16; k++) sum += left[k] * b[k][at];
      values[index] = sum;
    }
  }
}

/// All threads of a warpgroup must have begun the same.
inline void demand_same(int first, int count) {
  for (int thread = first; thread < first + WARPGROUP; thread++) {
    const Products& own = products_of[thread];
    if (own.begun != own.committed) fail("a wait for products that were not committed");
    if (own.groups != products_of[first].groups) fail("warps of a warpgroup have begun different products");
    for (int place = 0; place < count; place++) {
      const Product &mine = own.products[place], &theirs = products_of[first].products[place];
      const bool same = mine.b.byte == theirs.b.byte && mine.columns == theirs.columns && mine.a.byte == theirs.a.byte;
      if (!same) fail("warps of a warpgroup have begun different products");
      for (int word = 0; word < 4 && mine.registers; word++) {
        if (mine.registers[word] != mine.given[word]) fail("registers of a product were written to before its end");
      }
    }
  }
}

/// Gives back the sums that no product is adding to any more.
inline void give_back(int thread) {
  const Products& own = products_of[thread];
  for (int index = 0; index < 4; index++) {
    float*& sums = given_sums[thread][index];
    if (!sums) continue;
    bool waits = false;
    for (int place = 0; place < own.begun; place++) waits |= own.products[place].sums == sums;
    if (waits) continue;
    sums = nullptr;
  }
}

inline void finish_products(int first, int groups) {
  const int count = groups == 0 ? 0 : products_of[first].ends[groups - 1];
  demand_same(first, count);
  for (int place = 0; place < count; place++) {
    multiply(first, products_of[first].products[place], place);
    hold_tiles(products_of[first].products[place], -1);
  }
  for (int thread = first; thread < first + WARPGROUP; thread++) {
    Products& own = products_of[thread];
    for (int place = 0; place < count; place++) {
      const Product& product = own.products[place];
      Given& given = given_of(thread, product.sums);
      bool goes_on = false;
      for (int later = place + 1; later < own.begun; later++) goes_on |= own.products[later].sums == product.sums;
      for (int index = 0; index < product.columns / 2 && !goes_on; index++) {
        if (__float_as_uint(product.sums[index]) != GIVEN_AWAY) fail("sums of a product were written to before its end");
        product.sums[index] = given.values[index];
      }
    }
    memmove(own.products, own.products + count, (own.begun - count) * sizeof(Product));
    own.begun -= count;
    own.committed -= count;
    own.groups -= groups;
    for (int index = 0; index < own.groups; index++) own.ends[index] = own.ends[index + groups] - count;
    give_back(thread);
  }
}

template <class T>
float widen_bits(unsigned short bits) {
  return widen(T{bits});
}

}  // namespace emulation

template <class T>
TileAt tile_at(const Shared<T>& in, int index, int stretch_bytes) {
  const int byte = in.check(index, 8);
  demand_aligned(emulation::shared_bytes + byte);
  if (stretch_bytes % 1024 != 0) emulation::fail("stretches of a swizzled tile are 1024 bytes apart, or a multiple");
  return {byte, stretch_bytes};
}

inline void products_open() { emulation::products_of[emulation::block.current].open = true; }
inline void products_commit() {
  emulation::Products& own = emulation::products_of[emulation::block.current];
  if (own.groups == 16) emulation::fail("more than 16 groups of products are under way");
  own.ends[own.groups++] = own.committed = own.begun;
}

/// The last warp of the warpgroup that comes computes for all of them.
template <int PENDING, int N>
void products_wait(float (&sums)[N]) {
  using namespace emulation;
  const int thread = block.current, group = thread / WARPGROUP;
  static Phase phases[MOST_THREADS / WARPGROUP];
  Phase& phase = phases[group];
  if (phase.missing == 0) phase.arrivals = phase.missing = WARPGROUP;
  const unsigned until = phase.ended + 1;
  if (--phase.missing == 0) {
    const int groups = products_of[thread].groups - PENDING;
    finish_products(group * WARPGROUP, groups > 0 ? groups : 0);
    for (int warp = group * 4; warp < group * 4 + 4; warp++) block.warp_epoch[warp]++;
    phase.ended++;
  } else {
    wait_for(phase, until, "products_wait");
  }
  products_of[thread].open = false;
  for (const float* each : given_sums[thread]) {
    if (each == sums) fail("a wait for sums that leaves out the newest of their products");
  }
}

template <class T, int N>
void multiply_tiles(float (&sums)[N / 2], TileAt a, TileAt b, bool adds) {
  using namespace emulation;
  begin_product({sums, nullptr, {}, a, b, N, adds, widen_bits<T>});
  if (block.current % WARPGROUP == 0) hold_tiles(products_of[block.current].products[products_of[block.current].begun - 1], 1);
}
template <class T, int N>
void multiply_registers(float (&sums)[N / 2], const unsigned (&a)[4], TileAt b) {
  using namespace emulation;
  begin_product({sums, a, {a[0], a[1], a[2], a[3]}, {}, b, N, true, widen_bits<T>});
  if (block.current % WARPGROUP == 0) hold_tiles(products_of[block.current].products[products_of[block.current].begun - 1], 1);
}

}  // namespace attnc
