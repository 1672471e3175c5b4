import { describe, expect, test } from "vitest";
import { compile, type Settings } from "../../src/compile.ts";
import { wasmSimd128 } from "../../targets/wasm-simd128.ts";

const dims = { dim: 16, valueDim: 8 };

function compiled(text: string, settings: Partial<Settings> = {}) {
  const nothing = () => ({ missing: "tests import nothing" });
  return compile({ path: "test.attn", text }, nothing, wasmSimd128, { dims, consts: {}, ...settings });
}

describe("the compiler", () => {
  test("gives a kernel for every attention of the file", () => {
    const { value, problems } = compiled("attention one { mask q >= k } attention two(w: int) { mask q - k < w }");
    expect(problems).toEqual([]);
    expect(value.kernels.map(({ attention }) => attention.name.text)).toEqual(["one", "two"]);
    for (const { emission, program } of value.kernels) {
      expect(emission.files.map(({ name }) => name)).toEqual([`${program.name}.wat`]);
      expect(program.dims).toEqual(dims);
    }
  });

  test("gives the same text for the same input", () => {
    const texts = () => compiled("attention one { score s * 2 }").value.kernels.map(({ emission }) => emission.files);
    expect(texts()).toEqual(texts());
  });

  test("says what is wrong and compiles the rest", () => {
    const { value, problems } = compiled("attention one { mask q >= nothing } attention two { mask q >= k }");
    expect(problems).toMatchObject([{ kind: "unknown-name" }]);
    expect(value.kernels.map(({ attention }) => attention.name.text)).toEqual(["two"]);
  });

  test("a const parameter needs a value or a default", () => {
    const text = "attention a(const n: int, const m: int = 3) { mask k < n + m }";
    expect(compiled(text)).toMatchObject({
      problems: [{ code: "E0604", attention: "a", name: "n" }],
      value: { kernels: [] },
    });
    expect(compiled(text, { consts: { n: 4 } }).problems).toEqual([]);
  });

  test("what the target cannot do is a problem, not a kernel", () => {
    const { value, problems } = compiled("attention a(bias: bf16[query, key]) { score s + bias[q, k] }");
    expect(problems).toMatchObject([{ code: "E0601" }]);
    expect(value.kernels).toEqual([]);
  });

  test("an empty file has nothing to compile", () => {
    expect(compiled("").value.kernels).toEqual([]);
  });
});
