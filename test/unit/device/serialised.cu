// A kernel whose sums are touched while a product is under way: it computes the same, one product after the other, and the
// assembler says so. Only compiled, to see that its words are found.

#include "attnc/device.h"

using namespace attnc;
struct Call { float* target; };
extern "C" __global__ void __launch_bounds__(128) touched(const Call call) {
  const Shared<Brain> tiles = shared<Brain>(0, 8192);
  float sums[32] = {};
  products_open();
  for (int turn = 0; turn < 4; turn++) {
    multiply_tiles<Brain, 64>(sums, tile_at(tiles, 16 * turn, 1024), tile_at(tiles, 16 * turn, 1024), true);
    products_commit();
    sums[3] *= 2.0f;
    products_wait<1>(sums);
  }
  products_wait<0>(sums);
  for (int i = 0; i < 32; i++) call.target[threadIdx.x * 32 + i] = sums[i];
}
