// One planted fault a kernel, as in misuse.cu, of what only sm_90a has. A warpgroup of 128 threads, and a second one.

#include "attnc/device.h"

using namespace attnc;

struct Call {
  TensorMap map;
  float* target;
};

static const unsigned& self = reinterpret_cast<const unsigned&>(threadIdx.x);
constexpr int TILE = 64 * TILE_COLUMNS, BYTES = 2 * TILE;

static Shared<Brain> tiles() { return shared<Brain>(0, 2 * TILE); }
static Barriers barriers() { return shared<unsigned long long>(2 * BYTES, 2); }

static void open(int arrivals = 1) {
  if (self == 0) {
    phase_open(barriers(), 0, 1);
    phase_open(barriers(), 1, arrivals);
    phases_ready();
  }
  block_barrier();
}
static void load(const Call& call, int bytes = BYTES) {
  if (self != 0) return;
  phase_expect(barriers(), 0, bytes);
  copy_tile(tiles(), 0, call.map, barriers(), 0, 0, 0, 0, 0);
}
static void write_tile() {
  for (int index = self; index < TILE; index += blockDim.x) tiles()[index] = Brain{0};
}
static TileAt first_tile(int index = 0) { return tile_at(tiles(), index, 1024); }
static void multiply(float (&sums)[32]) {
  products_open();
  multiply_tiles<Brain, 64>(sums, first_tile(), first_tile(), false);
  products_commit();
}

void bytes_that_never_come(Call call) {
  open();
  load(call, BYTES + 16);
  phase_wait(barriers(), 0, 0);
}
void arrivals_that_never_come(Call) {
  open(3);
  if (self < 2) phase_arrive(barriers(), 1);
  phase_wait(barriers(), 1, 0);
}
void a_barrier_nobody_opened(Call) { phase_arrive(barriers(), 0); }
void too_many_arrivals(Call) {
  open();
  if (self == 0) phase_expect(barriers(), 0, 64);
  if (self == 0) phase_arrive(barriers(), 0);
}
void read_before_its_bytes(Call call) {
  open();
  load(call);
  Global<float>(call.target)[self] = widen(tiles()[self]);
}
void read_without_a_wait(Call call) {
  open();
  load(call);
  if (self == 0) phase_wait(barriers(), 0, 0);
  warp_barrier();
  if (self < 32) Global<float>(call.target)[self] = widen(tiles()[self]);
}
void product_before_its_bytes(Call call) {
  float sums[32];
  open();
  load(call);
  multiply(sums);
  products_wait<0>(sums);
}
void tile_copied_over_while_it_is_read(Call call) {
  float sums[32];
  open();
  load(call);
  phase_wait(barriers(), 0, 0);
  multiply(sums);
  load(call);
  products_wait<0>(sums);
}
void tile_copied_over_before_it_was_released(Call call) {
  float sums[32];
  open();
  load(call);
  phase_wait(barriers(), 0, 0);
  multiply(sums);
  products_wait<0>(sums);
  load(call);
}
void released_by_one_warp_for_all(Call call) {
  float sums[32];
  open();
  load(call);
  phase_wait(barriers(), 0, 0);
  multiply(sums);
  products_wait<0>(sums);
  if (self == 32) phase_arrive(barriers(), 1);
  if (self == 0) phase_wait(barriers(), 1, 0);
  load(call);
}
void sums_touched_before_the_wait(Call) {
  float sums[32];
  write_tile();
  tiles_fence();
  block_barrier();
  multiply(sums);
  sums[5] = 1;
  products_wait<0>(sums);
}
void sums_that_are_not_waited_for(Call) {
  float scores[32], sums[32];
  write_tile();
  tiles_fence();
  block_barrier();
  multiply(scores);
  multiply(sums);
  products_wait<1>(sums);
}
void weights_touched_before_the_wait(Call) {
  float sums[32] = {};
  unsigned weights[4] = {};
  write_tile();
  tiles_fence();
  block_barrier();
  products_open();
  multiply_registers<Brain, 64>(sums, weights, first_tile());
  products_commit();
  weights[2] = self;
  products_wait<0>(sums);
}
void products_not_opened(Call) {
  float sums[32];
  multiply_tiles<Brain, 64>(sums, first_tile(), first_tile(), false);
}
void products_not_committed(Call) {
  float sums[32];
  write_tile();
  tiles_fence();
  block_barrier();
  products_open();
  multiply_tiles<Brain, 64>(sums, first_tile(), first_tile(), false);
  products_wait<0>(sums);
}
void product_of_three_warps(Call) {
  float sums[32];
  write_tile();
  tiles_fence();
  block_barrier();
  if (self < 96) multiply(sums);
  products_wait<0>(sums);
}
void written_without_a_fence(Call) {
  float sums[32];
  write_tile();
  block_barrier();
  multiply(sums);
  products_wait<0>(sums);
}
void descriptor_out_of_range(Call) {
  float sums[32];
  products_open();
  multiply_tiles<Brain, 64>(sums, first_tile(), tile_at(tiles(), 2 * TILE - 64, 1 << 20), false);
}
void tile_out_of_its_array(Call) { first_tile(2 * TILE); }
void misaligned_tile(Call call) {
  open();
  if (self == 0) copy_tile(tiles(), 64, call.map, barriers(), 0, 0, 0, 0, 0);
}
void box_beyond_the_memory(Call call) {
  open();
  if (self == 0) phase_expect(barriers(), 0, BYTES);
  if (self == 0) copy_tile(tiles(), 0, call.map, barriers(), 0, 0, 64, 0, 0);
  phase_wait(barriers(), 0, 0);
}
void block_ends_before_its_copies(Call call) {
  open();
  load(call);
}
void more_registers_than_there_are(Call) { more_registers<256>(); }
void fewer_registers_as_more(Call) {
  fewer_registers<64>();
  more_registers<24>();
}
void barrier_of_some_that_do_not_agree(Call) { some_barrier(1, self < 32 ? 64 : 128); }
void turn_that_nobody_gives(Call) {
  if (self < WARPGROUP) some_barrier(1, 256);
}
void turn_given_twice(Call) {
  if (self >= WARPGROUP) some_arrive(1, 256);
  if (self >= WARPGROUP) some_arrive(1, 256);
}
void turn_that_nobody_takes(Call) {
  if (self >= WARPGROUP) some_arrive(1, 256);
}
void turn_given_before_the_write(Call call) {
  if (self >= WARPGROUP) some_arrive(1, 256);
  if (self == WARPGROUP) tiles()[0] = Brain{0};
  if (self < WARPGROUP) some_barrier(1, 256);
  if (self < WARPGROUP) Global<float>(call.target)[self] = widen(tiles()[0]);
}

