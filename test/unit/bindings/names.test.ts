import { expect, test } from "vitest";
import { typeNames } from "../../../src/bindings/names.ts";

test("words of a name become capitalised words of a type", () => {
  expect(typeNames("gemma2_local")).toMatchObject({ kernel: "Gemma2Local", call: "Gemma2LocalCall" });
  expect(typeNames("alreadyCamel").kernel).toBe("AlreadyCamel");
});

test("a type has a name, whatever the attention is called", () => {
  expect(typeNames("_").kernel).toBe("Attention");
  expect(typeNames("_3d").kernel).toBe("Attention3d");
});

test("a type hides none that the module needs", () => {
  for (const name of ["promise", "URL", "float32_array", "tensor_output", "attention_input_error"]) {
    expect(typeNames(name).kernel).toMatch(/^Attention[A-Z]/);
  }
  expect(typeNames("promise").kernel).toBe("AttentionPromise");
});
