import { describe, expect, test } from "vitest";
import { TILE } from "../../../src/analysis/tile/bounds.ts";
import type { PlanProblem } from "../../../src/diagnostics/plan-problem.ts";
import { bool, extent, float, int, load, local, op, param, quantity } from "../../../src/ir/make.ts";
import { planProgram } from "../../../src/schedule/choose.ts";
import { attendSteps } from "../../../src/schedule/steps.ts";
import { validateProgram } from "../../../src/schedule/validate.ts";
import { wasmSimd128 } from "../../../targets/wasm-simd128.ts";
import { attentionIr, causal, dot, h, k, p, planned, planOf, q, s, span, tensor, toFloat, u } from "./attention.ts";

const stepNames = (changes: Parameters<typeof planned>[0]) => planned(changes).steps.map(({ name }) => name);

describe("scale", () => {
  test("the default is a literal once the dim is known, folded into the query rows", () => {
    expect(planOf(planned()).scale).toEqual({ at: "query", value: float(0.125) });
  });

  test("stays apart where the program reads the plain product", () => {
    const norms = op("mul", quantity("queryNorm2"), quantity("keyNorm2"));
    const plan = planOf(planned({ score: op("div", dot, op("sqrt", norms)) }));
    expect(plan.scale.at).toBe("pair");
  });

  test("becomes part of the score where it varies with the key", () => {
    const scale = op("div", float(1), toFloat(op("add", k, int(1))));
    const plan = planOf(planned({ scale }));
    expect(plan.scale).toEqual({ at: "query", value: float(1) });
    expect(plan.key).toEqual([{ name: "key0", value: scale }]);
    expect(plan.score?.value).toBe(op("mul", local("float", "key0"), dot));
  });

  test("that varies with the row is a row value", () => {
    const scale = op("div", float(1), toFloat(op("add", q, int(1))));
    const plan = planOf(planned({ scale }));
    expect(plan.row).toEqual([{ name: "row0", value: scale }]);
    expect(plan.scale).toMatchObject({ at: "query", value: { kind: "local", name: "row0" } });
  });
});

describe("mask and traversal", () => {
  test("without a mask every tile is visited as full", () => {
    const plan = planOf(planned());
    expect(plan.mask).toBeUndefined();
    expect(plan.traversal).toEqual({ runs: [], unsolved: [] });
  });

  test("with one of which nothing is known, every tile applies it", () => {
    const mask = op("eq", op("randomMix", q, k), int(7));
    const plan = planOf(planned({ mask }));
    expect(plan.mask).toEqual({ lets: [], value: mask });
    expect(plan.traversal).toEqual({ runs: [{}], unsolved: [mask] });
  });

  test("with one that bounds the keys, tiles inside the bounds do without it", () => {
    const plan = planOf(planned({ mask: causal }));
    expect(plan.traversal.runs).toEqual([{ last: TILE.query.high }]);
    expect(plan.traversal.must?.value).toEqual(op("le", TILE.key.high, TILE.query.low));
  });

  test("a mask that only the dims decide is gone", () => {
    expect(planOf(planned({ mask: op("eq", extent("dim"), int(64)) })).mask).toBeUndefined();
  });

  test("a mask that is never true stays one", () => {
    expect(planOf(planned({ mask: op("eq", extent("dim"), int(65)) })).mask?.value).toBe(bool(false));
  });
});

describe("score and weight", () => {
  test("what changes nothing is absent", () => {
    const plan = planOf(planned());
    expect(plan.score).toBeUndefined();
    expect(plan.weight).toBeUndefined();
  });

  test("a factor of p takes one pass", () => {
    const program = planned({ weight: op("mul", p, u), params: [{ name: "u", type: "float", range: {} }] });
    expect(program.steps.map(({ name }) => name)).toEqual(["attend"]);
    expect(planOf(program).weight).toEqual({ form: "factor", region: { lets: [], value: u } });
  });

  test("any other weight takes two, with statistics between them", () => {
    const program = planned({ weight: op("mul", p, p), outputs: { lse: true } });
    expect(
      attendSteps(program).map(({ name, plan, reads, writes }) => ({ name, pass: plan.pass, reads, writes })),
    ).toEqual([
      {
        name: "statistics",
        pass: "statistics",
        reads: ["query", "key", "key_lengths", "query_start"],
        writes: ["lse", "statistics"],
      },
      {
        name: "replay",
        pass: "replay",
        reads: ["query", "key", "value", "key_lengths", "query_start", "statistics"],
        writes: ["out"],
      },
    ]);
    expect(program.buffers.at(-1)).toMatchObject({ name: "statistics", role: "scratch", element: "f32" });
  });

  test("a weight that reads lse takes two passes, however simple", () => {
    expect(stepNames({ weight: op("mul", p, quantity("lse")) })).toEqual(["statistics", "replay"]);
    const normalize = { kind: "none" } as const;
    expect(stepNames({ normalize, weight: op("mul", p, quantity("lse")) })).toEqual(["statistics", "replay"]);
  });

  test("without normalising p is the score, so one pass serves every weight", () => {
    const program = planned({ normalize: { kind: "none" }, weight: op("max", p, float(0)) });
    expect(program.steps.map(({ name }) => name)).toEqual(["attend"]);
    expect(planOf(program).weight?.form).toBe("general");
  });

  test("the sink belongs to the statistics alone", () => {
    const sink = load("float", "z", [h]);
    const tensors = [tensor("z", "f32", extent("heads"))];
    const program = planned({ tensors, normalize: { kind: "softmax", sink }, weight: op("mul", p, p) });
    expect(planOf(program, "statistics").sink).toMatchObject({ kind: "local", name: "head0" });
    expect(planOf(program, "replay").sink).toBeUndefined();
    expect(program.steps.map(({ reads }) => reads.includes("z"))).toEqual([true, false]);
  });

  test("a captured tensor may have the name that the scratch would have liked", () => {
    const tensors = [tensor("statistics", "f32", extent("keys"))];
    const score = op("add", s, load("float", "statistics", [k]));
    const program = planned({ tensors, score, weight: op("mul", p, p) });
    expect(planOf(program).statistics).toBe("statistics_");
    expect(validateProgram(program)).toEqual([]);
  });
});

