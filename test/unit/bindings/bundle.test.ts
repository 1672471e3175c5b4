import { expect, test } from "vitest";
import { bundle } from "../../../src/bindings/bundle.ts";

const leaf = "/** A number. */\nexport const leaf: number = 1;\n";

test("dependencies come first, imports and types go", async () => {
  const entry = 'import { leaf } from "./leaf.ts";\n/** One more. */\nexport const top: number = leaf + 1;\n';
  const { javascript, declarations } = await bundle("top.ts", { "top.ts": entry, "leaf.ts": leaf, "unused.ts": "!" });
  expect(javascript).toBe("/** A number. */\nexport const leaf = 1;\n/** One more. */\nexport const top = leaf + 1;\n");
  expect(declarations).toContain("/** One more. */\nexport declare const top: number;");
});

test("a name that two files declare is refused, even when neither exports it", async () => {
  const files = {
    "top.ts": 'import { leaf } from "./leaf.ts";\nconst hidden = 1;\nexport const top: number = leaf + hidden;\n',
    "leaf.ts": `${leaf}const hidden = 2;\nexport const more: number = hidden;\n`,
  };
  await expect(bundle("top.ts", files)).rejects.toThrow("declares hidden in leaf.ts and in top.ts");
});

test("imports from elsewhere, renaming imports and exports without a type are refused", async () => {
  const from = (text: string) => bundle("top.ts", { "top.ts": text, "leaf.ts": leaf });
  await expect(from('import { x } from "../other/x.ts";\n')).rejects.toThrow("must stand alone");
  await expect(from('import { leaf as x } from "./leaf.ts";\n')).rejects.toThrow("renames");
  await expect(from("export const made = Math.max(1, 2);\n")).rejects.toThrow("the runtime: ");
});