#define FAULT(name) {#name, name}
static const struct {
  const char* name;
  void (*kernel)(Call);
} faults[] = {
    FAULT(bytes_that_never_come),
    FAULT(arrivals_that_never_come),
    FAULT(a_barrier_nobody_opened),
    FAULT(too_many_arrivals),
    FAULT(read_before_its_bytes),
    FAULT(read_without_a_wait),
    FAULT(product_before_its_bytes),
    FAULT(tile_copied_over_while_it_is_read),
    FAULT(tile_copied_over_before_it_was_released),
    FAULT(released_by_one_warp_for_all),
    FAULT(sums_touched_before_the_wait),
    FAULT(sums_that_are_not_waited_for),
    FAULT(weights_touched_before_the_wait),
    FAULT(products_not_opened),
    FAULT(products_not_committed),
    FAULT(product_of_three_warps),
    FAULT(written_without_a_fence),
    FAULT(descriptor_out_of_range),
    FAULT(tile_out_of_its_array),
    FAULT(misaligned_tile),
    FAULT(box_beyond_the_memory),
    FAULT(block_ends_before_its_copies),
    FAULT(more_registers_than_there_are),
    FAULT(fewer_registers_as_more),
    FAULT(barrier_of_some_that_do_not_agree),
    FAULT(turn_that_nobody_gives),
    FAULT(turn_given_twice),
    FAULT(turn_that_nobody_takes),
    FAULT(turn_given_before_the_write),
};

int main(int, char** arguments) {
  alignas(16) static Brain source[TILE];
  static float target[256];
  emulation::declare_memory("source", source, sizeof source);
  emulation::declare_memory("target", target, sizeof target);
  Call call;
  call.target = target;
  // It has 128 rows, but its memory holds 64.
  if (encode_map(call.map, source, 64, {1, 1, 128}, {TILE, TILE, 64}, 64, 1)) return 3;
  for (const auto& each : faults) {
    if (strcmp(each.name, arguments[1]) != 0) continue;
    emulation::run_grid(each.name, each.kernel, call, {1, 1, 1}, 256, 2 * BYTES + 16);
    return 0;
  }
  return 2;
}
