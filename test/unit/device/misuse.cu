// One planted fault a kernel, chosen by name. The emulation must end each with a message that says what is wrong.

#include "attnc/device.h"

using namespace attnc;

struct Call {
  const float* source;
  float* target;
};

static Shared<float> values() { return shared<float>(0, 256); }
static const int& self = reinterpret_cast<const int&>(threadIdx.x);

void barrier_after_return(Call) {
  if (self == 5) return;
  block_barrier();
}
void barrier_in_a_branch(Call) {
  if (self < 32) block_barrier();
  else warp_barrier();
}
void shuffle_by_some(Call) {
  if (self % 32 != 7) shuffle_xor(1.0f, 1);
}
void different_collectives(Call) {
  if (self % 2) shuffle_xor(1.0f, 1);
  else warp_barrier();
}
void never_written(Call call) { Global<float>(call.target)[self] = values()[self]; }
void no_barrier_before_reading(Call call) {
  values()[self] = 1;
  Global<float>(call.target)[self] = values()[self ^ 32];
}
void a_barrier_of_the_warp_only(Call call) {
  values()[self] = 1;
  warp_barrier();
  if (self >= 32) Global<float>(call.target)[self] = values()[self - 32];
}
void no_barrier_before_overwriting(Call call) {
  values()[self] = 1;
  block_barrier();
  Global<float>(call.target)[self] = values()[(self + 1) % 64];
  values()[self] = 2;
}
void two_writers(Call) { values()[0] = 1; }
void read_before_the_copy(Call call) {
  copy_async_16(values(), 4 * self, Global<const float>(call.source), 0, true);
  block_barrier();
  Global<float>(call.target)[self] = values()[self];
}
void copy_not_awaited(Call call) {
  if (self < 32) copy_async_16(values(), 4 * self, Global<const float>(call.source), 0, true);
  copy_async_commit();
  copy_async_wait<1>();
  block_barrier();
  Global<float>(call.target)[self] = values()[self];
}
void copy_awaited_without_barrier(Call call) {
  copy_async_16(values(), 4 * self, Global<const float>(call.source), 0, true);
  copy_async_commit();
  copy_async_wait<0>();
  if (self >= 32) Global<float>(call.target)[self] = values()[4 * (self - 32)];
}
void misaligned_copy(Call call) { copy_async_16(values(), 4 * self, Global<const float>(call.source), 1, true); }
void outside_of_an_array(Call) { values()[256 + self] = 1; }
void outside_of_shared_memory(Call) { shared<float>(1 << 16, 1)[0] = 1; }
void outside_of_a_tensor(Call call) { Global<float>(call.target)[self] = Global<const float>(call.source)[64 + self]; }
void before_a_tensor(Call call) { Global<float>(call.target)[self - 1] = 0; }
void misaligned_matrix(Call) {
  Shared<Half> halves = shared<Half>(0, 2048);
  unsigned registers[4];
  ldmatrix_x4(registers, halves, self % 32 * 8 + 4);
}

#define FAULT(name) {#name, name}
static const struct {
  const char* name;
  void (*kernel)(Call);
} faults[] = {
    FAULT(barrier_after_return),
    FAULT(barrier_in_a_branch),
    FAULT(shuffle_by_some),
    FAULT(different_collectives),
    FAULT(never_written),
    FAULT(no_barrier_before_reading),
    FAULT(a_barrier_of_the_warp_only),
    FAULT(no_barrier_before_overwriting),
    FAULT(two_writers),
    FAULT(read_before_the_copy),
    FAULT(copy_not_awaited),
    FAULT(copy_awaited_without_barrier),
    FAULT(misaligned_copy),
    FAULT(outside_of_an_array),
    FAULT(outside_of_shared_memory),
    FAULT(outside_of_a_tensor),
    FAULT(before_a_tensor),
    FAULT(misaligned_matrix),
};

int main(int, char** arguments) {
  alignas(16) static float source[64 + 4];
  static float target[64];
  emulation::declare_memory("source", source, 64 * sizeof(float));
  emulation::declare_memory("target", target, sizeof target);
  for (const auto& each : faults) {
    if (strcmp(each.name, arguments[1]) != 0) continue;
    emulation::run_grid(each.name, each.kernel, Call{source, target}, {1, 1, 1}, 64, 49152);
    return 0;
  }
  return 2;
}
