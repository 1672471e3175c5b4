// The public API as a page uses it: text in, words and bytes out, nothing from Node.

import { expect, test } from "vitest";
import {
  AttentionInputError,
  build,
  check,
  compile,
  explain,
  format,
  InputError,
  instantiate,
  interpret,
  render,
} from "../../src/index.ts";

const GPT =
  'import { causal } from "std"\n\nattention gpt(cap: float = 5.0) {\n  mask causal\n  score cap * tanh(s / cap)\n}\n';

const rows = (heads: number, count: number, dim: number) => ({
  data: Float32Array.from({ length: heads * count * dim }, (_, index) => Math.sin(index * 1.7)),
  shape: [1, heads, count, dim],
});
const inputs = (dim: number) => ({ query: rows(4, 5, dim), key: rows(2, 5, dim), value: rows(2, 5, dim) });

test("check says what a file means and what is wrong with it", () => {
  const { attentions, diagnostics } = check(GPT);
  expect(attentions.map(({ name }) => name.text)).toEqual(["gpt"]);
  expect(diagnostics).toEqual([]);
  const wrong = check({ path: "wrong.attn", text: "attention gpt { mask causall }" });
  expect(wrong.diagnostics.map(({ code }) => code)).toEqual(["E0201"]);
  expect(render(wrong)).toContain("--> wrong.attn:1:22");
});

test("files are imported through the resolver that the caller gives", () => {
  const sources = (specifier: string) =>
    specifier === "./near.attn"
      ? { path: "near.attn", text: "mask near(n: int) = q - k < n\n" }
      : { missing: "there is no such file" };
  const text = 'import { near } from "./near.attn"\nattention a { mask near(4) }';
  expect(check(text, { sources }).diagnostics).toEqual([]);
  expect(check(text).diagnostics.map(({ code }) => code)).toContain("E0117");
});

test("a compiled kernel runs in memory and agrees with the reference", async () => {
  const { kernels, diagnostics } = compile(GPT, { dim: 24 });
  expect(diagnostics).toEqual([]);
  const [{ attention, plain, relaxed }] = kernels as [(typeof kernels)[number]];
  const kernel = await instantiate({ plain: plain.bytes, relaxed: relaxed.bytes }, plain.emission.description);
  const { out } = kernel.run(inputs(24));
  const expected = interpret(attention, inputs(24));
  expect(out.shape).toEqual(expected.out.shape);
  const worst = Math.max(...out.data.map((value, index) => Math.abs(value - expected.out.data[index]!)));
  expect(worst).toBeLessThan(2e-6);
});

test("interpret takes the calls of a kernel, with its checks", () => {
  const [attention] = check(GPT).attentions;
  const swapped = ({ data, shape: [batch, heads, count, dim] }: ReturnType<typeof rows>) => ({
    ...{ data, shape: [batch!, count!, heads!, dim!] },
    strides: [heads! * count! * dim!, dim!, count! * dim!, 1],
  });
  const { query, key, value } = inputs(8);
  const plain = interpret(attention!, { query, key, value, params: { cap: 3 } });
  const layout = "bnhd";
  const moved = interpret(attention!, {
    ...{ query: swapped(query), key: swapped(key), value: swapped(value) },
    ...{ params: { cap: 3 }, layout },
  });
  expect(moved).toEqual(plain);
  expect(plain.lse.shape).toEqual([1, 4, 5]);
  expect(() => interpret(attention!, { query, key, value, params: { cup: 3 } })).toThrow(AttentionInputError);
  expect(() => interpret(attention!, { query: rows(3, 5, 8), key, value })).toThrow("E0707");
  const nothing = { ...query, data: query.data.map(() => Number.NaN) };
  expect(() => interpret(attention!, { query: nothing, key, value })).toThrow(InputError);
});

test("interpret computes what no target does yet: outputs, an order by scores, blocks by their highest score", () => {
  const text = `
    sparsity highest { blocks 2 x 2 score max[query] max[key] s keep top 1 over all always diagonal }
    permutation liked { of key per head order by mean[query] softmax[key] (scale * dot(Q, K)) descending }
    attention statistics { mask q >= k permute liked output mass = sum[query] p output seen = count[key] (p > 0.0) }
    attention sparse { sparsity highest output picked = selection output ranks = max[key] rank[key] sum[query] p }`;
  const [statistics, sparse] = check(text).attentions;
  const { named } = interpret(statistics!, inputs(8));
  expect(named.mass!.shape).toEqual([1, 4, 5]);
  // Every row weighs 1 in all, and sees the keys up to its own.
  for (const head of [0, 1, 2, 3]) {
    const mass = named.mass!.data.slice(5 * head, 5 * head + 5);
    expect(mass.reduce((sum, each) => sum + each, 0)).toBeCloseTo(5, 12);
  }
  expect(Array.from(named.seen!.data.slice(0, 5))).toEqual([1, 2, 3, 4, 5]);
  const { out, named: ofSparse } = interpret(sparse!, inputs(8));
  expect(out.data.every(Number.isFinite)).toBe(true);
  expect(ofSparse.picked!.shape).toEqual([1, 4, 3, 3]);
  expect(Array.from(ofSparse.ranks!.data)).toEqual([4, 4, 4, 4]);
  const plain = compile(text);
  expect(plain.diagnostics.filter(({ code }) => code === "E0608").length).toBeGreaterThan(0);
});

test("interpret fills in const parameters, and names the one that is missing", () => {
  const [attention] = check("attention near(const w: int) { mask 0 <= q - k < w  output lse }").attentions;
  const { lse } = interpret(attention!, inputs(8), { w: 1 });
  expect([...lse.data].every(Number.isFinite)).toBe(true);
  expect(() => interpret(attention!, inputs(8))).toThrow("`w`");
});

test("format gives the canonical text, and leaves a broken file alone", () => {
  expect(
    format('import {causal} from "std" attention gpt(cap:float=5.0){mask causal score cap*tanh(s/cap)}').text,
  ).toBe(GPT);
  const broken = format("attention gpt { mask }}");
  expect(broken.text).toBe("attention gpt { mask }}");
  expect(broken.diagnostics.length).toBeGreaterThan(0);
});

test("explain knows the codes", () => {
  expect(explain("E0201")).toContain("E0201");
  expect(explain("E9999")).toBeUndefined();
});

test("no text makes the compiler throw", async () => {
  for (const text of ["", "\0", "attention", "attention a {", "import { x } from 'y'", "}".repeat(300), "é∀"]) {
    expect((await build(text)).artefacts).toEqual([]);
  }
});

test("the compiler bundles for a browser: nothing of Node is left, and TypeScript is loaded when bindings are wanted", async () => {
  const { build: bundle } = await import("vite");
  const root = new URL("../..", import.meta.url).pathname;
  const lib = { entry: "src/index.ts", formats: ["es" as const], fileName: "attnc" };
  const results = await bundle({
    ...{ root, configFile: false, logLevel: "silent" },
    build: { write: false, lib, rolldownOptions: { external: ["ts-morph"] } },
  });
  const [{ output }] = results as unknown as [
    { output: { code: string; imports: string[]; dynamicImports: string[] }[] },
  ];
  const imports = output.flatMap((chunk) => chunk.imports.filter((name) => !name.endsWith(".js")));
  expect(imports).toEqual([]);
  expect(output.flatMap((chunk) => chunk.dynamicImports)).toEqual(["ts-morph"]);
  // What bundlers put in the place of a Node module that a browser lacks.
  expect(output.map(({ code }) => code).join()).not.toContain("__vite-browser-external");
});
