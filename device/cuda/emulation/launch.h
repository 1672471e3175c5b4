// Runs a grid, one block after the other. A kernel is a function of one record, as on the device.
#pragma once

#include <sys/mman.h>

namespace attnc {
namespace emulation {

template <class Call>
struct Body {
  static void (*kernel)(Call);
  static void run(const void* call) { kernel(*static_cast<const Call*>(call)); }
};
template <class Call>
void (*Body<Call>::kernel)(Call);

inline char* stacks() {
  static char* const all = static_cast<char*>(mmap(nullptr, MOST_THREADS * STACK_BYTES, PROT_READ | PROT_WRITE,
                                                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0));
  return all;
}

template <class Call>
void run_grid(const char* name, void (*kernel)(Call), const Call& call, uint3 grid, int threads, int bytes) {
  Body<Call>::kernel = kernel;
  block.body = &Body<Call>::run;
  block.call = &call;
  block.kernel = name;
  block.threads = threads;
  gridDim = grid;
  blockDim = {static_cast<unsigned>(threads), 1, 1};
  shared_size = bytes;
  if (threads % WARP != 0 || threads > MOST_THREADS) fail("a block has whole warps, and at most 1024 threads");
  for (blockIdx.z = 0; blockIdx.z < grid.z; blockIdx.z++) {
    for (blockIdx.y = 0; blockIdx.y < grid.y; blockIdx.y++) {
      for (blockIdx.x = 0; blockIdx.x < grid.x; blockIdx.x++) {
        // What other blocks left in shared memory is unwritten for this one, and is poison.
        first_epoch = ++block.epoch;
        memset(shared_bytes, 0xff, bytes);
        for (int thread = 0; thread < threads; thread++) copies[thread].begun = copies[thread].groups = 0;
        forget_all();
        open_registers();
        run_block(stacks());
        demand_no_tiles();
      }
    }
  }
}

}  // namespace emulation
}  // namespace attnc
