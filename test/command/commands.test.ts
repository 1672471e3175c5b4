// What every command answers: on stdout the answer and nothing else, in the documented forms.

import { existsSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { cudaRunner } from "../../src/cli/cuda/run-cuda.ts";
import { missingNvcc } from "../../src/cli/cuda/toolchain.ts";
import { floats, makeTensor } from "../../src/tensors/elements.ts";
import { readNpy, writeNpy } from "../../src/tensors/npy.ts";
import { available, devices } from "../device.ts";
import { attnc, attncProcess, makeFolder, wavy } from "./command.ts";

const folder = makeFolder();
const near = folder.write(
  "near.attn",
  `/// Sees few.\nimport { causal } from "std"\n\nattention near(window: int in 1.. = 3) {\n  mask causal\n  mask q - k < window\n  output lse\n}\n`,
);
const packed = folder.write("packed.attn", "attention packed(doc: i32[batch, token]) { mask doc[q] == doc[k] }");
const image = folder.write("image.attn", "attention image { grid (y, x) mask q.y == k.y }");
const wrong = folder.write("wrong.attn", "attention a { mask casual }\nmask far = q - k\n");
const names = (path: string) => `${path}#near`;

describe("check", () => {
  test("is silent on stdout where all is well", async () => {
    expect(await attnc("check", near, packed)).toEqual({ status: 0, out: "", err: "2 files checked, no errors\n" });
  });

  test("finds every problem, in the order of the text", async () => {
    const { status, out } = await attnc("check", wrong);
    expect([status, out.match(/^error\[\w+\]/gm)]).toEqual([1, ["error[E0201]", expect.stringMatching(/E03\d\d/)]]);
  });

  test("looks for the attention that is named, and whether it takes the values and extents", async () => {
    expect((await attnc("check", `${near}#near`, "--set", "window=9", "--shape", "heads=4,kv_heads=2")).status).toBe(0);
    for (const [status, ...wrong] of [
      [1, `${near}#far`],
      [1, near, "--set", "window=0"],
      [2, near, "--set", "windo=3"],
      [2, near, "--shape", "rows=3"],
      [2, near, "--shape", "heads=3,kv_heads=2"],
    ] as const) {
      expect(await attnc("check", ...wrong)).toMatchObject({ status, out: "" });
    }
  });

  test("--json lists problems with their places", async () => {
    const { status, out } = await attnc("check", wrong, "--json");
    expect(status).toBe(1);
    expect(JSON.parse(out)[0]).toMatchObject({ code: "E0201", severity: "error", file: wrong, line: 1, column: 20 });
    expect(JSON.parse((await attnc("check", near, "--json")).out)).toEqual([]);
  });

  test("--format github writes annotations", async () => {
    const { out } = await attnc("check", wrong, "--format", "github");
    expect(out.split("\n")[0]).toMatch(/^::error file=.*wrong\.attn,line=1,col=20,.*title=E0201::/);
  });
});

describe("mask", () => {
  test("--json has the documented form", async () => {
    const { status, out } = await attnc(
      "mask",
      names(near),
      "--shape",
      "queries=4,keys=5,heads=2",
      "--tile",
      "2x2",
      "--json",
    );
    const rows = ["11000", "11100", "01110", "00111"];
    const blocks = ["fpe", "pfp"];
    expect(status).toBe(0);
    expect(JSON.parse(out)).toEqual({
      queries: 4,
      keys: 5,
      heads: 2,
      batch: 1,
      visible: [[rows, rows]],
      tile: { queries: 2, keys: 2 },
      blocks: [[blocks, blocks]],
    });
  });

  test("block classes are never wrong", async () => {
    const { visible, blocks, tile } = JSON.parse(
      (await attnc("mask", near, "--shape", "queries=37,keys=41", "--set", "window=9", "--tile", "4x4", "--json")).out,
    );
    const seen = new Set<string>();
    for (const [i, row] of (blocks[0][0] as string[]).entries()) {
      for (const [j, letter] of [...row].entries()) {
        seen.add(letter);
        const rows = (visible[0][0] as string[]).slice(i * tile.queries, (i + 1) * tile.queries);
        const pairs = rows.map((line) => line.slice(j * tile.keys, (j + 1) * tile.keys)).join("");
        if (letter === "e") expect(pairs).not.toContain("1");
        if (letter === "f") expect(pairs).not.toContain("0");
      }
    }
    expect([...seen].sort()).toEqual(["e", "f", "p"]);
  });

  test("takes captured tensors, one of them from .npy", async () => {
    const path = folder.write("doc.npy", writeNpy(makeTensor("i32", [1, 4], [0, 0, 1, 1])));
    for (const given of [path, `doc=${path}`]) {
      const { out } = await attnc("mask", packed, "--shape", "queries=4", "--in", given, "--json");
      expect(JSON.parse(out).visible).toEqual([[["1100", "1100", "0011", "0011"]]]);
    }
  });

  test("asks for captured tensors that the mask reads", async () => {
    const { status, err } = await attnc("mask", packed, "--shape", "queries=4", "--json");
    expect([status, err]).toEqual([1, expect.stringContaining("E0702")]);
  });

  test("a grid gives the number of queries, and asks for its extents", async () => {
    const { out } = await attnc("mask", image, "--shape", "y=2,x=2", "--json");
    expect(JSON.parse(out)).toMatchObject({ queries: 4, visible: [[["1100", "1100", "0011", "0011"]]] });
    const { status, err } = await attnc("mask", image, "--shape", "y=2");
    expect([status, err]).toEqual([2, expect.stringContaining("--shape y=2,x=8")]);
  });

  test("says which blocks a sparsity may choose, and with query and key which it does", async () => {
    const text = "sparsity best { blocks 2 x 2 score dot(sum[query] Q, sum[key] K) keep top 1 }";
    const sparse = folder.write("sparse.attn", `${text}\nattention best_one { mask q >= k sparsity best }`);
    const shape = ["--shape", "queries=4,dim=1", "--json"];
    const bare = JSON.parse((await attnc("mask", sparse, ...shape)).out);
    expect([bare.candidates, bare.selected]).toEqual([[[["10", "11"]]], undefined]);
    const rows = ["query", "key"].map((name) =>
      folder.write(`${name}.npy`, writeNpy(makeTensor("f32", [1, 1, 4, 1], [1, 1, 2, 3]))),
    );
    const given = JSON.parse((await attnc("mask", sparse, ...shape, "--in", rows[0]!, "--in", rows[1]!)).out);
    expect([given.candidates, given.selected]).toEqual([[[["10", "11"]]], [[["10", "01"]]]]);
    const { out } = await attnc("explain", sparse, "--shape", "queries=4,dim=1", "--in", rows[0]!, "--in", rows[1]!);
    expect(out).toContain("2 of 4 blocks are chosen, 50.0 %");
    expect(out).toContain("leaves 37.5 % of all pairs visible (6)");
  });

  test("query_start moves the rows", async () => {
    const { out } = await attnc("mask", near, "--shape", "queries=1,keys=5,query_start=2", "--json");
    expect(JSON.parse(out).visible).toEqual([[["11100"]]]);
  });

  test.each(["queries=0,keys=3", "queries=3,keys=0", "batch=0,queries=3"])(
    "of nothing (%s) is JSON too",
    async (shape) => {
      const { status, out } = await attnc("mask", near, "--shape", shape, "--json");
      expect([status, JSON.parse(out).tile]).toEqual([0, { queries: 64, keys: 64 }]);
    },
  );

  test("without --json is a picture", async () => {
    const { out } = await attnc("mask", near, "--shape", "queries=8");
    expect(out).toMatch(/^near: 8 queries × 8 keys, 32\.8 % visible; blocks of 4x4/);
  });
});

describe("show", () => {
  test.each(["tokens", "cst", "ast", "spec", "ir", "plan", "loop", "code"])(
    "--stage %s prints what the stage makes of the attention",
    async (stage) => {
      const { status, out } = await attnc("show", names(near), "--stage", stage);
      expect([status, out]).toEqual([0, expect.stringMatching(/near|step attend/)]);
      expect(JSON.parse((await attnc("show", names(near), "--stage", stage, "--json")).out)).toMatchObject({
        stage,
        text: out,
      });
    },
  );

  test("stages of a broken file are shown as far as they go", async () => {
    const broken = folder.write("broken.attn", "attention a { mask ( }\nmask far = q > k\n");
    const { status, out, err } = await attnc("show", broken, "--stage", "ast");
    expect([status, out, err]).toEqual([1, expect.stringContaining("name: far"), expect.stringContaining("E0120")]);
  });

  test("kernels are shown for the dims that --head-dim or --shape says", async () => {
    const code = async (...dims: readonly string[]) => (await attnc("show", near, "--stage", "code", ...dims)).out;
    expect(await code("--shape", "dim=24,value_dim=8")).toBe(await code("--head-dim", "24", "--value-dim", "8"));
    expect(await code("--shape", "dim=24")).not.toBe(await code());
  });

  test("shows the plan of what a target is compiled as where rows and devices allow it", async () => {
    const plan = async (target: string) =>
      (await attnc("show", near, "--stage", "plan", "--dtype", "bf16", "--target", target)).out;
    expect(await plan("cuda-wgmma")).toMatch(/tile +128 queries × 128 keys[\s\S]*warpgroups +scores are a tile ahead/);
    expect(await plan("cuda-mma")).not.toMatch(/warpgroups/);
    const { status, err } = await attnc("run", near, "--target", "cuda-wgmma", "--in", "none.safetensors");
    expect([status, err]).toEqual([2, expect.stringMatching(/there is no target `cuda-wgmma`/)]);
  });

  test("kernels are shown for the target that --target says", async () => {
    const code = async (target: string) => (await attnc("show", near, "--stage", "code", "--target", target)).out;
    expect(await code("wgsl")).toMatch(/@compute @workgroup_size\(64\)/);
    expect(await code("wasm")).toMatch(/^\(module/m);
  });

  test("--every-pass names the rules that fired", async () => {
    const file = folder.write("rules.attn", "attention a { mask not not (q - k >= 0) }");
    expect((await attnc("show", file, "--every-pass")).out).toMatch(
      /^lowered\n[\s\S]*after simplify, round 1\n {2}\S+ × \d/,
    );
  });

  test("pictures are written as SVG and PNG, the same bytes every time", async () => {
    for (const name of ["near.svg", "near.png"]) {
      const bytes = async () => {
        const { status, out } = await attnc("show", near, "--shape", "queries=20", "-o", folder.path(name));
        expect([status, out]).toEqual([0, ""]);
        return folder.bytes(name);
      };
      expect(await bytes()).toEqual(await bytes());
    }
    expect(folder.text("near.svg")).toMatch(/^<svg [\s\S]*<\/svg>\n$/);
    expect([...folder.bytes("near.png").subarray(1, 4)]).toEqual([...Buffer.from("PNG")]);
  });

  test("a value for one attention of a file leaves the others alone", async () => {
    const two = folder.write(
      "two.attn",
      "attention one(w: int = 1) { mask q - k < w }\nattention whole { mask q >= k }",
    );
    const { status, out } = await attnc("show", two, "--mask", "--set", "w=3");
    expect([status, out]).toEqual([0, expect.stringMatching(/^one: [\s\S]*^whole: /m)]);
    expect((await attnc("show", `${two}#whole`, "--mask", "--set", "w=3")).status).toBe(2);
  });

  test("captured tensors of a picture are made up, and that is said", async () => {
    const { status, err } = await attnc("show", packed, "--mask");
    expect([status, err]).toEqual([0, expect.stringMatching(/made up.*doc/)]);
  });
});

describe("run", () => {
  const tensors = { query: wavy("f32", 2, 4, 9, 16), key: wavy("f32", 2, 2, 9, 16), value: wavy("f32", 2, 2, 9, 5) };
  const input = folder.tensors("in.safetensors", tensors);

  test("the kernel and the reference agree, and lse is there where the attention has it", async () => {
    for (const target of ["reference", "wasm", "wasm-relaxed"]) {
      const { status } = await attnc(
        "run",
        near,
        "--target",
        target,
        "--in",
        input,
        "--out",
        folder.path(`${target}.safetensors`),
      );
      expect(status).toBe(0);
    }
    const reference = folder.readTensors("reference.safetensors");
    expect([...reference.keys()].sort()).toEqual(["lse", "out"]);
    expect(reference.get("out")).toMatchObject({ dtype: "f32", shape: [2, 4, 9, 5] });
    expect(reference.get("lse")).toMatchObject({ dtype: "f32", shape: [2, 4, 9] });
    for (const target of ["wasm", "wasm-relaxed"]) {
      const results = folder.readTensors(`${target}.safetensors`);
      for (const name of ["out", "lse"]) {
        const wanted = floats(reference.get(name)!);
        const got = floats(results.get(name)!);
        for (const [at, value] of wanted.entries()) expect(Math.abs(got[at]! - value)).toBeLessThan(1e-5);
      }
    }
  });

  test("out has the query's element type", async () => {
    const half = folder.tensors("half.safetensors", { ...tensors, query: wavy("f16", 2, 4, 9, 16) });
    await attnc("run", near, "--in", half, "--out", folder.path("half-out.safetensors"));
    expect(folder.readTensors("half-out.safetensors").get("out")!.dtype).toBe("f16");
    await attnc(
      "run",
      near,
      "--target",
      "reference",
      "--in",
      half,
      "--out",
      folder.path("out.npy"),
      "--out-dtype",
      "f64",
    );
    expect(readNpy(folder.bytes("out.npy"))).toMatchObject({ dtype: "f64", shape: [2, 4, 9, 5] });
  });

  test("keys and values that are halves are stored as halves, and as exact as floats", async () => {
    const stored = { key: wavy("f16", 2, 2, 9, 16), value: wavy("f16", 2, 2, 9, 5) };
    const half = folder.tensors("stored.safetensors", { ...tensors, ...stored });
    const outOf = async (target: string, input: string) => {
      const to = `${target}-stored.safetensors`;
      expect((await attnc("run", near, "--target", target, "--in", input, "--out", folder.path(to))).status).toBe(0);
      return floats(folder.readTensors(to).get("out")!);
    };
    const widened = Object.fromEntries(
      Object.entries(stored).map(([name, tensor]) => [name, makeTensor("f32", tensor.shape, floats(tensor))]),
    );
    const float = folder.tensors("widened.safetensors", { ...tensors, ...widened });
    const wanted = await outOf("reference", half);
    expect(await outOf("reference", float)).toEqual(wanted);
    for (const target of ["wasm", "wasm-relaxed"]) {
      const got = await outOf(target, half);
      for (const [at, value] of wanted.entries()) expect(Math.abs(got[at]! - value)).toBeLessThan(1e-5);
    }
  });

  test("single tensors come from .npy files", async () => {
    const given = Object.entries(tensors).flatMap(([name, tensor]) => [
      "--in",
      `${name}=${folder.write(`${name[0]}.npy`, writeNpy(tensor))}`,
    ]);
    const { status, out } = await attnc("run", near, ...given, "--json");
    expect([status, JSON.parse(out).tensors[0]]).toEqual([
      0,
      expect.objectContaining({ name: "out", dtype: "f32", shape: [2, 4, 9, 5] }),
    ]);
  });

  test("key_lengths and query_start are understood, and NaN beyond the lengths does not matter", async () => {
    const poisoned = {
      ...tensors,
      key: {
        ...tensors.key,
        data: Float32Array.from(floats(tensors.key), (value, at) =>
          Math.floor(at / 16) % 9 >= 5 ? Number.NaN : value,
        ),
      },
    };
    const lengths = { key_lengths: makeTensor("i32", [2], [5, 5]), query_start: makeTensor("i32", [2], [0, 1]) };
    const path = folder.tensors("lengths.safetensors", { ...poisoned, ...lengths });
    for (const target of ["reference", "wasm"]) {
      const { status, out } = await attnc("run", near, "--target", target, "--in", path, "--json");
      expect([status, Number.isFinite(JSON.parse(out).tensors[0].mean)]).toEqual([0, true]);
    }
  });

  test("says which tensors are not used", async () => {
    const path = folder.tensors("more.safetensors", { ...tensors, querry: tensors.query });
    const { status, err } = await attnc("run", near, "--in", path);
    expect([status, err]).toEqual([0, expect.stringMatching(/`querry` is not used.*`query`/)]);
  });
});

describe("verify", () => {
  test("compares every level and target, and says what is left out and missing", async () => {
    const { status, out, err } = await attnc("verify", image, "--seed", "3");
    expect(status).toBe(0);
    expect(out).toMatch(
      /^worst error, share of its bound +ir +optimized +plan +wasm +wasm-relaxed\n.*image\.attn#image /,
    );
    expect(err).toMatch(/not run: wgsl[\s\S]*left out of the quick sweep[\s\S]*verified: 1 attention/);
  });

  test("--shape fixes extents of every case", async () => {
    const shape = "heads=6,kv_heads=2,queries=3,keys=20,dim=8,query_start=-2";
    const { status, out } = await attnc("verify", near, "--targets", "wasm", "--shape", shape, "--json");
    expect(status).toBe(0);
    const { worst } = JSON.parse(out).attentions[0].levels[0];
    expect(worst.setting).toMatchObject({
      shape: { heads: 6, kvHeads: 2, queries: 3, keys: 20, dim: 8 },
      queryStart: -2,
    });
    for (const wrong of ["heads=3,kv_heads=2", "rows=3"]) {
      expect(await attnc("verify", near, "--shape", wrong)).toMatchObject({ status: 2, out: "" });
    }
  });

  const emulated = devices({ CUDA: available(cudaRunner) });
  emulated("runs kernels for CUDA where somebody asks, and says where", async () => {
    const { status, err } = await attnc(
      "verify",
      near,
      "--targets",
      "cuda",
      "--shape",
      "dim=8,value_dim=8,batch=1,keys=20",
    );
    expect([status, err]).toEqual([
      0,
      expect.stringMatching(
        /cuda ran (on |emulated on the CPU)[\s\S]*not for cuda-wgmma: .*rows of f32[\s\S]*verified/,
      ),
    ]);
  });

  test("--require of a target that is not there fails", async () => {
    const { status, err } = await attnc("verify", image, "--require", "wgsl");
    expect([status, err]).toEqual([1, expect.stringMatching(/E0806.*wgsl/)]);
  });
});

describe("explain", () => {
  test("has the long form of a problem", async () => {
    const { status, out } = await attnc("explain", "e0201");
    expect([status, out]).toEqual([0, expect.stringMatching(/^E0201: [\s\S]*Instead:/)]);
    expect(JSON.parse((await attnc("explain", "E0201", "--json")).out)).toMatchObject({ code: "E0201" });
  });

  test("says what a kernel does for a call", async () => {
    const { out } = await attnc("explain", near, "--shape", "queries=256,dim=16");
    expect(out).toMatch(
      /pass +online[\s\S]*tile +64[\s\S]*blocks +16: [\s\S]*density +1\.17 %[\s\S]*FLOPs[\s\S]*bytes/,
    );
    expect(JSON.parse((await attnc("explain", near, "--shape", "queries=256", "--json")).out)[0].visiblePairs).toBe(
      765,
    );
  });

  test("names the term that gives each range, at any size and at once", async () => {
    const file = folder.write(
      "terms.attn",
      `import { causal, document, sinks, sliding_window } from "std"
attention streaming(window: int) { mask causal and (sinks(4) or sliding_window(window)) }
attention packed(doc: i32[batch, token] sorted) { mask document(doc) }
attention residues(n: int) { mask q % n == k % n }
`,
    );
    const shape = ["--shape", "queries=1048576", "--shape", "keys=1048576", "--set", "window=256"];
    const { status, out } = await attnc("explain", `${file}#streaming`, ...shape);
    expect(status).toBe(0);
    expect(out).toContain(`\`sliding_window(window)\` (${file}:2:65)`);
    expect(out).toContain("keys 0 ‥ min(lastQuery, 3)   (from terms 1 and 2)");
    expect(out).toContain("saved");
    const packedOut = (await attnc("explain", `${file}#packed`, "--shape", "queries=512")).out;
    expect(packedOut).toContain("(first key where doc[b, key] >= doc[b, firstQuery]) ‥");
    const residues = await attnc("explain", `${file}#residues`, "--shape", "queries=512", "--set", "n=100");
    expect(residues.out).toMatch(/no range from `q % n == k % n`/);
  });
});

describe("fmt", () => {
  const untidy = `attention   a{mask q>=k // all before\n}`;
  const tidy = "attention a { mask q >= k }";

  test("--stdout prints, --check judges, and neither writes", async () => {
    const file = folder.write("untidy.attn", untidy);
    const { status, out } = await attnc("fmt", file, "--stdout");
    expect([status, out]).toEqual([0, expect.stringMatching(/mask q >= k +\/\/ all before/)]);
    expect(await attnc("fmt", file, "--check")).toEqual({ status: 1, out: "", err: `would change ${file}\n` });
    expect(folder.text("untidy.attn")).toBe(untidy);
  });

  test("--json says which files are canonical, and FILE#NAME means the file", async () => {
    const file = folder.write("named.attn", untidy);
    const { status, out } = await attnc("fmt", `${file}#a`, "--check", "--json");
    expect([status, JSON.parse(out)]).toEqual([1, [{ file, canonical: false }]]);
  });

  test("writes, and a second time changes nothing", async () => {
    const file = folder.write("twice.attn", tidy);
    await attnc("fmt", file);
    const once = folder.text("twice.attn");
    expect(await attnc("fmt", file)).toEqual({ status: 0, out: "", err: "" });
    expect(folder.text("twice.attn")).toBe(once);
  });

  test("leaves a file with syntax errors alone", async () => {
    const file = folder.write("holes.attn", "attention a { mask ( }");
    const { status, err } = await attnc("fmt", file);
    expect([status, err, folder.text("holes.attn")]).toEqual([
      1,
      expect.stringContaining("error["),
      "attention a { mask ( }",
    ]);
  });
});

describe("build", () => {
  test("takes the dims from --head-dim and --value-dim, or from --shape", async () => {
    const built = async (name: string, ...dims: readonly string[]) => {
      await attnc("build", near, "-o", folder.path(name), ...dims);
      return JSON.parse(folder.text(`${name}/manifest.json`)).attentions[0].dims;
    };
    const dims = { dim: 24, valueDim: 8 };
    expect(await built("by-options", "--head-dim", "24", "--value-dim", "8")).toEqual(dims);
    expect(await built("by-shape", "--shape", "dim=24,value_dim=8")).toEqual(dims);
  });

  test("stores key and value as halves with --dtype f16", async () => {
    expect((await attnc("build", near, "--target", "wasm", "--dtype", "f16", "-o", folder.path("halves"))).status).toBe(
      0,
    );
    const { buffers } = JSON.parse(folder.text("halves/manifest.json")).attentions[0];
    const elements = buffers.map(({ name, element }: Record<"name" | "element", string>) => [name, element]);
    expect(Object.fromEntries(elements)).toMatchObject({ query: "f32", key: "f16", value: "f16", out: "f32" });
    expect(folder.text("halves/wasm/near.d.ts")).toMatch(/key: AttentionTensor<readonly \[.*\], HalfElements>/);
  });

  test("says which row types there are where a target has another not", async () => {
    const { status, err } = await attnc("build", near, "--target", "wasm", "--dtype", "bf16", "-o", folder.path("no"));
    expect([status, err]).toEqual([1, expect.stringMatching(/error\[E0606\][\s\S]*bf16[\s\S]*`f32` and `f16`/)]);
  });

  test("writes a folder that is the same every time", async () => {
    const build = async (name: string) =>
      JSON.parse((await attnc("build", near, packed, "-o", folder.path(name), "--head-dim", "16", "--json")).out);
    const { files } = await build("first");
    await build("second");
    const written = files.map(({ path }: { path: string }) => path.slice(folder.path("first/").length));
    expect(written).toEqual(
      expect.arrayContaining([
        "manifest.json",
        "wasm/near.wasm",
        "wasm/near.relaxed.wasm",
        "wasm/near.wat",
        "wasm/near.ts",
        "wasm/near.js",
        "wasm/near.d.ts",
      ]),
    );
    for (const path of written) expect(folder.bytes(`second/${path}`)).toEqual(folder.bytes(`first/${path}`));
  });

  test("builds for every target that takes the rows, or for those that are named", async () => {
    const foldersOf = async (name: string, ...options: readonly string[]) => {
      const { err } = await attnc("build", near, "-o", folder.path(name), "--head-dim", "8", ...options);
      const { files } = JSON.parse(folder.text(`${name}/manifest.json`));
      return [err, [...new Set(files.map(({ path }: { path: string }) => path.split("/")[0]))]];
    };
    const built = (names: string) => expect.stringContaining(`built near for ${names} into`);
    expect(await foldersOf("all")).toEqual([built("wasm, wgsl, cuda"), ["cuda", "wasm", "wgsl"]]);
    expect(await foldersOf("bf16", "--dtype", "bf16")).toEqual([built("cuda"), ["cuda"]]);
    expect(await foldersOf("two", "--target", "wgsl,wasm")).toEqual([built("wasm, wgsl"), ["wasm", "wgsl"]]);
    await foldersOf("halves-each", "--dtype", "f16");
    const { targets } = JSON.parse(folder.text("halves-each/manifest.json")).attentions[0];
    expect([targets.wasm.rows, targets.wgsl.rows]).toEqual([
      { query: "f32", stored: "f16" },
      { query: "f16", stored: "f16" },
    ]);
  });

  devices({ nvcc: missingNvcc() })("--registers says in the manifest what kernels take of a device", async () => {
    const build = (name: string, ...options: readonly string[]) =>
      attnc("build", near, "--target", "wasm,cuda", "--head-dim", "16", "-o", folder.path(name), ...options);
    await build("plain");
    expect((await build("counted", "--registers")).status).toBe(0);
    const [plain, counted] = ["plain", "counted"].map((name) => JSON.parse(folder.text(`${name}/manifest.json`)));
    const { registers, ...rest } = counted.attentions[0].targets.cuda;
    expect(registers.compiler).toMatch(/^nvcc \d+\.\d+/);
    const places = registers.kernels.map((each: Record<string, string>) => `${each.kernel} ${each.architecture}`);
    const kernels = ["near_attend", "near_merge", "near_split"];
    expect(places.sort()).toEqual(kernels.flatMap((name) => [`${name} sm_80`, `${name} sm_90a`]));
    for (const each of registers.kernels) {
      expect(each).toMatchObject({ spilledBytes: 0, registers: expect.any(Number), sharedBytes: expect.any(Number) });
      expect(each.registers).toBeGreaterThan(15);
    }
    expect(registers).toMatchObject({ date: expect.stringMatching(/^\d{4}-\d\d-\d\d$/) });
    expect(registers).not.toHaveProperty("warpgroups");
    // And nothing else differs from a build that does not ask.
    counted.attentions[0].targets.cuda = rest;
    expect(counted).toEqual(plain);
  });

  devices({ nvcc: missingNvcc() })("--registers tells the kernel of warpgroups from that of all devices", async () => {
    const options = [
      "--target",
      "cuda",
      "--dtype",
      "bf16",
      "--head-dim",
      "64",
      "--registers",
      "-o",
      folder.path("both"),
    ];
    expect((await attnc("build", near, ...options)).status).toBe(0);
    const [{ targets }] = JSON.parse(folder.text("both/manifest.json")).attentions;
    const { kernels, warpgroups } = targets.cuda.registers;
    const attends = (of: readonly Record<string, unknown>[]) => of.filter(({ kernel }) => kernel === "near_attend");
    expect(attends(kernels)).toMatchObject([{ architecture: "sm_80" }, { architecture: "sm_90a" }]);
    // A launch of 384 threads gives each 168; those that multiply have more.
    const shares = { architecture: "sm_90a", registers: 168, spilledBytes: 0, remarks: [] };
    expect(attends(warpgroups)).toMatchObject([shares]);
    const bytes = [kernels, warpgroups].map((each) => attends(each).at(-1)!.sharedBytes);
    expect(bytes[0]).not.toBe(bytes[1]);
  });

  test("--registers without nvcc, or without kernels for CUDA, is refused before anything is written", async () => {
    const options = ["build", near, "--registers", "-o", folder.path("uncounted")];
    const without = await attncProcess([...options, "--target", "cuda"], { env: { PATH: "" } });
    expect([without.status, without.err]).toEqual([1, expect.stringMatching(/error\[E0808\].*there is no nvcc/)]);
    const { status, err } = await attnc(...options, "--target", "wasm");
    expect([status, err]).toEqual([2, expect.stringMatching(/--registers.*CUDA[\s\S]*--target cuda/)]);
    expect(existsSync(folder.path("uncounted"))).toBe(false);
  });

  test("a target that there is not is wrong usage, with the one that was meant", async () => {
    const { status, err } = await attnc("build", near, "--target", "wgls");
    expect([status, err]).toEqual([2, expect.stringMatching(/no target `wgls`[\s\S]*wgsl/)]);
  });

  test("two attentions of one name are refused", async () => {
    const other = folder.write("other.attn", "attention near { mask q > k }");
    const { status, err } = await attnc("build", near, other, "-o", folder.path("twice"));
    expect([status, err]).toEqual([1, expect.stringMatching(/E0807.*near\.attn.*other\.attn/)]);
  });
});
