// Every operation, for one value and for four, against its one meaning: ints and bools exactly, floats exactly where an
// operation is exact and within the published bound where it is not.

import { describe, expect, test } from "vitest";
import { assemble } from "../../../src/backend/wasm/assemble.ts";
import { libraryFor, libraryView } from "../../../src/backend/wasm/library.ts";
import { printAll } from "../../../src/backend/wasm/print-fold.ts";
import { NUMBER_TYPE, type Width } from "../../../src/backend/wasm/types.ts";
import { wordsView } from "../../../src/backend/wasm/view.ts";
import type { Expr } from "../../../src/ir/expr.ts";
import { local, op } from "../../../src/ir/make.ts";
import { OP_NAMES, type OpName, opInfo } from "../../../src/ops/index.ts";
import type { ScalarType, Signature, Value } from "../../../src/ops/op.ts";
import { wasmSimd128 } from "../../../targets/wasm-simd128.ts";
import { random } from "./kernel.ts";

const NAMES = ["a", "b", "c"];

/** A module that applies the operation to columns of arguments, one value or four at a time. */
function tableOf(name: OpName, { args, result }: Signature) {
  const expr = op(name, ...args.map((type, index) => local(type, NAMES[index]!)));
  const columns = (width: Width) => {
    const leaf = (argument: Expr) => {
      const index = NAMES.indexOf((argument as Expr & { kind: "local" }).name);
      const address = `(i32.add (local.get $p) (i32.const ${index * COLUMN}))`;
      if (width === "one") return { text: `(${NUMBER_TYPE[args[index]!]}.load ${address})`, width };
      const lanes = `(v128.load ${address})`;
      return { text: args[index] === "bool" ? `(i32x4.ne ${lanes} (v128.const i32x4 0 0 0 0))` : lanes, width };
    };
    const scope = {
      leaf,
      load: () => expect.unreachable(),
      search: () => expect.unreachable(),
      definitions: new Map(),
    };
    return printAll([expr], scope, width);
  };
  const loop = (width: Width, bytes: number, store: string) => {
    const { locals, once, each, results } = columns(width);
    const truth =
      result === "bool" && width === "four" ? `(v128.and ${results[0]} (v128.const i32x4 1 1 1 1))` : results[0];
    return `(func (export "${width}") (param $p i32) (param $end i32) ${locals.join(" ")}
      (loop $next ${once.join("\n")} ${each.join("\n")}
        (${store} (i32.add (local.get $p) (i32.const ${3 * COLUMN})) ${truth})
        (br_if $next (i32.lt_u (local.tee $p (i32.add (local.get $p) (i32.const ${bytes}))) (local.get $end)))))`;
  };
  const functions = [loop("one", 4, `${NUMBER_TYPE[result]}.store`), loop("four", 16, "v128.store")];
  const library = libraryFor(functions, new Set(), libraryView(wordsView({})));
  const text = `(module (memory (export "memory") 32) ${functions.join("\n")} ${library.join("\n")})`;
  return new WebAssembly.Instance(new WebAssembly.Module(assemble(text))).exports as unknown as {
    memory: WebAssembly.Memory;
    one(start: number, end: number): void;
    four(start: number, end: number): void;
  };
}

const COLUMN = 2 ** 19;

function apply(name: OpName, signature: Signature, rows: readonly (readonly Value[])[], width: Width): Value[] {
  const table = tableOf(name, signature);
  const { buffer } = table.memory;
  const view = (type: ScalarType, column: number) =>
    type === "float" ? new Float32Array(buffer, column * COLUMN) : new Int32Array(buffer, column * COLUMN);
  signature.args.forEach((type, column) => {
    rows.forEach((row, index) => {
      view(type, column)[index] = Number(row[column]);
    });
  });
  table[width](0, Math.ceil(rows.length / 4) * 16);
  const results = view(signature.result, 3);
  return rows.map((_, index) => (signature.result === "bool" ? results[index] === 1 : results[index]!));
}

const INTS = [0, 1, -1, 2, 3, 7, -7, 31, 32, 33, 100, 65536, 46341, 2147483647, -2147483647, -2147483648];
const FLOATS = [0, -0, 0.5, -0.5, 1, -1, 1.5, 2.5, -2.5, 3, 7, 0.1, -0.3, 1e-3, 100.25, 16777216, 3e9, -3e9, 1e-40]
  .concat([1e30, -1e30, Infinity, -Infinity, NaN])
  .map(Math.fround);

/** Corner cases against each other, then random ones. */
function rowsFor(args: readonly ScalarType[], next: () => number): Value[][] {
  const corners: Record<ScalarType, readonly Value[]> = { int: INTS, float: FLOATS, bool: [false, true] };
  const rows = args.reduce<Value[][]>(
    (all, type) => all.flatMap((row) => corners[type].map((value) => [...row, value])),
    [[]],
  );
  const draw: Record<ScalarType, () => Value> = {
    int: () => (next() * 2 ** 32) | 0,
    float: () => Math.fround((next() - 0.5) * 10 ** (next() * 6 - 3)),
    bool: () => next() < 0.5,
  };
  for (let count = 0; count < 400; count++) rows.push(args.map((type) => draw[type]()));
  return rows;
}

