// The functions that kernels share. A text names what it calls; this file finds those functions, and what they call in
// turn, and prints each once. A function `$name` stands in templates/wasm/library; `$name.x4` is made from one that
// works on single values, lane after lane.

import { render } from "../template.ts";
import type { LibraryView } from "../views.ts";

type Lane = "i32" | "f32";

/** Functions on single values whose `.x4` form may be asked for. */
const SINGLE_VALUED: Readonly<Record<string, { readonly args: readonly Lane[]; readonly result: Lane }>> = {
  floor_div_int: { args: ["i32", "i32"], result: "i32" },
  floor_mod_int: { args: ["i32", "i32"], result: "i32" },
  floor_div_float: { args: ["f32", "f32"], result: "f32" },
  floor_mod_float: { args: ["f32", "f32"], result: "f32" },
  pow_int: { args: ["i32", "i32"], result: "i32" },
  pow_float: { args: ["f32", "f32"], result: "f32" },
  shift_left: { args: ["i32", "i32"], result: "i32" },
  shift_right: { args: ["i32", "i32"], result: "i32" },
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
  const single = name.endsWith(".x4") ? name.slice(0, -".x4".length) : undefined;
  const signature = single === undefined ? undefined : SINGLE_VALUED[single];
  if (single === undefined || !signature) return render(`wasm/library/${name.replaceAll("_", "-")}`, view);
  const { args, result } = signature;
  const parameters = args.map((lane, index) => ({ name: `$${"ab"[index]}`, lane }));
  const lanes = [0, 1, 2, 3].map((lane) => ({
    lane,
    call: `(call $${single} ${parameters.map((each) => `(${each.lane}x4.extract_lane ${lane} (local.get ${each.name}))`).join(" ")})`,
  }));
  return render("wasm/parts/each-lane", {
    name: `$${name}`,
    result,
    parameters,
    first: lanes[0]!.call,
    rest: lanes.slice(1),
  });
}
