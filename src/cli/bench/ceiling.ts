// What one core can do at most with 128-bit vectors: products and sums on registers alone, in as many chains as hide the
// latency of the instructions. A kernel's share of it is how well it feeds the arithmetic.

import { assemble } from "../../backend/wasm/assemble.ts";

/** Twelve sums and two constants: 14 of the 15 vector registers that V8 hands out. */
const CHAINS = 12;
const STEPS = 1_000_000;
/** A product and a sum in each of four lanes. */
const FLOPS = STEPS * CHAINS * 4 * 2;

/** A run of the ceiling, and its GFLOP/s from the milliseconds that it took. */
export type Ceiling = { readonly run: () => void; readonly gflops: (milliseconds: number) => number };

export function makeCeiling(kind: "mul+add" | "relaxed"): Ceiling {
  const chains = Array.from({ length: CHAINS }, (_, index) => index);
  // s = s · a + b: every product is another one, so that none can be computed once for all.
  const next = {
    "mul+add": (sum: string) => `(f32x4.add (f32x4.mul (local.get ${sum}) (local.get $a)) (local.get $b))`,
    relaxed: (sum: string) => `(f32x4.relaxed_madd (local.get ${sum}) (local.get $a) (local.get $b))`,
  }[kind];
  const total = chains.map((i) => `(local.get $s${i})`).reduce((sum, each) => `(f32x4.add ${sum} ${each})`);
  const text = `(module (func (export "run") (param $n i32) (result f32)
    (local $a v128) (local $b v128) ${chains.map((i) => `(local $s${i} v128)`).join(" ")}
    (local.set $a (f32x4.splat (f32.const 0.5)))
    (local.set $b (f32x4.splat (f32.const 1)))
    ${chains.map((i) => `(local.set $s${i} (f32x4.splat (f32.const ${i})))`).join("\n    ")}
    (loop $next
      ${chains.map((i) => `(local.set $s${i} ${next(`$s${i}`)})`).join("\n      ")}
      (br_if $next (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (f32x4.extract_lane 0 ${total})))`;
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(assemble(text)));
  const ceiling = exports.run as (steps: number) => number;
  return { run: () => void ceiling(STEPS), gflops: (milliseconds) => FLOPS / milliseconds / 1e6 };
}