const same = (a: Value, b: Value) => Object.is(a, b) || (a === b && a === 0);

describe.each(OP_NAMES)("%s", (name) => {
  const info = opInfo(name);
  for (const signature of info.signatures) {
    const exact = !(info.approximate && signature.result === "float");
    const title = `(${signature.args.join(", ")})`;
    test.each(["one", "four"] as const)(`${title} is its meaning, for %s at a time`, (width) => {
      const rows = rowsFor(signature.args, random(name.length)).filter(
        (row) => exact || !(isTiny(meaning(signature, row)) || isBeyond(name, row)),
      );
      const got = apply(name, signature, rows, width);
      const allowed = exact ? 0 : (wasmSimd128.errorUlps[name] ?? 0);
      const misses = rows.flatMap((row, index) => {
        const wanted = meaning(signature, row);
        const error = same(got[index]!, wanted) ? 0 : ulps(Number(got[index]), Number(wanted));
        return error <= allowed ? [] : [`${name}(${row.join(", ")}) = ${wanted}, got ${got[index]}, ${error} ulp`];
      });
      expect(misses.slice(0, 5)).toEqual([]);
    });
  }
});

const RANGES: Readonly<Record<string, readonly (readonly [number, number])[]>> = {
  exp: [
    [-104, 89],
    [-2, 2],
  ],
  exp2: [
    [-150, 128],
    [-2, 2],
  ],
  log: [
    [0, 1e30],
    [0, 10],
    [0.5, 2],
  ],
  log2: [
    [0, 1e30],
    [0, 10],
    [0.5, 2],
  ],
  tanh: [
    [-20, 20],
    [-1, 1],
  ],
  sigmoid: [
    [-100, 100],
    [-2, 2],
  ],
  sin: [
    [-10, 10],
    [-1e5, 1e5],
    [-2e9, 2e9],
  ],
  cos: [
    [-10, 10],
    [-1e5, 1e5],
    [-2e9, 2e9],
  ],
  rsqrt: [
    [0, 10],
    [0, 1e30],
  ],
};

describe("the published worst error", () => {
  test.each(Object.entries(RANGES))("of %s holds over its range", (name, ranges) => {
    const [signature] = opInfo(name as OpName).signatures as [Signature];
    const next = random(7);
    const rows = ranges.flatMap(([low, high]) =>
      Array.from({ length: 40_000 }, () => [Math.fround(low + (high - low) * next())]),
    );
    const got = apply(name as OpName, signature, rows, "four");
    const worst = rows.reduce((most, row, index) => {
      const exact = signature.eval(...row) as number;
      return isTiny(exact) || exact > 3.4e38 ? most : Math.max(most, ulps(got[index] as number, exact));
    }, 0);
    expect(worst).toBeGreaterThan(0);
    expect(worst).toBeLessThanOrEqual(wasmSimd128.errorUlps[name]!);
  });

  test("of pow holds for bases and exponents of every size", () => {
    const [, signature] = opInfo("pow").signatures as [Signature, Signature];
    const next = random(8);
    const rows = Array.from({ length: 40_000 }, () => [10 ** (next() * 20 - 10), next() * 12 - 6].map(Math.fround));
    const got = apply("pow", signature, rows, "four");
    const worst = rows.reduce((most, row, index) => {
      const exact = signature.eval(...row) as number;
      return isTiny(exact) || exact > 3.4e38 ? most : Math.max(most, ulps(got[index] as number, exact));
    }, 0);
    expect(worst).toBeLessThanOrEqual(wasmSimd128.errorUlps.pow!);
  });

  test("is published for every operation that is not exact", () => {
    const inexact = OP_NAMES.filter((name) => opInfo(name).approximate);
    expect(Object.keys(wasmSimd128.errorUlps).sort()).toEqual(inexact.sort());
  });
});

test("a sine of an angle beyond 2**31 stays between -1 and 1", () => {
  const [signature] = opInfo("sin").signatures as [Signature];
  const rows = [1e10, -1e20, 1e30, 3e38].map((angle) => [Math.fround(angle)]);
  for (const value of apply("sin", signature, rows, "four")) expect(Math.abs(value as number)).toBeLessThanOrEqual(1);
});

/** Angles that the reduction of sin and cos does not reach. */
const isBeyond = (name: OpName, row: readonly Value[]) =>
  (name === "sin" || name === "cos") && Math.abs(Number(row[0])) > 2 ** 31 && Number.isFinite(row[0]);

function meaning({ eval: evaluate, result }: Signature, row: readonly Value[]): Value {
  const value = evaluate(...row);
  return result === "float" ? Math.fround(value as number) : value;
}

/** Below the smallest normal number an error in ulps says nothing. */
const isTiny = (value: Value) => Math.abs(Number(value)) < 2 ** -126 && value !== 0;

/** Distance in units of the last place of f32. */
function ulps(got: number, wanted: number): number {
  if (!Number.isFinite(got) || !Number.isFinite(wanted)) return Infinity;
  const exponent = Math.max(-126, Math.floor(Math.log2(Math.abs(wanted))));
  return Math.abs(got - wanted) / 2 ** (exponent - 23);
}
