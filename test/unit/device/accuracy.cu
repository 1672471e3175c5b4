// How far an operation can be from the truth, where the device's own functions are as wrong as their makers say: every
// result of expf and powf is moved by so many units in the last place, and the operation compared with f64.
// Prints the worst of each operation as the error bound counts it, in parts of 2 to the -23 of what is true.

#include <math.h>

static int nudge;
static float moved(float value) {
  for (int step = 0; step < abs(nudge); step++) value = nextafterf(value, nudge < 0 ? 0.0f : INFINITY);
  return value;
}
static float worst_expf(float x) { return moved(expf(x)); }
static float worst_powf(float x, float y) { return moved(powf(x, y)); }
#define expf worst_expf
#define powf worst_powf

#include "attnc/device.h"

using namespace attnc;

static double worst;
static void compare(float got, double wanted) {
  // What is subnormal may be flushed.
  if (!(fabs(wanted) >= 1.17549435e-38 && fabs(wanted) <= 3.4e38)) return;
  worst = fmax(worst, ldexp(fabs(got / wanted - 1), 23));
}

int main() {
  // The rounding of the host's own function is half a unit of the published 2 and 8.
  const int most_exp = 2, most_pow = 7;
  for (nudge = -most_exp; nudge <= most_exp; nudge += 2 * most_exp) {
    for (int step = -1740000; step <= 1740000; step++) {
      const float x = step * 5e-5f;
      compare(sigmoid(x), 1 / (1 + exp(-static_cast<double>(x))));
    }
  }
  printf("sigmoid %.3f\n", worst);
  worst = 0;
  for (nudge = -most_pow; nudge <= most_pow; nudge += 2 * most_pow) {
    for (int base = 1; base < 2000; base++) {
      for (int exponent = -300; exponent <= 300; exponent++) {
        const float x = base * 0.013f, y = exponent * 0.11f;
        compare(power(x, y), pow(static_cast<double>(x), static_cast<double>(y)));
      }
    }
  }
  printf("pow %.3f\n", worst);
}
