// The contract between templates and views. Strict mode catches a missing field when a template runs, but not a misspelt
// list or flag, nor a field that nobody reads: so every path of every template is resolved against the views with which
// real kernels render it.

import { readdirSync, readFileSync } from "node:fs";
import Handlebars from "handlebars";
import { describe, expect, test, vi } from "vitest";
import { printHarness } from "../../../src/backend/cuda/harness.ts";
import { closed } from "../../../src/backend/simt/dialect.ts";
import { libraryFor } from "../../../src/backend/simt/library.ts";
import { printFunctions } from "../../../src/backend/wgsl/bare.ts";
import { WGSL } from "../../../src/backend/wgsl/dialect.ts";
import { compileAttention } from "../../../src/compile.ts";
import { cudaMma } from "../../../targets/cuda-mma.ts";
import { cudaSimt } from "../../../targets/cuda-simt.ts";
import { cudaWgmma } from "../../../targets/cuda-wgmma.ts";
import type { BackendName } from "../../../targets/target.ts";
import { wasmRelaxed } from "../../../targets/wasm-relaxed.ts";
import { wasmSimd128 } from "../../../targets/wasm-simd128.ts";
import { webgpu } from "../../../targets/webgpu.ts";
import { webgpuMatrices } from "../../../targets/webgpu-matrices.ts";
import { webgpuRolled } from "../../../targets/webgpu-rolled.ts";
import { webgpuSubgroups } from "../../../targets/webgpu-subgroups.ts";
import { attentionOf } from "../execute/calls.ts";
import { features } from "../execute/features.ts";
import { orders } from "../execute/orders.ts";
import { selections } from "../execute/selections.ts";

const recorded = vi.hoisted(() => new Map<string, object[]>());
vi.mock("../../../src/backend/template.ts", async (original) => {
  const { render } = await original<typeof import("../../../src/backend/template.ts")>();
  return {
    render(path: string, view: object) {
      recorded.set(path, [...(recorded.get(path) ?? []), view]);
      return render(path, view);
    },
  };
});

/** Attentions that together use every operation and every part. */
const more = [
  "attention t(x: float = 0.5) { score s + exp(x) + exp2(s) + log(abs(s)) + log2(abs(s) + 1) + tanh(s) + sigmoid(s) + sin(s) + cos(s) + rsqrt(abs(s)) + s / x + s ** x + s // 2.0 + s % 2.0 + sign(s) }",
  "attention t { score s + random(3, q, k) + k ** q + k // 3 + k % 3 + (k << 1) + (k >> 1) + sign(k) + min(k, q) + max(k, 3) + round(s) + floor(s) + ceil(s) }",
  "attention t(t: f32[n], u: u8[n]) { score s + t[(q + k) // 2] + u[q - k] + min(len(query), len(key)) + max(len(query), 3) }",
  "attention t(t: f16[n], u: f16[token]) { score s + t[(q + k) // 2] + u[k] }",
  "attention t { empty error mask q > k }",
  "attention t(ids: i32[batch, token] sorted) { mask ids[q] == ids[k] }",
  "attention t { mask (q * 7 + k * 3) % 11 < 5 }",
];
/** Statistics of the map. */
const statistics = [
  "attention t { mask q >= k output votes = mean[group] avg_pool[key, 3] sum[query: last 4] p output most = max[key] p output large = count[query] (p > 0.5) }",
  "attention t { output large = count[key] (p > 0.5) output odd = sum[query] softmax[key] (sum[key] (p * p) * sum[query] p) output whole = sum[head] sum[query] sum[key] p }",
  "permutation r { of token order by -k } attention t { permute r output mass = sum[query] p }",
];
for (const text of statistics) {
  for (const target of [wasmSimd128, wasmRelaxed, webgpu, cudaSimt, cudaMma, cudaWgmma]) {
    for (const element of ["f32", "f16"] as const) {
      compileAttention<BackendName>(attentionOf(text), target, { dims: { dim: 5, valueDim: 7 }, element, consts: {} });
    }
  }
}
/** Blocks that a call chooses, where a target has kernels for it. */
const choices = [
  "sparsity c { blocks 4 x 4 score dot(mean[query] Q, mean[key] K) keep top 2 }\nattention t { mask q > k sparsity c }",
  "sparsity c { blocks 4 x 4 keep where i == j }\nattention t { sparsity c }",
  "sparsity c { blocks 4 x 4 score max[query] (max[key] s - max[row] s) keep top 2 }\nattention t { sparsity c }",
  "sparsity c { blocks 4 x 4 share any group keep where i == j over all }\nattention t { sparsity c }",
];
for (const text of choices) {
  for (const target of [cudaSimt, cudaMma, cudaWgmma]) {
    compileAttention<BackendName>(attentionOf(text), target, {
      dims: { dim: 5, valueDim: 7 },
      element: "f16",
      consts: {},
    });
  }
}
for (const text of [...Object.values(features), ...more]) {
  for (const target of [wasmSimd128, wasmRelaxed, cudaSimt, cudaMma, cudaWgmma]) {
    for (const element of ["f32", "f16"] as const) {
      const settings = { dims: { dim: 5, valueDim: 7 }, element, consts: {} };
      const [kernel] = compileAttention<BackendName>(attentionOf(text), target, settings).value;
      if (target.backend === "cuda" && kernel) printHarness(kernel.program);
    }
  }
  for (const valueDim of [7, 200]) {
    for (const element of ["f32", "f16"] as const) {
      const settings = { dims: { dim: 5, valueDim }, element, consts: {} };
      for (const { program } of compileAttention(attentionOf(text), webgpu, settings).value) printFunctions(program);
      for (const target of [webgpuSubgroups, webgpuMatrices, webgpuRolled])
        compileAttention(attentionOf(text), target, settings);
    }
  }
}

