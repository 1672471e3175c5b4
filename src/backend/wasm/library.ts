// The functions that kernels share. A text names what it calls; this file finds those functions, and what they call in
// turn, and prints each once. A function `$name` stands in templates/wasm/library; `$name.x4` is made from one that
// works on single values, lane after lane.

import { render } from "../template.ts";
import type { LibraryView } from "../views.ts";
import { horner, MULTIPLY_THEN_ADD, SERIES } from "./polynomials.ts";

type Lane = "i32" | "f32";

/** Operations without an instruction for vectors: what is done to each lane. */
const LANE_BY_LANE: Readonly<Record<string, { readonly operation: string; readonly type: Lane }>> = {
  "floor_div_int.x4": { operation: "call $floor_div_int", type: "i32" },
  "floor_mod_int.x4": { operation: "call $floor_mod_int", type: "i32" },
  "floor_div_float.x4": { operation: "call $floor_div_float", type: "f32" },
  "floor_mod_float.x4": { operation: "call $floor_mod_float", type: "f32" },
  "pow_int.x4": { operation: "call $pow_int", type: "i32" },
  "pow_float.x4": { operation: "call $pow_float", type: "f32" },
  "shift_left.x4": { operation: "i32.shl", type: "i32" },
  "shift_right.x4": { operation: "i32.shr_s", type: "i32" },
};

/** Texts of all library functions that the texts need, callers before what they call.
 *  @param defined functions that the texts bring along themselves */
export function libraryFor(texts: readonly string[], defined: ReadonlySet<string>, view: LibraryView): string[] {
  const printed = new Map<string, string>();
  const waiting = texts.flatMap(calledBy).reverse();
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    if (printed.has(name) || defined.has(name)) continue;
    const text = printFunction(name, view);
    printed.set(name, text);
    waiting.push(...calledBy(text).reverse());
  }
  return [...printed.values()];
}

function calledBy(text: string): string[] {
  return [...text.matchAll(/call \$([\w.]+)/g)].map(([, name]) => name!);
}

/** Names of the functions that a text defines. */
export function definedIn(text: string): string[] {
  return [...text.matchAll(/\(func \$([\w.]+)/g)].map(([, name]) => name!);
}

function printFunction(name: string, view: LibraryView): string {
  const laneByLane = LANE_BY_LANE[name];
  if (!laneByLane) return render(`wasm/library/${name.replaceAll("_", "-")}`, view);
  const lanes = [0, 1, 2, 3].map((index) => ({ index, ...laneByLane }));
  return render("wasm/parts/each-lane", { name: `$${name}`, lanes });
}

/** What library functions compute decides nothing by itself, but it may stand in a decision: no fused products there. */
export function libraryView(at: LibraryView["at"]): LibraryView {
  return {
    at,
    exp2Polynomial: horner("exp2", "$f", "$e", MULTIPLY_THEN_ADD),
    expPolynomial: horner("exp", "$f", "$e", MULTIPLY_THEN_ADD),
    logPolynomial: horner("log", "$f", "$p", MULTIPLY_THEN_ADD),
    expm1Polynomial: horner("expm1", "$r", "$p", MULTIPLY_THEN_ADD),
    exp2Series: SERIES.exp2,
    log2Series: SERIES.log2,
    sineSeries: SERIES.sine,
    cosineSeries: SERIES.cosine,
  };
}
