// Where the functions of a step find what was computed before them: the statistics and values of a query row, at
// `$statistics`, the norms and values of the keys at hand, at `$first_key` and `$key_at`, and the values of their distances
// from the row, at `$diagonal_at`.

import type { Let } from "../../schedule/loop.ts";
import type { AttendPlan } from "../../schedule/plan.ts";
import { diagonalBytes, ROW } from "./layout.ts";
import type { Printed } from "./print-fold.ts";
import { NUMBER_TYPE } from "./types.ts";

const statistic = (offset: number): Printed => ({
  text: `(f32.load offset=${offset} (local.get $statistics))`,
  width: "one",
});
export const ROW_QUANTITIES = { queryNorm2: statistic(ROW.norm2), lse: statistic(ROW.lse) };
const norms = (global: string): Printed => ({
  text: `(v128.load (i32.add (global.get ${global}) (i32.shl (local.get $first_key) (i32.const 2))))`,
  width: "four",
});
export const KEY_QUANTITIES = { keyNorm2: norms("$key_norms"), valueNorm2: norms("$value_norms") };
type Places = Readonly<Record<string, Printed>>;

/** Where a function of a row, with `$statistics`, finds the row's values. */
export function rowPlaces({ row }: AttendPlan): Places {
  const place = ({ name, value }: Let, index: number): [string, Printed] => {
    const text = `(${NUMBER_TYPE[value.type]}.load offset=${offsetOf(index)} (local.get $statistics))`;
    return [name, { text, width: "one" }];
  };
  return Object.fromEntries(row.map(place));
}

/** Bytes from the row's statistics. */
export const offsetOf = (index: number): number => ROW.values + 4 * index;

/** Where a function over the keys of a tile, with `$key_at`, finds the values of four keys. */
export function keyPlaces({ key, tile }: AttendPlan): Places {
  const place = ({ name }: Let, index: number): [string, Printed] => [
    name,
    { text: `(v128.load offset=${index * tile.keys * 4} (local.get $key_at))`, width: "four" },
  ];
  return Object.fromEntries(key.map(place));
}

/** Where a function over the keys of a row, with `$diagonal_at`, finds the values of four distances. */
export function diagonalPlaces(plan: AttendPlan): Places {
  const place = ({ name }: Let, index: number): [string, Printed] => [
    name,
    { text: `(v128.load offset=${index * diagonalBytes(plan)} (local.get $diagonal_at))`, width: "four" },
  ];
  return Object.fromEntries(plan.diagonal.map(place));
}
