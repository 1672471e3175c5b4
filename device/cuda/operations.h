// The operations of the language as functions of C++, for every value: ints wrap, a division by zero gives 0, a float is
// rounded once an operation and never contracted with the next, because a mask decides in f32.
#pragma once

namespace attnc {

#define ATTNC_FUNCTION __device__ __forceinline__
/// The same for a lambda: what it captures stays in registers.
#define ATTNC_INLINE __attribute__((always_inline))

constexpr float LOG2_E = 1.44269504f, LN_2 = 0.693147181f;

ATTNC_FUNCTION float infinity() { return __uint_as_float(0x7f800000u); }
ATTNC_FUNCTION float not_a_number() { return __uint_as_float(0x7fc00000u); }

ATTNC_FUNCTION int add(int a, int b) { return static_cast<int>(static_cast<unsigned>(a) + static_cast<unsigned>(b)); }
ATTNC_FUNCTION int sub(int a, int b) { return static_cast<int>(static_cast<unsigned>(a) - static_cast<unsigned>(b)); }
ATTNC_FUNCTION int mul(int a, int b) { return static_cast<int>(static_cast<unsigned>(a) * static_cast<unsigned>(b)); }
ATTNC_FUNCTION float add(float a, float b) { return __fadd_rn(a, b); }
ATTNC_FUNCTION float sub(float a, float b) { return __fsub_rn(a, b); }
ATTNC_FUNCTION float mul(float a, float b) { return __fmul_rn(a, b); }
ATTNC_FUNCTION int negate(int a) { return sub(0, a); }
ATTNC_FUNCTION float negate(float a) { return -a; }

ATTNC_FUNCTION float divide(float a, float b) { return b == 0.0f ? 0.0f : __fdiv_rn(a, b); }

/// Rounds toward negative infinity. The least int divided by -1 wraps.
ATTNC_FUNCTION int floor_div(int a, int b) {
  if (b == 0) return 0;
  if (b == -1) return negate(a);
  return a / b - (a % b != 0 && (a < 0) != (b < 0));
}
ATTNC_FUNCTION float floor_div(float a, float b) { return floorf(divide(a, b)); }
/// a - b floor(a / b): the sign follows the divisor.
ATTNC_FUNCTION int floor_mod(int a, int b) { return b == 0 ? 0 : sub(a, mul(b, floor_div(a, b))); }
ATTNC_FUNCTION float floor_mod(float a, float b) { return b == 0.0f ? 0.0f : sub(a, mul(b, floor_div(a, b))); }

/// By repeated squaring; a negative exponent gives 0.
ATTNC_FUNCTION int power(int base, int exponent) {
  if (exponent < 0) return 0;
  int result = 1;
  for (int square = base, rest = exponent; rest > 0; rest >>= 1, square = mul(square, square)) {
    if (rest & 1) result = mul(result, square);
  }
  return result;
}
/// NaN where the exponent is, and where 1 or -1 meets an infinite one: C has 1 there.
ATTNC_FUNCTION float power(float base, float exponent) {
  const bool undefined = exponent != exponent || (fabsf(base) == 1.0f && fabsf(exponent) == infinity());
  return undefined ? not_a_number() : powf(base, exponent);
}

ATTNC_FUNCTION int absolute(int a) { return a < 0 ? negate(a) : a; }
ATTNC_FUNCTION float absolute(float a) { return fabsf(a); }
ATTNC_FUNCTION int sign(int a) { return (a > 0) - (a < 0); }
ATTNC_FUNCTION float sign(float a) { return a > 0.0f ? 1.0f : a < 0.0f ? -1.0f : a; }
ATTNC_FUNCTION int minimum(int a, int b) { return b < a ? b : a; }
ATTNC_FUNCTION int maximum(int a, int b) { return a < b ? b : a; }
/// NaN passes through.
ATTNC_FUNCTION float minimum(float a, float b) { return a != a ? a : b != b ? b : fminf(a, b); }
ATTNC_FUNCTION float maximum(float a, float b) { return a != a ? a : b != b ? b : fmaxf(a, b); }

/// Counts are taken modulo 32; to the right, the sign stays.
ATTNC_FUNCTION int shift_left(int a, int b) { return static_cast<int>(static_cast<unsigned>(a) << (b & 31)); }
ATTNC_FUNCTION int shift_right(int a, int b) { return a >> (b & 31); }

ATTNC_FUNCTION float square_root(float a) { return __fsqrt_rn(a); }
/// 0 at 0.
ATTNC_FUNCTION float reciprocal_root(float a) { return a == 0.0f ? 0.0f : rsqrtf(a); }
ATTNC_FUNCTION float sigmoid(float a) { return __fdiv_rn(1.0f, 1.0f + expf(-a)); }

ATTNC_FUNCTION float to_float(int a) { return static_cast<float>(a); }
/// Saturates at the ends of the type; NaN gives 0.
ATTNC_FUNCTION int to_int(float whole) {
  if (whole != whole) return 0;
  if (whole >= 2147483648.0f) return 2147483647;
  return whole <= -2147483648.0f ? -2147483647 - 1 : static_cast<int>(whole);
}
ATTNC_FUNCTION int floor_to_int(float a) { return to_int(floorf(a)); }
ATTNC_FUNCTION int ceil_to_int(float a) { return to_int(ceilf(a)); }
/// Ties go to the even neighbour.
ATTNC_FUNCTION int round_to_int(float a) { return to_int(rintf(a)); }

/// An int that is larger where the float is; 0 and -0 are the same.
ATTNC_FUNCTION int rank_of_float(float a) {
  const int bits = static_cast<int>(__float_as_uint(a == 0.0f ? 0.0f : a));
  return bits ^ ((bits >> 31) & 0x7fffffff);
}

/// The counter-based generator behind random(seed, ...): three steps, the same on every target.
ATTNC_FUNCTION int random_hash(unsigned x) {
  x ^= x >> 16;
  x *= 0x7feb352du;
  x ^= x >> 15;
  x *= 0x846ca68bu;
  return static_cast<int>(x ^ x >> 16);
}
ATTNC_FUNCTION int random_seed(int seed) { return random_hash(static_cast<unsigned>(seed) + 0x9e3779b9u); }
ATTNC_FUNCTION int random_mix(int state, int i) {
  return random_hash(static_cast<unsigned>(state ^ i) * 0x85ebca6bu + 0x9e3779b9u);
}
/// The upper 24 bits, in [0, 1).
ATTNC_FUNCTION float random_unit(int state) {
  return static_cast<float>(static_cast<unsigned>(state) >> 8) * 5.9604644775390625e-8f;
}

/// The index within an axis of this size; 0 where the axis is empty.
ATTNC_FUNCTION int clamp_index(int index, int size) { return maximum(minimum(index, size - 1), 0); }

/// An element of a captured tensor. One that is empty has no address, and reads as 0.
template <class T>
ATTNC_FUNCTION T read(const T* tensor, int index) {
  return tensor ? Global<const T>(tensor)[index] : T();
}

/// How many of `count` elements from `start` on lie below the value; they do not decrease.
ATTNC_FUNCTION int count_below(const int* tensor, int start, int count, int value) {
  int low = 0, high = count;
  while (low < high) {
    const int middle = (low + high) / 2;
    if (read(tensor, start + middle) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

}  // namespace attnc