for (const text of [...Object.values(selections), ...Object.values(orders)]) {
  for (const element of ["f32", "f16"] as const) {
    compileAttention(attentionOf(text), wasmSimd128, { dims: { dim: 5, valueDim: 7 }, element, consts: {} });
  }
}
for (const text of Object.values(orders)) {
  for (const target of [cudaSimt, cudaMma]) {
    compileAttention(attentionOf(text), target, { dims: { dim: 5, valueDim: 7 }, element: "f16", consts: {} });
  }
}
for (const text of [...Object.values(selections), ...Object.values(orders)]) {
  for (const element of ["f32", "f16"] as const) {
    const settings = { dims: { dim: 5, valueDim: 7 }, element, consts: {} };
    for (const { program } of compileAttention(attentionOf(text), webgpu, settings).value) printFunctions(program);
  }
}

// Functions of the library are printed where a text calls them.
const used = Object.values(WGSL.forms).flatMap((forms) => Object.values(forms));
libraryFor(
  [
    "clamp_index(",
    "finite(",
    "half_bits(",
    "known_lse(",
    "stored_bits(",
    ...used.map((form) => form(["a", "b", "c"].map(closed)).text),
  ],
  WGSL,
);

const folder = new URL("../../../templates/", import.meta.url);
const paths = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((path) => path.endsWith(".hbs"));
const sources = new Map(
  paths.sort().map((path) => [path.replace(/\.hbs$/, ""), readFileSync(new URL(path, folder), "utf8")] as const),
);
const parsed = new Map([...sources].map(([name, source]) => [name, Handlebars.parse(source)] as const));

type Context = { readonly value: unknown; readonly parent?: Context };
type Visit = { readonly problems: string[]; readonly used: Set<string>; readonly seen: Set<string> };

/** Walks the template with a view as the engine would, but through both arms of every `if`. */
function walk(name: string, context: Context, visit: Visit): void {
  visit.seen.add(name);
  walkBody(name, parsed.get(name)!.body, context, visit);
}

function walkBody(name: string, body: readonly hbs.AST.Statement[], context: Context, visit: Visit): void {
  for (const statement of body) walkStatement(name, statement, context, visit);
}

