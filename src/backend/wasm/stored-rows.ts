// How a kernel reaches the rows of keys and values: f32 where the caller has them, halves as f32 copies. Who multiplies
// knows nothing of it, but is told where rows of f32 begin and how far apart they are. Copies are made of what is needed next:
// of a panel of keys while it is packed, of a tile of keys and values for all the rows that decode with it.

import type { AttendPlan } from "../../schedule/plan.ts";
import { render } from "../template.ts";
import type { LayoutView, StoredView } from "../views.ts";
import type { Words } from "./layout.ts";

type Step = { readonly name: string; readonly plan: AttendPlan };
type Tensor = "key" | "value";

/** What the step keeps of its copies: of which tile of keys they are. */
export function widenedGlobals({ name, plan }: Step): { name: string; type: string }[] {
  return isWidened(plan) ? [{ name: widenedGlobal(name), type: "i32" }] : [];
}

const isWidened = ({ rows }: AttendPlan) => rows.stored !== "f32";
const widenedGlobal = (step: string) => `$${step}.widened`;

export function storedView(step: Step, layout: LayoutView, words: Words): StoredView {
  switch (step.plan.rows.stored) {
    case "f32":
      return floatsView(layout, words);
    case "f16":
      return halvesView(step, layout, words);
    case "bf16":
      throw new Error("Wasm reads no rows of bf16: a bug in the target");
  }
}

/** The function that widens a tile of keys and their values; undefined where rows are read as they are. */
export function widenTileFunction({ name, plan }: Step, layout: LayoutView, words: Words): string | undefined {
  if (!isWidened(plan)) return undefined;
  const widen = (of: Tensor, target: string, pitch: number, columns: number) =>
    `(call $widen_halves (global.get ${target}) (i32.const ${pitch}) ${locate(words, of)} ${stride(words, of)} (local.get $count) (i32.const ${columns}))`;
  const keys = widen("key", "$packed_keys", layout.keyBytes, plan.dims.dim);
  const values = widen("value", "$packed_values", layout.valueBytes, plan.dims.valueDim);
  const statements = plan.writes.out ? `${keys}\n${values}` : keys;
  return render("wasm/parts/widen-tile", { step: name, widened: widenedGlobal(name), statements });
}

function floatsView(layout: LayoutView, words: Words): StoredView {
  const norms = (of: Tensor, bytes: number) =>
    `(call $squared_norms (global.get $${of}_norms) (i32.const ${words[of]}) (i32.const ${bytes}))`;
  return {
    copyRows: "$copy_rows",
    panelStatements: "(local.set $first (local.get $source))",
    panelStride: "(local.get $stride)",
    tileStatements: ";; Keys and values are read where they lie.",
    prepare: [],
    keyRows: locate(words, "key"),
    keyStride: stride(words, "key"),
    valueRows: locate(words, "value"),
    valueStride: stride(words, "value"),
    normsOffset: layout.fixedBytes,
    keyNorms: norms("key", layout.queryBytes),
    valueNorms: norms("value", layout.outBytes),
    value: { shift: 2, load: "(f32.load (local.get $value))" },
  };
}

function halvesView({ name, plan }: Step, layout: LayoutView, words: Words): StoredView {
  const { dims, tile } = plan;
  const place = (offset: number) => `(i32.add (global.get $scratch) (i32.const ${offset}))`;
  // Before the first query row is opened, the places of query rows and of their sums are free.
  const [freeForKeys, freeForValues] = [place(layout.queries), place(layout.sums)];
  const pitch = `(i32.const ${layout.keyBytes})`;
  const count = `(call $min_int (i32.const ${layout.panelRowBytes / 4}) (i32.sub (global.get $keys) (local.get $key)))`;
  const norms = (of: Tensor, columns: number, free: string) =>
    `(call $squared_norms_of_halves (global.get $${of}_norms) (i32.const ${words[of]}) (i32.const ${columns}) ${free})`;
  return {
    copyRows: "$widen_halves",
    panelStatements: [
      `(local.set $first ${freeForKeys})`,
      `(call $widen_halves (local.get $first) ${pitch} (local.get $source) (local.get $stride) ${count} (i32.const ${dims.dim}))`,
    ].join("\n"),
    panelStride: pitch,
    tileStatements: `(call $${name}.widen_tile (local.get $first_key) (local.get $count))`,
    prepare: [
      `(global.set ${widenedGlobal(name)} (i32.const -1))`,
      `(global.set $packed_keys ${place(layout.fixedBytes)})`,
      `(global.set $packed_values ${place(layout.fixedBytes + tile.keys * layout.keyBytes)})`,
    ],
    keyRows: "(global.get $packed_keys)",
    keyStride: pitch,
    valueRows: "(global.get $packed_values)",
    valueStride: `(i32.const ${layout.valueBytes})`,
    normsOffset: layout.fixedBytes + tile.keys * layout.keyBytes + tile.keys * layout.valueBytes,
    keyNorms: norms("key", dims.dim, freeForKeys),
    valueNorms: norms("value", dims.valueDim, freeForValues),
    value: { shift: 1, load: "(call $load_half (local.get $value))" },
  };
}

/** Address of the caller's row at `$first_key`. */
const locate = (words: Words, of: Tensor) =>
  `(call $locate (i32.const ${words[of]}) (global.get $kv) (local.get $first_key))`;

const stride = (words: Words, of: Tensor) => `(i32.load offset=${words[`${of}.row`]} (global.get $params))`;
