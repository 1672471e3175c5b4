import { describe, expect, test } from "vitest";
import { maskOf } from "../../../src/reference/mask.ts";
import type { Case } from "../../../src/spec/case.ts";
import type { Expr } from "../../../src/spec/spec.ts";
import { makeTensor } from "../../../src/tensors/elements.ts";
import {
  apply,
  b,
  callOf,
  causal,
  clause,
  element,
  float,
  implicit,
  int,
  k,
  length,
  q,
  tensorParam,
  toFloat,
  token,
} from "./specs.ts";

function picture(call: Case, batch = 0, head = 0): string[] {
  const { queries, keys } = call.shape;
  const mask = maskOf(call);
  return Array.from({ length: queries }, (_, row) =>
    Array.from({ length: keys }, (_, key) => Number(mask.visible(batch, head, row, key))).join(""),
  );
}

const eq = (left: Expr, right: Expr) => apply("bool", "eq", left, right);

describe("positions of query rows", () => {
  const causalCall = (inputs: Partial<Case> = {}) => callOf({ masks: [causal] }, { queries: 2, keys: 4 }, inputs);

  test("the last row is the last position", () => {
    expect(picture(causalCall())).toEqual(["1110", "1111"]);
    expect(picture(callOf({ masks: [causal] }, { queries: 3, keys: 2 }))).toEqual(["00", "10", "11"]);
  });

  test("follow key_lengths of their batch", () => {
    const call = callOf({ masks: [causal] }, { batch: 2, queries: 2, keys: 4 }, { keyLengths: [3, 1] });
    expect(picture(call, 0)).toEqual(["1100", "1110"]);
    expect(picture(call, 1)).toEqual(["0000", "1000"]);
  });

  test("follow `align`, and the caller before it", () => {
    const start = { masks: [causal], align: int(0) };
    expect(picture(callOf(start, { queries: 2, keys: 4 }))).toEqual(["1000", "1100"]);
    expect(picture(callOf(start, { queries: 2, keys: 4 }, { queryStart: [2] }))).toEqual(["1110", "1111"]);
  });
});

describe("captured tensors", () => {
  test("are read by position, per batch, and clamped at their ends", () => {
    const doc = tensorParam("doc", "i32", [implicit("batch"), token]);
    const next = apply("int", "add", k, int(1));
    const tensors = { doc: makeTensor("i32", [2, 4], [0, 0, 1, 1, 5, 6, 7, 7]) };
    const call = callOf(
      { tensors: [doc], masks: [clause(eq(element("int", "doc", q), element("int", "doc", next)))] },
      { batch: 2, queries: 4, keys: 4 },
      { tensors },
    );
    expect(picture(call, 0)).toEqual(["1000", "1000", "0111", "0111"]);
    expect(picture(call, 1)).toEqual(["0000", "1000", "0111", "0111"]);
    // Elements beyond the batch's own length are not read.
    expect(picture({ ...call, keyLengths: [4, 3], queryStart: [0, 0] }, 1)).toEqual(["0000", "1000", "0110", "0110"]);
  });

  test("a query axis holds the rows of this call", () => {
    const allowed = tensorParam("allowed", "bool", [
      { kind: "position", axis: "query" },
      { kind: "position", axis: "key" },
    ]);
    const tensors = { allowed: makeTensor("bool", [2, 3], [1, 0, 1, 0, 1, 1]) };
    const masks = [clause(element("bool", "allowed", q, k))];
    const call = callOf({ tensors: [allowed], masks }, { queries: 2, keys: 3 }, { tensors });
    expect(picture(call)).toEqual(["101", "011"]);
    expect(picture({ ...call, queryStart: [-7] })).toEqual(["101", "011"]);
  });

  test("a fresh axis has the tensor's extent as its length", () => {
    const table = tensorParam("table", "u8", [{ kind: "fresh", name: "n" }]);
    const last = element("int", "table", apply("int", "sub", length("n"), int(1)));
    const call = callOf(
      { tensors: [table], masks: [clause(eq(k, last))] },
      { queries: 1, keys: 4 },
      {
        tensors: { table: makeTensor("u8", [3], [9, 9, 2]) },
      },
    );
    expect(picture(call)).toEqual(["0010"]);
  });
});

describe("grids", () => {
  const grid = (origin: number) => ({
    axes: [{ name: "y" }, { name: "x", extent: int(3) }],
    origin: int(origin),
  });
  const coordinate = (of: "query" | "key", axis: string): Expr => ({ kind: "coordinate", type: "int", of, axis });
  const sameColumn = clause(eq(coordinate("query", "x"), coordinate("key", "x")));
  const sameRow = clause(eq(coordinate("query", "y"), coordinate("key", "y")));

  test("are laid out row-major", () => {
    const extents = { queries: 6, axes: { y: 2 } };
    expect(picture(callOf({ grid: grid(0), masks: [sameRow] }, extents))).toEqual([
      "111000",
      "111000",
      "111000",
      "000111",
      "000111",
      "000111",
    ]);
    expect(picture(callOf({ grid: grid(0), masks: [sameColumn] }, extents))[1]).toBe("010010");
  });

  test("tokens before the origin have rows of their own", () => {
    const call = callOf({ grid: grid(2), masks: [sameRow] }, { queries: 6, axes: { y: 2 } });
    expect(picture(call)[0]).toBe("110000");
    expect(picture(call)[2]).toBe("001110");
    const columns = callOf({ grid: grid(2), masks: [sameColumn] }, { queries: 6, axes: { y: 2 } });
    expect(picture(columns)[2]).toBe("001001");
    expect(picture(columns)[1]).toBe("010010");
  });
});

describe("decisions are f32", () => {
  test("each operation is rounded", () => {
    // 0.1 + 0.2 is not 0.3 in f64, and it is in f32.
    const sum = apply("float", "add", float(0.1), float(0.2));
    const call = callOf({ masks: [clause(eq(sum, float(0.3)))] }, { queries: 1, keys: 1 });
    expect(picture(call)).toEqual(["1"]);
    // 2²⁴ + 1 rounds to 2²⁴ before anything else is done with it.
    const large = apply("float", "add", toFloat(int(16_777_216)), float(1));
    const rounds = eq(apply("float", "sub", large, float(16_777_216)), float(0));
    expect(picture(callOf({ masks: [clause(rounds)] }, { queries: 1, keys: 1 }))).toEqual(["1"]);
  });

  test("run-time floats are rounded first", () => {
    const param: Expr = { kind: "param", type: "float", name: "t" };
    const call = callOf({ masks: [clause(eq(param, float(0.1)))] }, { queries: 1, keys: 1 }, { params: { t: 0.1 } });
    expect(picture(call)).toEqual(["1"]);
  });
});

test("graphs that are thousands of nodes deep or shared forty times over are quick", () => {
  let deep: Expr = b;
  for (let depth = 0; depth < 4000; depth++) deep = apply("int", "add", deep, int(1));
  let shared: Expr = apply("int", "add", q, k);
  for (let depth = 0; depth < 40; depth++) shared = apply("int", "bitXor", shared, apply("int", "add", shared, shared));
  const masks = [clause(eq(deep, int(4000))), clause(eq(shared, shared))];
  expect(picture(callOf({ masks }, { queries: 2, keys: 2 }))).toEqual(["11", "11"]);
});