function walkStatement(name: string, statement: hbs.AST.Statement, context: Context, visit: Visit): void {
  const complain = (what: string) => visit.problems.push(`${name}: ${what}`);
  switch (statement.type) {
    case "ContentStatement":
    case "CommentStatement":
      return;
    case "MustacheStatement": {
      const { path, params, hash } = statement as hbs.AST.MustacheStatement;
      if (params.length > 0 || hash) complain(`a helper call, ${nameOf(path)}`);
      const value = resolve(path, context, visit.used);
      if (typeof value !== "string" && typeof value !== "number") complain(`${nameOf(path)} is ${typeof value}`);
      return;
    }
    case "BlockStatement": {
      const { path, params, program, inverse } = statement as hbs.AST.BlockStatement;
      const value = resolve(params[0]!, context, visit.used);
      if (nameOf(path) === "each") {
        if (!Array.isArray(value)) complain(`#each over ${nameOf(params[0]!)}, a ${typeof value}`);
        for (const item of Array.isArray(value) ? value : [])
          walkBody(name, program.body, { value: item, parent: context }, visit);
        return;
      }
      if (nameOf(path) !== "if") complain(`a block helper, ${nameOf(path)}`);
      if (typeof value !== "boolean") complain(`#if of ${nameOf(params[0]!)}, a ${typeof value}`);
      for (const arm of [program, inverse]) if (arm) walkBody(name, arm.body, context, visit);
      return;
    }
    case "PartialStatement": {
      const { name: part, params, hash } = statement as hbs.AST.PartialStatement;
      if (params.length > 0) complain("a part with another context");
      const given = (hash?.pairs ?? []).map(({ key, value }) => [key, resolve(value, context, visit.used)] as const);
      for (const [key, value] of given) if (typeof value !== "string") complain(`${key} is ${typeof value}`);
      const inside = { ...(context.value as object), ...Object.fromEntries(given) };
      walk(nameOf(part as hbs.AST.Expression), { ...context, value: inside }, visit);
      return;
    }
    default:
      complain(`a ${statement.type}`);
  }
}

const nameOf = (expression: hbs.AST.Expression) => String((expression as hbs.AST.PathExpression).original);

function resolve(expression: hbs.AST.Expression, context: Context, used: Set<string>): unknown {
  const { depth, parts } = expression as hbs.AST.PathExpression;
  let from: Context | undefined = context;
  for (let up = 0; up < depth; up++) from = from?.parent;
  for (const part of parts) used.add(String(part));
  return parts.reduce<unknown>(
    (value, part) => (value as Record<string, unknown> | undefined)?.[String(part)],
    from?.value,
  );
}

const visit: Visit = { problems: [], used: new Set(), seen: new Set() };
for (const [name, views] of recorded) for (const value of views) walk(name, { value }, visit);

describe("templates and views", () => {
  test("agree on every field, list and flag, with the three forms alone", () => {
    expect([...new Set(visit.problems)]).toEqual([]);
  });

  test("leave no template unused", () => {
    expect([...sources.keys()].filter((name) => !visit.seen.has(name))).toEqual([]);
  });

  test("leave no field of a view unread", () => {
    const records = [...recorded.values()].flat() as Record<string, object>[];
    const inside = ["layout", "tile", "dims", "head", "registers"].flatMap((group) =>
      records.map((view) => view[group] ?? {}),
    );
    const groups = inside.filter((group) => typeof group === "object");
    const fields = new Set([...records, ...groups].flatMap(Object.keys));
    expect([...fields].filter((field) => !visit.used.has(field))).toEqual([]);
  });
});

describe("a template", () => {
  test("holds at most two ifs, none inside another", () => {
    const tagsOf = (source: string) => (source.match(/\{\{[#/]if\b/g) ?? []).join(" ");
    const allowed = ["", "{{#if {{/if", "{{#if {{/if {{#if {{/if"];
    expect([...sources].filter(([, source]) => !allowed.includes(tagsOf(source))).map(([name]) => name)).toEqual([]);
  });

  test("stays short: 120 lines, and 40 for a part", () => {
    const limit = (name: string) => (/parts|library/.test(name) ? 40 : 120);
    const long = [...sources].filter(([name, source]) => source.split("\n").length - 1 > limit(name));
    expect(long.map(([name]) => name)).toEqual([]);
  });

  test("ends in a newline, because a part swallows the one behind it", () => {
    expect([...sources].filter(([, source]) => !source.endsWith("\n")).map(([name]) => name)).toEqual([]);
  });

  test("opens with a comment that names its view, if it is a whole file", () => {
    const whole = [...sources].filter(([name]) => /\.(wat|wgsl)$/.test(name));
    expect(whole.filter(([, source]) => !/^\{\{!--[\s\S]*?view: \w+View/.test(source)).map(([name]) => name)).toEqual(
      [],
    );
  });
});
