// Kernels that use the primitives as they are meant, each with the answer that PTX defines. Prints nothing where all agree.

#include "attnc/device.h"

using namespace attnc;

struct Call {
  const float* source;
  float* target;
};

static int wrong;
static void expect(const char* what, int index, float got, float wanted) {
  if (got == wanted) return;
  if (wrong++ < 8) printf("%s[%d] is %g instead of %g\n", what, index, got, wanted);
}

// Every lane gets the value of the lane with the bit flipped, and that of lane 5.
void shuffles(Call call) {
  Global<float> target(call.target);
  const int thread = threadIdx.x;
  target[thread] = shuffle_xor(static_cast<float>(thread), 4);
  target[blockDim.x + thread] = shuffle(static_cast<float>(thread), 5);
}

// The block reverses an array through shared memory.
void reverse(Call call) {
  Global<const float> source(call.source);
  Global<float> target(call.target);
  const int thread = threadIdx.x, count = blockDim.x;
  Shared<float> values = shared<float>(0, count);
  values[thread] = source[thread];
  block_barrier();
  target[thread] = values[count - 1 - thread];
}

// One warp turns over its own part after a barrier of the warp alone.
void reverse_in_warp(Call call) {
  Global<const float> source(call.source);
  Global<float> target(call.target);
  const int thread = threadIdx.x;
  Shared<float> values = shared<float>(0, blockDim.x);
  values[thread] = source[thread];
  warp_barrier();
  target[thread] = values[thread ^ 31];
}

// Two groups of copies, of which the first is awaited before the second; the third is outside and gives zeros.
void copies(Call call) {
  Global<const float> source(call.source);
  Global<float> target(call.target);
  const int thread = threadIdx.x, count = blockDim.x * 4;
  Shared<float> values = shared<float>(0, 3 * count);
  copy_async_16(values, 4 * thread, source, 4 * thread, true);
  copy_async_commit();
  copy_async_16(values, count + 4 * thread, source, count + 4 * thread, true);
  copy_async_16(values, 2 * count + 4 * thread, source, 1 << 20, false);
  copy_async_commit();
  copy_async_wait<1>();
  block_barrier();
  const int other = blockDim.x - 1 - thread;
  for (int i = 0; i < 4; i++) target[4 * thread + i] = values[4 * other + i];
  copy_async_wait<0>();
  block_barrier();
  for (int i = 0; i < 4; i++) target[count + 4 * thread + i] = values[count + 4 * other + i];
  for (int i = 0; i < 4; i++) target[2 * count + 4 * thread + i] = values[2 * count + 4 * other + i];
}

// C = A B for A [16][16] and B [16][8], through ldmatrix: A as it lies, B transposed as it is loaded.
template <class T>
void multiply(Call call) {
  Global<const float> source(call.source);
  Global<float> target(call.target);
  const int lane = threadIdx.x;
  // Rows of 24 elements, so that no two matrices lie at multiples of each other.
  Shared<T> left = shared<T>(0, 16 * 24), right = shared<T>(16 * 24 * 2, 16 * 24);
  for (int index = lane; index < 16 * 16; index += WARP) {
    left[index / 16 * 24 + index % 16] = narrow<T>(source[index]);
    right[index / 16 * 24 + index % 16] = narrow<T>(index % 16 < 8 ? source[256 + index / 16 * 8 + index % 16] : 0.0f);
  }
  warp_barrier();
  unsigned a[4], b[4];
  ldmatrix_x4(a, left, lane % 16 * 24 + lane / 16 * 8);
  ldmatrix_x4_transposed(b, right, lane % 16 * 24 + lane / 16 * 8);
  float sums[4] = {0, 0, 0, 0};
  mma_16816<T>(sums, a, b[0], b[1]);
  for (int i = 0; i < 4; i++) target[(lane / 4 + i / 2 * 8) * 8 + lane % 4 * 2 + i % 2] = sums[i];
}

template <class T>
static void expect_rounding(const char* what, float value, unsigned bits, float back) {
  expect(what, 0, narrow<T>(value).bits, bits);
  expect(what, 1, widen(narrow<T>(value)), back);
}

int main() {
  static float source[4096], target[4096];
  for (int index = 0; index < 4096; index++) source[index] = static_cast<float>(index * 37 % 17 - 8);
  emulation::declare_memory("source", source, sizeof source);
  emulation::declare_memory("target", target, sizeof target);
  const Call call = {source, target};
  const auto run = [&](const char* name, void (*kernel)(Call), int threads) {
    for (float& each : target) each = NAN;
    emulation::run_grid(name, kernel, call, {1, 1, 1}, threads, 49152);
  };

  run("shuffles", shuffles, 64);
  for (int thread = 0; thread < 64; thread++) {
    expect("shuffle_xor", thread, target[thread], thread ^ 4);
    expect("shuffle", thread, target[64 + thread], thread / 32 * 32 + 5);
  }
  run("reverse", reverse, 1024);
  for (int thread = 0; thread < 1024; thread++) expect("reverse", thread, target[thread], source[1023 - thread]);
  run("reverse_in_warp", reverse_in_warp, 96);
  for (int thread = 0; thread < 96; thread++) expect("reverse_in_warp", thread, target[thread], source[thread ^ 31]);
  run("copies", copies, 64);
  for (int index = 0; index < 3 * 256; index++) {
    const int group = index / 256, within = index % 256;
    expect("copies", index, target[index], group == 2 ? 0 : source[group * 256 + (63 - within / 4) * 4 + within % 4]);
  }
  for (int half = 0; half < 2; half++) {
    run("multiply", half ? multiply<Half> : multiply<Brain>, 32);
    for (int index = 0; index < 128; index++) {
      float sum = 0;
      for (int k = 0; k < 16; k++) sum += source[index / 8 * 16 + k] * source[256 + k * 8 + index % 8];
      expect(half ? "multiply<Half>" : "multiply<Brain>", index, target[index], sum);
    }
  }
  expect_rounding<Half>("half, 1 + 2^-11 to even", 1.00048828125f, 0x3c00, 1.0f);
  expect_rounding<Half>("half, 1 + 3 * 2^-11 to even", 1.00146484375f, 0x3c02, 1.001953125f);
  expect_rounding<Half>("half, largest", 65519.0f, 0x7bff, 65504.0f);
  expect_rounding<Half>("half, overflow", 65520.0f, 0x7c00, INFINITY);
  expect_rounding<Half>("half, subnormal", -5.9604645e-8f, 0x8001, -5.9604645e-8f);
  expect_rounding<Half>("half, rounds up to the least normal", 6.1035153e-5f, 0x0400, 6.103515625e-5f);
  expect_rounding<Half>("half, zero", -0.0f, 0x8000, -0.0f);
  expect_rounding<Brain>("brain, 1 + 2^-8 to even", 1.00390625f, 0x3f80, 1.0f);
  expect_rounding<Brain>("brain, 1 + 3 * 2^-8 to even", 1.01171875f, 0x3f82, 1.015625f);
  expect_rounding<Brain>("brain, overflow", 3.4e38f, 0x7f80, INFINITY);
  return wrong > 0;
}
