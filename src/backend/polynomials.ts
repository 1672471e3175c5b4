// Minimax polynomials of the functions that a target does not have, or has with too large an error, as data. The
// coefficients were fitted in f64 to the smallest worst relative error and then rounded to f32; tests measure the
// functions that use them.

/** From the highest power down. */
export const POLYNOMIALS = {
  /** exp2(f) for |f| ≤ 1/2, constant term 1: 2.0e-9. */
  exp2: [
    0.00015353361959569156, 0.0013398873852565885, 0.00961843691766262, 0.055503323674201965, 0.24022647738456726,
    0.6931471824645996, 1,
  ],
  /** exp(f) for |f| ≤ ln 2 / 2, first terms 1 + f: 3.1e-9. */
  exp: [0.001381459878757596, 0.008368716575205326, 0.04166838899254799, 0.1666652113199234, 0.4999999403953552, 1, 1],
  /** (exp(r) − 1 − r) / r² for |r| ≤ ln 2 / 2: 1.3e-8 of exp(r) − 1. */
  expm1: [0.0013882521307095885, 0.008366520516574383, 0.04166720062494278, 0.1666654348373413, 0.4999999701976776],
  /** (tanh(x) / x − 1) / x² as a polynomial of x² for |x| < 0.625: 4.4e-9 of tanh(x). */
  tanh: [-0.0057049887254834175, 0.02063908986747265, -0.05373971536755562, 0.13331441581249237, -0.3333328068256378],
  /** (log(1 + f) − f + f²/2) / f³ for 1 + f from √½ to √2: 7.5e-10 of log(1 + f). */
  log: [
    0.06746640056371689, -0.11675651371479034, 0.11888162791728973, -0.1240558922290802, 0.14219552278518677,
    -0.1666799634695053, 0.2000211924314499, -0.25000008940696716, 0.3333331346511841,
  ],
} as const satisfies Record<string, readonly number[]>;
