// The mask and score for FlexAttention, run on plain numbers by Python: attention computed with them is the reference's.

import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { lengthField } from "../../../src/backend/simt/scope.ts";
import { missingPython } from "../../../src/cli/cuda/toolchain.ts";
import { compileAttention } from "../../../src/compile.ts";
import { CUDA_SCRIPTS } from "../../../src/generated/device.ts";
import { attend } from "../../../src/reference/attention.ts";
import type { Case } from "../../../src/spec/case.ts";
import { floats, numbers } from "../../../src/tensors/elements.ts";
import { cudaSimt } from "../../../targets/cuda-simt.ts";
import { devices } from "../../device.ts";
import { attentionOf, callOf } from "../execute/calls.ts";
import { features } from "../execute/features.ts";

const folder = mkdtempSync(join(tmpdir(), "attnc-flex-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** Attention by the definition, with the functions of a module. */
const SCRIPT = `
import importlib, json, math, sys
calls = json.load(open("calls.json"))
answers = []
for call in calls:
    module = importlib.import_module(call["module"])
    mask_mod, score_mod = module.functions(**call["lengths"], tensors=call["tensors"], params=call["params"])
    query, key, value = call["query"], call["key"], call["value"]
    n = call["lengths"]
    dim, width, group = call["dim"], call["width"], n["heads"] // n["kv_heads"]
    out = []
    for b in range(n["batch"]):
        for h in range(n["heads"]):
            stored = (b * n["kv_heads"] + h // group) * n["keys"]
            for q in range(n["queries"]):
                row = query[((b * n["heads"] + h) * n["queries"] + q) * dim :][:dim]
                seen = [k for k in range(n["keys"]) if mask_mod(b, h, q, k)]
                products = [sum(x * y for x, y in zip(row, key[(stored + k) * dim :][:dim])) for k in seen]
                scores = [score_mod(product, b, h, q, k) for product, k in zip(products, seen)]
                most = max(scores, default=0.0)
                weights = [math.exp(score - most) if score > -math.inf else 0.0 for score in scores]
                total = sum(weights) or 1.0
                out += [sum(w * value[(stored + k) * width + d] for w, k in zip(weights, seen)) / total for d in range(width)]
    answers.append(out)
json.dump(answers, sys.stdout)
`;

const FLEX_HAS_NO_PLACE =
  /cosine|sink|plus one|^sum|none|relu|dropout|blend|square|weight|own norm|averaged|nothing is ever|distances with rows/;
const taken = Object.entries(features).filter(([name]) => !FLEX_HAS_NO_PLACE.test(name));

const flexOf = (call: Case, name: string) => {
  const { dim, valueDim } = call.shape;
  const settings = { dims: { dim, valueDim }, consts: call.params };
  const { emission } = compileAttention(call.attention, cudaSimt, settings).value[0]!;
  const { text } = emission.files.find((file) => file.name.endsWith("_flex.py"))!;
  writeFileSync(join(folder, `${name}.py`), text);
  return text;
};

const python = devices({ python3: missingPython() });
python("attention with them is the reference's", () => {
  writeFileSync(join(folder, "attnc_flex.py"), CUDA_SCRIPTS["attnc_flex.py"]!);
  const calls = taken.map(([, text]) => callOf(attentionOf(text), { shape: { batch: 2, queries: 9, keys: 9 } }));
  const described = calls.map((call, index) => {
    flexOf(call, `module${index}`);
    const { batch, heads, kvHeads, queries, keys, dim, valueDim, axes } = call.shape;
    const extents = fresh(call);
    return {
      module: `module${index}`,
      lengths: { batch, heads, kv_heads: kvHeads, queries, keys, ...extents, ...named(axes) },
      tensors: Object.fromEntries(
        Object.entries(call.tensors).map(([name, tensor]) => [name, [...Array.from(numbers(tensor))]]),
      ),
      params: call.params,
      ...{ dim, width: valueDim },
      query: Array.from(floats(call.query)),
      key: Array.from(floats(call.key)),
      value: Array.from(floats(call.value)),
    };
  });
  writeFileSync(join(folder, "calls.json"), JSON.stringify(described));
  const { stdout, stderr } = spawnSync("python3", ["-c", SCRIPT], { cwd: folder, encoding: "utf8", maxBuffer: 1e8 });
  expect(stderr).toBe("");
  const answers: number[][] = JSON.parse(stdout);
  expect(taken.length).toBeGreaterThan(15);
  for (const [index, [name]] of taken.entries()) {
    const wanted = attend(calls[index]!).out;
    const worst = Array.from(wanted).reduce(
      (most, value, at) => Math.max(most, Math.abs(value - answers[index]![at]!)),
      0,
    );
    expect(worst, name).toBeLessThan(1e-4);
  }
});

const named = (axes: Readonly<Record<string, number>>) =>
  Object.fromEntries(Object.entries(axes).map(([axis, extent]) => [lengthField(`axis:${axis}`), extent]));

/** Extents of axes that a captured tensor brings along. */
function fresh({ attention, tensors }: Case): Readonly<Record<string, number>> {
  const axes = attention.tensors.flatMap(({ name, axes: own }) =>
    own.flatMap((axis, place) => (axis.kind === "fresh" ? [[axis.name, tensors[name]!.shape[place]!] as const] : [])),
  );
  return named(Object.fromEntries(axes));
}

python("an element of a tensor is read as the language computes with it", () => {
  const script = `
import types
import attnc_flex

class Tensor(list):
    def is_floating_point(self): return self[0] == "half"
    def float(self): return "f32"
    def to(self, kind): return kind

attnc_flex.torch = types.SimpleNamespace(Tensor=Tensor, int32="i32")
print(attnc_flex.read([Tensor(["half"])], 0), attnc_flex.read([Tensor(["byte"])], 0), attnc_flex.read([0.5], 0))`;
  const { stdout, stderr } = spawnSync("python3", ["-c", script], { cwd: folder, encoding: "utf8" });
  expect([stdout, stderr]).toEqual(["f32 i32 0.5\n", ""]);
});

test("what FlexAttention has no place for is named", () => {
  const text = flexOf(callOf(attentionOf(features["a value's own norm"]!)), "missing");
  expect(text).toContain("it has no place for a score that reads the norm of a row");
  expect(readFileSync(join(folder, "missing.py"), "utf8")).toContain("raise NotImplementedError");
});
