import { expect, test } from "vitest";
import { bundle } from "../../../src/bindings/bundle.ts";

const leaf = "/** A number. */\nexport const leaf: number = 1;\n";

test("dependencies come first, imports and types go", async () => {
  const entry = 'import { leaf } from "./leaf.ts";\n/** One more. */\nexport const top: number = leaf + 1;\n';
  const { javascript, declarations } = await bundle("top.ts", { "top.ts": entry, "leaf.ts": leaf, "unused.ts": "!" });
  expect(javascript).toBe("/** A number. */\nconst leaf = 1;\n/** One more. */\nexport const top = leaf + 1;\n");
  expect(declarations).toContain("/** One more. */\nexport declare const top: number;");
});

test("what the entry passes on is exported, the rest is not", async () => {
  const files = {
    "top.ts": 'export type * from "./types.ts";\nexport { shown } from "./leaf.ts";\n',
    "types.ts": "export type Shown = number;\n",
    "leaf.ts": "export const shown: number = 1;\nexport function hidden(): number {\n    return shown;\n}\n",
  };
  const { javascript, declarations } = await bundle("top.ts", files);
  expect(javascript).toBe("export const shown = 1;\nfunction hidden() {\n    return shown;\n}\n");
  expect(declarations).toContain("export type Shown = number;");
  expect(declarations).toContain("export declare const shown: number;");
  expect(declarations).not.toContain("export declare function hidden");
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