describe("buffers", () => {
  test("come in binding order with symbolic extents", () => {
    const program = planned(
      { tensors: [tensor("doc", "i32", extent("batch"), extent("keys"))], outputs: { lse: true } },
      { dim: 5, valueDim: 7 },
    );
    expect(program.buffers.map(({ name }) => name)).toEqual(
      ["query", "key", "value", "doc", "key_lengths", "query_start", "out", "lse"], // The order of every backend.
    );
    expect(program.buffers[0]?.extents.at(-1)).toBe(int(5));
    expect(program.buffers[2]?.extents).toEqual([extent("batch"), extent("kvHeads"), extent("keys"), int(7)]);
  });

  test("are made of what the target makes of the rows that were asked for", () => {
    const target = { ...wasmSimd128, rows: { bf16: { query: "f32", stored: "bf16" } } } as const;
    const { buffers } = planProgram(
      attentionIr({ outputs: { lse: true } }),
      target,
      { dim: 8, valueDim: 8 },
      "bf16",
    ).value;
    expect(Object.fromEntries(buffers.map(({ name, element }) => [name, element]))).toMatchObject(
      { query: "f32", key: "bf16", value: "bf16", out: "f32", lse: "f32" }, // The logarithms are f32 everywhere.
    );
  });
});

describe("what does not fit the target", () => {
  const problemsOf = (changes: Parameters<typeof attentionIr>[0], dim = 64, valueDim = 64) =>
    planProgram(attentionIr(changes), wasmSimd128, { dim, valueDim }).problems as readonly PlanProblem[];

  test("a captured tensor of bf16", () => {
    expect(problemsOf({ tensors: [tensor("bias", "bf16", extent("keys"))] })).toEqual([
      {
        ...{ code: "E0601", kind: "element-type-unsupported", at: span, tensor: "bias", element: "bf16" },
        ...{ target: "wasm", supported: ["f32", "f16", "i32", "u8", "bool"] },
      },
    ]);
  });

  test.each([0, -1, 1025, 1.5, Number.NaN])("a dim of %d", (size) => {
    const place = { code: "E0602", at: span, size, largest: 1024 };
    expect(problemsOf({}, size, 1)).toMatchObject([{ ...place, axis: "dim" }]);
    expect(problemsOf({}, 1024, size)).toMatchObject([{ ...place, axis: "value_dim" }]);
  });

  test("a captured tensor named like one of the call's own", () => {
    expect(problemsOf({ tensors: [tensor("key_lengths", "i32", extent("keys"))] })).toMatchObject([
      { code: "E0603", tensor: "key_lengths", at: span },
    ]);
  });

  test("rows of an element type that it does not take", () => {
    const { problems } = planProgram(attentionIr({}), wasmSimd128, { dim: 8, valueDim: 8 }, "bf16");
    expect(problems).toMatchObject([{ code: "E0606", at: span, element: "bf16", target: "wasm" }]);
  });

  test("all of it is found at once", () => {
    expect(problemsOf({ tensors: [tensor("lse", "bf16", extent("keys"))] }, 0, 0)).toHaveLength(4);
  });
});

test("every plan is sound, and made the same way twice", () => {
  const params = [{ name: "u", type: "float", range: {} }] as const;
  const shared = op("exp", op("mul", s, u));
  const attentions = [
    {},
    { mask: causal },
    { mask: op("lt", op("sub", q, k), param("int", "w")), params: [{ name: "w", type: "int", range: {} } as const] },
    { params, score: op("add", shared, op("mul", shared, toFloat(k))), mask: causal },
    { params, weight: op("select", op("eq", q, k), op("add", p, u), p), outputs: { lse: true } },
    { normalize: { kind: "sum" } as const, weight: op("max", p, float(0)), outputs: { lse: true } },
    { normalize: { kind: "none" } as const, weight: op("mul", op("exp", quantity("lse")), p) },
    { scale: op("rsqrt", op("mul", quantity("queryNorm2"), quantity("keyNorm2"))) },
  ];
  for (const changes of attentions) {
    expect(validateProgram(planned(changes))).toEqual([]);
    expect(planned(changes)).toEqual(planned(changes));
  }
});
