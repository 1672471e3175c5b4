import { describe, expect, test } from "vitest";
import type { AttentionIr, Expr } from "../../../src/ir/expr.ts";
import { lowerAttention } from "../../../src/ir/lower.ts";
import { coord, extent, float, int, load, local, op, param, quantity } from "../../../src/ir/make.ts";
import { validate } from "../../../src/ir/validate.ts";
import { attentionOf } from "../../check.ts";

const sound = lowerAttention(attentionOf("attention t(w: int, doc: i32[key]) { mask q - k < w and doc[k] == 0 }"), {
  consts: {},
});

describe("the laws of an attention", () => {
  test("a lowered attention keeps them", () => {
    expect(validate(sound)).toEqual([]);
  });

  const badOp = { kind: "op", type: "int", op: "lt", args: [int(1), int(2)] } as Expr;
  test.each<[string, Partial<AttentionIr>, string]>([
    ["a mask is a condition", { mask: int(1) }, "mask: is of type int, not bool"],
    ["a score is a float", { score: int(1) }, "score: is of type int, not float"],
    ["types are those of the signature", { queryStart: badOp }, "queryStart: lt(int, int) is not of type int"],
    ["no locals", { mask: local("bool", "x") }, "mask: reads the local x"],
    ["no score in a mask", { mask: op("lt", quantity("score"), float(1)) }, "mask: reads the quantity score"],
    ["no p in a score", { score: quantity("weight") }, "score: reads the quantity weight"],
    [
      "no key in a sink",
      { normalize: { kind: "softmax", sink: op("toFloat", coord("key")) } },
      "sink: reads the coordinate key",
    ],
    ["no query in a start", { queryStart: coord("query") }, "queryStart: reads the coordinate query"],
    ["parameters are declared", { queryStart: param("int", "v") }, "queryStart: reads the undeclared parameter v: int"],
    ["with their type", { score: param("float", "w") }, "score: reads the undeclared parameter w: float"],
    ["tensors too", { queryStart: load("int", "ids", [int(0)]) }, "queryStart: reads the undeclared tensor ids"],
    ["by all axes", { queryStart: load("int", "doc", []) }, "queryStart: reads doc by other axes than it has"],
    ["extents have an owner", { queryStart: extent("axis:y") }, "queryStart: reads the unknown extent axis:y"],
  ])("%s", (_, change, violation) => {
    expect(validate({ ...sound, ...change })).toContain(violation);
  });
});
