// What only sm_90a has, used as it is meant, each with the answer that PTX defines. Prints nothing where all agree.

#include "attnc/device.h"

using namespace attnc;

template <class T>
struct Call {
  TensorMap left, right;
  float* target;
};

static int wrong;
static void expect(const char* what, int index, float got, float wanted) {
  if (got == wanted) return;
  if (wrong++ < 8) printf("%s[%d] is %g instead of %g\n", what, index, got, wanted);
}

constexpr int ROWS = 100, COLUMNS = 96, KEYS = 64;  // Of a tensor: tiles reach beyond both.
constexpr int TILE = KEYS * TILE_COLUMNS;

// One warpgroup loads, two multiply: left · rightᵀ over 128 columns, and that times right.
template <class T>
void multiply(const __grid_constant__ Call<T> call) {
  const Shared<T> tiles = shared<T>(0, 8 * TILE);
  const Barriers barriers = shared<unsigned long long>(8 * TILE * 2, 2);
  const int thread = threadIdx.x, group = thread / WARPGROUP, lane = thread % WARP;
  if (thread == 0) {
    phase_open(barriers, 0, 1);
    phase_open(barriers, 1, 8);
    phases_ready();
  }
  block_barrier();
  if (group == 2) {
    fewer_registers<24>();
    if (thread % WARPGROUP != 0) return;
    for (int turn = 0; turn < 2; turn++) {
      phase_wait(barriers, 1, turn % 2 ^ 1);
      phase_expect(barriers, 0, 6 * TILE * 2);
      for (int part = 0; part < 2; part++) {
        for (int half = 0; half < 2; half++) {
          copy_tile(tiles, (part * 2 + half) * TILE, call.left, barriers, 0, 64 * half, 64 * part, 0, turn);
        }
        copy_tile(tiles, (4 + part) * TILE, call.right, barriers, 0, 64 * part, 64, 0, turn);
      }
    }
    return;
  }
  more_registers<240>();
  const Global<float> target(call.target);
  for (int turn = 0; turn < 2; turn++) {
    phase_wait(barriers, 0, turn);
    float scores[32], sums[64] = {};
    products_open();
    for (int step = 0; step < 6; step++) {
      const int at = step / 4 * TILE + step % 4 * 16;
      multiply_tiles<T, 64>(scores, tile_at(tiles, group * 2 * TILE + at, 1024), tile_at(tiles, 4 * TILE + at, 1024), step > 0);
    }
    products_commit();
    products_wait<0>(scores);
    unsigned weights[4][4];
    for (int m = 0; m < 4; m++) {
      for (int part = 0; part < 4; part++) weights[m][part] = pack<T>(scores[8 * m + 2 * part], scores[8 * m + 2 * part + 1]);
    }
    products_open();
    for (int m = 0; m < 4; m++) multiply_registers<T, 128>(sums, weights[m], tile_at(tiles, 4 * TILE + m * 1024, TILE * 2));
    products_commit();
    products_wait<0>(sums);
    if (lane == 0) phase_arrive(barriers, 1);
    some_barrier(1, 2 * WARPGROUP);
    for (int index = 0; index < 64; index++) {
      const int row = thread / WARP * 16 + lane / 4 + index / 2 % 2 * 8, column = index / 4 * 8 + lane % 4 * 2 + index % 2;
      target[(turn * 128 + row) * 128 + column] = sums[index];
    }
  }
}

template <class T>
static void check(const char* name) {
  alignas(16) static T left[2 * ROWS * COLUMNS], right[2 * ROWS * COLUMNS];
  static float target[2 * 128 * 128];
  for (int index = 0; index < 2 * ROWS * COLUMNS; index++) {
    left[index] = narrow<T>(static_cast<float>(index * 37 % 7 - 3));
    right[index] = narrow<T>(static_cast<float>(index * 29 % 5 - 2));
  }
  emulation::declare_memory("left", left, sizeof left);
  emulation::declare_memory("right", right, sizeof right);
  emulation::declare_memory("target", target, sizeof target);
  Call<T> call;
  call.target = target;
  const int extents[3] = {2, 1, ROWS};
  const long long strides[3] = {ROWS * COLUMNS, 1, COLUMNS};
  if (encode_map(call.left, left, COLUMNS, extents, strides, KEYS, 1)) wrong++;
  if (encode_map(call.right, right, COLUMNS, extents, strides, KEYS, 1)) wrong++;
  emulation::run_grid(name, multiply<T>, call, {1, 1, 1}, 384, 8 * TILE * 2 + 16);
  const auto at = [](const T* tensor, int batch, int row, int column) {
    return row < ROWS && column < COLUMNS ? widen(tensor[(batch * ROWS + row) * COLUMNS + column]) : 0.0f;
  };
  for (int row = 0; row < 256; row++) {
    float scores[64];
    for (int key = 0; key < 64; key++) {
      scores[key] = 0;
      for (int d = 0; d < 96; d++) scores[key] += at(left, row / 128, row % 128, d) * at(right, row / 128, 64 + key, d);
      scores[key] = widen(narrow<T>(scores[key]));
    }
    for (int column = 0; column < 128; column++) {
      float sum = 0;
      for (int key = 0; key < 64; key++) sum += scores[key] * at(right, row / 128, 64 + key, column);
      expect(name, row * 128 + column, target[row * 128 + column], sum);
    }
  }
}

// Two warpgroups take turns: each adds what it has to what the other left, with no barrier but that.
struct Turns {
  float* target;
};
static void take_turns(Turns call) {
  const Shared<float> sum = shared<float>(0, 1);
  const int thread = threadIdx.x, group = thread / WARPGROUP;
  if (thread == 0) sum[0] = 1;
  if (group == 1) some_arrive(1, 2 * WARPGROUP);
  for (int turn = 0; turn < 3; turn++) {
    some_barrier(1 + group, 2 * WARPGROUP);
    const float before = sum[0];
    warp_barrier();
    some_barrier(3 + group, WARPGROUP);
    if (thread % WARPGROUP == 0) sum[0] = before * 3 + group;
    warp_barrier();
    some_arrive(2 - group, 2 * WARPGROUP);
  }
  if (group == 0) some_barrier(1, 2 * WARPGROUP);
  if (thread == 0) Global<float>(call.target)[0] = sum[0];
}
static void check_turns() {
  static float target;
  emulation::declare_memory("target", &target, sizeof target);
  emulation::run_grid("take_turns", take_turns, Turns{&target}, {1, 1, 1}, 256, 16);
  float sum = 1;
  for (int turn = 0; turn < 6; turn++) sum = sum * 3 + turn % 2;
  expect("take_turns", 0, target, sum);
}

// Rows of a head in a tile of 128: group, queries, and the answer.
static void check_rows_of_head() {
  const int cases[][3] = {{1, 40, 7}, {4, 40, 6}, {8, 20, 5}, {6, 20, 6}, {3, 20, 7}, {16, 17, 3}, {64, 1, 3}, {8, 4096, 7}};
  for (const auto& each : cases) expect("rows_of_head", each[0], rows_of_head(each[0], each[1], 7), each[2]);
}

int main() {
  check<Half>("multiply<Half>");
  check<Brain>("multiply<Brain>");
  check_turns();
  check_rows_of_head();
  return wrong > 0;
}
