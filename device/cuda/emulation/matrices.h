// What a warp does together: shuffles, ldmatrix and mma, with fragments in the layouts of PTX. Each lane lays down what it
// has, waits for the others, and takes what it needs. Two places in turn are enough, because nobody can be two steps ahead.
#pragma once

namespace attnc {
namespace emulation {

struct Deposit {
  unsigned words[8];
};
inline Deposit deposits[2][MOST_THREADS];

/// Lays down the words of this lane and waits; gives those of the warp, by lane.
inline const Deposit* exchange(const unsigned* words, int count, const char* in) {
  const int thread = block.current;
  Deposit* const place = deposits[block.warp_epoch[thread / WARP] % 2];
  memcpy(place[thread].words, words, count * sizeof(unsigned));
  wait(Wait::warp, in);
  return place + thread / WARP * WARP;
}

template <class T>
T shuffle_from(T value, int lane, const char* in) {
  static_assert(sizeof(T) == 4, "a shuffle moves one word");
  unsigned word;
  memcpy(&word, &value, sizeof word);
  const Deposit* const lanes = exchange(&word, 1, in);
  if (lane < 0 || lane >= WARP) fail("a shuffle from a lane that is none");
  memcpy(&value, lanes[lane].words, sizeof value);
  return value;
}

}  // namespace emulation

template <class T>
T shuffle_xor(T value, int mask) {
  return emulation::shuffle_from(value, (emulation::block.current % WARP) ^ mask, "shuffle_xor");
}
template <class T>
T shuffle(T value, int lane) {
  return emulation::shuffle_from(value, lane, "shuffle");
}

struct Half {
  unsigned short bits;
};
struct Brain {
  unsigned short bits;
};

inline float widen(float value) { return value; }
inline float widen(Brain value) { return __uint_as_float(static_cast<unsigned>(value.bits) << 16); }
inline float widen(Half value) {
  const int exponent = value.bits >> 10 & 31, fraction = value.bits & 1023;
  const float magnitude = exponent == 31  ? (fraction ? NAN : INFINITY)
                          : exponent == 0 ? ldexpf(static_cast<float>(fraction), -24)
                                          : ldexpf(static_cast<float>(fraction + 1024), exponent - 25);
  return value.bits >> 15 ? -magnitude : magnitude;
}

template <class T>
T narrow(float value);
template <>
inline float narrow<float>(float value) {
  return value;
}
/// To nearest, ties to even: what is cut off decides, and the last bit that stays where it is exactly half.
template <>
inline Brain narrow<Brain>(float value) {
  const unsigned bits = __float_as_uint(value);
  if (value != value) return {0x7fff};
  return {static_cast<unsigned short>((bits + 0x7fff + (bits >> 16 & 1)) >> 16)};
}
template <>
inline Half narrow<Half>(float value) {
  const unsigned short sign = __float_as_uint(value) >> 16 & 0x8000;
  if (value != value) return {0x7fff};
  const float magnitude = fabsf(value);
  if (magnitude >= 65520.0f) return {static_cast<unsigned short>(sign | 0x7c00)};
  int exponent;
  frexpf(magnitude, &exponent);
  const int step = (magnitude < 0x1p-13f ? -13 : exponent) - 11;
  // The number of steps is exact in f32, and rintf rounds ties to even.
  const int steps = static_cast<int>(rintf(ldexpf(magnitude, -step)));
  const int bits = (step + 24) * 1024 + steps;
  return {static_cast<unsigned short>(sign | bits)};
}

template <class T>
unsigned pack(float low, float high) {
  return narrow<T>(low).bits | static_cast<unsigned>(narrow<T>(high).bits) << 16;
}

namespace emulation {

/// Row `row` of matrix `matrix` begins at the byte that lane 8 · matrix + row gave.
template <class T>
void load_matrices(unsigned (&to)[4], const Shared<T>& from, int index, bool transposed, const char* in) {
  static_assert(sizeof(T) == 2, "ldmatrix moves elements of 16 bits");
  const unsigned byte = from.check(index, 8);
  demand_aligned(shared_bytes + byte);
  const Deposit* const lanes = exchange(&byte, 1, in);
  const int lane = block.current % WARP, row = lane / 4, column = lane % 4 * 2;
  for (int matrix = 0; matrix < 4; matrix++) {
    unsigned short elements[2];
    for (int second = 0; second < 2; second++) {
      const int r = transposed ? column + second : row, c = transposed ? row : column + second;
      const int at = lanes[8 * matrix + r].words[0] + 2 * c;
      note_read(at, 2);
      memcpy(&elements[second], shared_bytes + at, 2);
    }
    to[matrix] = elements[0] | static_cast<unsigned>(elements[1]) << 16;
  }
}

template <class T>
float element(unsigned word, int second) {
  return widen(T{static_cast<unsigned short>(second ? word >> 16 : word)});
}

}  // namespace emulation

template <class T>
void ldmatrix_x4(unsigned (&to)[4], const Shared<T>& from, int index) {
  emulation::load_matrices(to, from, index, false, "ldmatrix_x4");
}
template <class T>
void ldmatrix_x4_transposed(unsigned (&to)[4], const Shared<T>& from, int index) {
  emulation::load_matrices(to, from, index, true, "ldmatrix_x4_transposed");
}

template <class T>
void mma_16816(float (&sums)[4], const unsigned (&a)[4], unsigned b0, unsigned b1) {
  const unsigned own[] = {a[0], a[1], a[2], a[3], b0, b1};
  const emulation::Deposit* const lanes = emulation::exchange(own, 6, "mma_16816");
  const int lane = emulation::block.current % WARP, group = lane / 4, pair = lane % 4;
  for (int k = 0; k < 16; k++) {
    // Column k of a and row k of b lie with lanes 4 g + (k mod 8) / 2.
    const int half = k / 8, holder = k % 8 / 2, second = k % 2;
    float left[2], right[2];
    for (int i = 0; i < 2; i++) {
      left[i] = emulation::element<T>(lanes[4 * group + holder].words[i + 2 * half], second);
      right[i] = emulation::element<T>(lanes[4 * (2 * pair + i) + holder].words[4 + half], second);
    }
    for (int index = 0; index < 4; index++) sums[index] += left[index / 2] * right[index % 2];
  }
}

}  // namespace attnc
