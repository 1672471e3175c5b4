// The folder for CUDA by itself, as it arrives on another machine: its Python compiles, its Makefile builds, its cases agree
// with the kernels, emulated here, and a case with a wrong answer is found.

import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bytesOf } from "../../../src/artefacts/artefact.ts";
import { buildArtefacts } from "../../../src/artefacts/build.ts";
import { cudaBuild } from "../../../src/artefacts/cuda.ts";
import { missingCompiler, missingNumpy, missingNvcc, missingTorch } from "../../../src/cli/cuda/toolchain.ts";
import { devices } from "../../device.ts";
import { attentionOf } from "../execute/calls.ts";

/** Captured tensors, a parameter, summaries, two passes, LSE: what a caller must get right. */
const TEXT = `attention packed(doc: i32[batch, token], slope: float = 0.5) {
  mask doc[q] == doc[k]
  score s - slope * abs(q - k)
  weight if p < 0.01 then 0.0 else p
  output lse
}`;

/** Rows and a captured tensor of 16 bits, for which NumPy has no type. */
const HALVES = `attention halves(gate: bf16[token] in 0.0..0.3, window: int = 9) {
  mask k <= q
  mask q - k < window
  score s + gate[k]
}`;

/** Blocks that a call chooses. */
const CHOICE = `sparsity best(n: int) { blocks 16 x 32 score dot(mean[query] Q, mean[key] K) keep top n }
attention choosing(n: int = 2) { mask k <= q sparsity best(n) }`;

/** Tiles of warpgroups that are counted, as walks hang on a tensor. */
const COUNTED = "attention counted(doc: i32[batch, token] sorted) { mask doc[q] == doc[k] }";

const folder = mkdtempSync(join(tmpdir(), "attnc-cuda-test-"));
afterAll(() => rmSync(folder, { recursive: true }));

const build = () => {
  const compiled = [TEXT, HALVES, CHOICE, COUNTED].flatMap((text) => {
    const element = text === HALVES || text === COUNTED ? ("bf16" as const) : ("f32" as const);
    const settings = { dims: { dim: 24, valueDim: 40 }, element, consts: {} };
    return cudaBuild.build({ attention: attentionOf(text), source: { path: "packed.attn", text } }, settings).value;
  });
  return buildArtefacts(compiled);
};

beforeAll(async () => {
  for (const artefact of await build()) {
    const path = join(folder, artefact.path);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, bytesOf(artefact));
  }
});

const run = (command: string, ...args: string[]) => {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd: join(folder, "cuda"), encoding: "utf8" });
  return { status, text: `${stdout}${stderr}` };
};

test("holds the same bytes when it is built again", async () => {
  for (const artefact of await build()) {
    expect(readFileSync(join(folder, artefact.path)).equals(bytesOf(artefact)), artefact.path).toBe(true);
  }
});

describe("on another machine", () => {
  const python = devices({ python3: missingNumpy() });
  python("its Python compiles", () => {
    const scripts = readdirSync(join(folder, "cuda")).filter((name) => name.endsWith(".py"));
    expect(scripts).toEqual(expect.arrayContaining(["packed_torch.py", "packed_flex.py", "measure.py"]));
    expect(run("python3", "-m", "py_compile", ...scripts)).toEqual({ status: 0, text: "" });
  });

  const emulated = devices({ python3: missingNumpy(), "g++": missingCompiler() });
  emulated("its cases agree with its kernels", () => {
    const { status, text } = run("make", "-s", "check-emulated");
    expect([status, text]).toEqual([
      0,
      expect.stringMatching(
        /^(choosing \d out: ok.*\n){4}(counted \d out: ok.*\n){4}(halves \d out: ok.*\n){4}(packed \d (out|lse): ok.*\n){8}(sm_90a\/(counted|halves) \d out: ok.*\n){8}$/,
      ),
    ]);
  });

  emulated("Python lays the workspace out as the launcher does", () => {
    const compare = `
from attnc_kernel import Description
from attnc_load import Library
for name in ("packed", "choosing"):
  description = Description(f"{name}.json")
  library = Library(description, f"./{name}.emulated.so")
  for lengths in (dict(batch=2, heads=6, kv_heads=3, queries=100, keys=333), dict(batch=1, heads=1, kv_heads=1, queries=0, keys=0)):
      record = description.record(lengths, {}, dict.fromkeys(("query", "key", "value", "out"), (0, 0, 0)), {})
      ours = sum(size for _, size in description.scratch_sizes(lengths))
      print(library.workspace_bytes(lengths, record) == ours, ours > 0)`;
    expect(run("python3", "-c", compare)).toEqual({ status: 0, text: "True True\nTrue False\n".repeat(2) });
  });

  python("a choice of more blocks than an int can index is no call", () => {
    const ask = `
from attnc_kernel import CallError, Description
description = Description("choosing.json")
for keys in (2**19, 2**20):
    lengths = dict(batch=1, heads=1, kv_heads=1, queries=2**20, keys=keys)
    try:
        description.check_sizes(lengths, dict.fromkeys(("query", "key", "value"), ()), {"out": (0, 0, 40)})
        print("fits")
    except CallError as error:
        print(error)`;
    const text = "fits\nquery and key have more blocks or tokens to index than an int can: 2147483648\n";
    expect(run("python3", "-c", ask)).toEqual({ status: 0, text });
  });

  emulated("PyTorch's part runs over tensors that stand for its own, and names what is wrong with a call", () => {
    for (const name of ["torch.py", "test_loader.py"]) {
      copyFileSync(new URL(`fake-torch/${name}`, import.meta.url), join(folder, "cuda", name));
    }
    expect(run("make", "-s", "packed.emulated.so")).toEqual({ status: 0, text: "" });
    expect(run("python3", "test_loader.py")).toEqual({ status: 0, text: "" });
  });

  devices({ torch: missingTorch() })("PyTorch itself takes the operator into a graph, and runs mask and score", () => {
    copyFileSync(new URL("real-torch.py", import.meta.url), join(folder, "real-torch.py"));
    expect(run("python3", "../real-torch.py")).toEqual({ status: 0, text: "" });
  });

  python("what is measured becomes a table, and where nothing can be measured that is said", () => {
    const report = `
from attnc_report import table
places = dict(name="causal", dims=dict(dim=128, value_dim=128), batch=1, heads=16, kv_heads=4, element_bytes=2, keys=8192)
prefill = dict(places, queries=8192, visible=0.5, seconds={"attnc": 1e-3, "sdpa flash": 2e-3, "flex": None})
decode = dict(places, queries=1, visible=1.0, seconds={"attnc": 1e-5, "flex": 5e-6})
print(table([prefill, decode], {"copy_bytes_per_second": 3e12, "matmul_flops": 5.5e14}))`;
    const { status, text } = run("python3", "-c", report);
    expect(status).toBe(0);
    // 2 · 8192² · ½ · 16 heads · 256, in 1 ms; 4 KV heads · 8192 · 256 halves in 10 µs.
    expect(text).toContain("| causal | 128 | 8192 x 8192 | 1.000 | 2.000 | - | - | - | 274.9 | 8 | 50 % |");
    expect(text).toContain("| causal | 128 | 1 x 8192 | 0.010 | - | - | 0.005 | - | 6.7 | 1678 | 56 % |");
    expect(text).toContain("2.00 to 2.00 times as fast as flash");
    expect(text).toContain("0.50 to 0.50 times as fast as Flex");
    const without = run(
      "python3",
      "-c",
      "import sys; sys.modules['torch'] = None; import measure; sys.exit(measure.main())",
    );
    expect(without).toEqual({ status: 1, text: "not measured: there is no PyTorch\n" });
    expect(JSON.parse(readFileSync(join(folder, "cuda/measured.json"), "utf8"))).toEqual({
      not_measured: "there is no PyTorch",
    });
  });

  python("goals are judged by the worst row, and what was not measured is no goal reached", () => {
    const ask = `
from attnc_goals import goal_table, judge
def row(name, keys, queries=None, dim=128, bytes=2, **seconds):
    places = dict(batch=1, heads=16, kv_heads=16, queries=queries or keys, keys=keys)
    return dict(places, name=name, dims=dict(dim=dim, value_dim=dim), element_bytes=bytes, visible=1.0, seconds=seconds)
flash = lambda name, keys, factor, **more: row(name, keys, attnc=1e-3, **{"sdpa flash": factor * 1e-3, **more})
ceilings = {"copy_bytes_per_second": 3e12, "matmul_flops": 5.5e14}
def said(capability, *rows):
    run = dict(rows=list(rows), ceilings=ceilings, capability=capability)
    return {each["goal"]: (each["worst"], each["where"], each["rows"], each["verdict"]) for each in judge(run)}
def show(name, *arguments):
    print(*said(*arguments)[name], sep=" | ")
# 8192 keys and more, dim 128 and rows of 16 bits count; one slow row is enough to miss.
slow = [flash("full", 2048, 0.1), flash("full", 8192, 0.1, dim=64), flash("full", 8192, 0.1, bytes=4), flash("other", 8192, 0.1)]
show("flash backend", 80, flash("full", 8192, 0.9), flash("causal", 16384, 0.85), *slow)
show("flash backend", 80, flash("full", 8192, 0.9), flash("causal", 16384, 0.84))
show("flash backend", 80, *slow)
show("flash backend", 80, row("full", 8192, attnc=1e-3), flash("causal", 8192, 2.0))
show("flash backend", 80, row("full", 8192, attnc=None))
show("flash backend", 75, flash("full", 8192, 0.9))
# Decoding 8192 keys of 16 heads reads 64 MiB: 22 us at what a copy takes.
show("copy bandwidth when decoding", 80, row("causal", 8192, 1, attnc=3e-5))
show("copy bandwidth when decoding", 80, row("causal", 8192, 1, attnc=4e-5))
# On Hopper a floor and a goal are two things, and older devices are not asked.
show("cuDNN backend", 90, row("full", 8192, attnc=1e-3, **{"sdpa cudnn": 0.9e-3}))
show("cuDNN backend", 90, row("full", 8192, attnc=1e-3, **{"sdpa cudnn": 0.96e-3}))
show("cuDNN backend", 80, row("full", 8192, attnc=1e-3, **{"sdpa cudnn": 0.96e-3}))
show("FlexAttention without its mask", 90, row("window", 8192, attnc=1e-3, flex=1.1e-3), row("documents", 8192, attnc=1e-3, flex=3e-3))
show("operations at dim 64", 90, row("full", 8192, dim=64, attnc=6e-4), row("full", 16384, dim=64, attnc=3e-3))
show("the kernel without a score", 90, row("causal", 8192, attnc=1e-3), row("softcap", 8192, attnc=1.09e-3), row("alibi", 8192, attnc=1.2e-3))
show("the kernel without a score", 90, row("softcap", 8192, attnc=1.09e-3))
print(goal_table(judge(dict(rows=[flash("full", 8192, 0.9)], ceilings=ceilings, capability=90))))`;
    const { status, text } = run("python3", "-c", ask);
    expect([status, text.split("\n").slice(0, 15)]).toEqual([
      0,
      [
        "0.85 × | causal dim 128, 16384 x 16384 | 2 | reached",
        "0.84 × | causal dim 128, 16384 x 16384 | 2 | missed",
        "None | None | 0 | not measured",
        "2.00 × | causal dim 128, 8192 x 8192 | 1 | reached",
        "None | full dim 128, 8192 x 8192 | 1 | missed: it does not run",
        "None | None | 0 | not measured",
        "75% | causal dim 128, 1 x 8192 | 1 | reached",
        "56% | causal dim 128, 1 x 8192 | 1 | missed",
        "0.90 × | full dim 128, 8192 x 8192 | 1 | floor reached, goal missed",
        "0.96 × | full dim 128, 8192 x 8192 | 1 | reached",
        "None | None | 0 | not measured",
        "1.10 × | window dim 128, 8192 x 8192 | 2 | missed",
        "367 TFLOP/s | full dim 64, 16384 x 16384 | 2 | missed",
        "0.83 × | alibi dim 128, 8192 x 8192 | 2 | missed",
        "None | None | 0 | not measured",
      ],
    ]);
    expect(text).toContain("| flash backend | 0.85 × | 0.90 × | full dim 128, 8192 x 8192 | 1 | reached |\n");
    expect(text).toMatch(/\n10 goals: 1 reached; 9 not measured\.\n$/);
  });

  emulated("what differs is found", () => {
    const spoil = `import numpy; cases = dict(numpy.load("packed.cases.npz"))
cases["1/out.expected"][1, 0, 3, 5] += 1e-3
numpy.savez("packed.cases.npz", **cases)`;
    expect(run("python3", "-c", spoil)).toEqual({ status: 0, text: "" });
    const { status, text } = run("make", "-s", "check-emulated");
    expect(status).not.toBe(0);
    expect(text).toMatch(/packed 1 out: WRONG, worst error 0.001/);
  });

  const nvcc = devices({ nvcc: missingNvcc() });
  nvcc("its kernels compile to a shared library", () => {
    expect(run("make", "-s", "libpacked.so", "ARCH=sm_80")).toEqual({ status: 0, text: "" });
  });

  emulated("a launcher names the tensor that is at fault, and launches nothing", () => {
    copyFileSync(new URL("bad-calls.cpp", import.meta.url), join(folder, "cuda/bad-calls.cpp"));
    const options = ["-std=c++17", "-O1", "-ffp-contract=off", "-I.", "bad-calls.cpp", "-o", "bad-calls"];
    expect(run("g++", ...options)).toEqual({ status: 0, text: "" });
    const { status, text } = run("./bad-calls");
    expect([status, text.trim().split("\n")]).toEqual([
      0,
      [
        "nothing: runs",
        "null: key is null",
        "misaligned: value is not aligned to its elements of 4 bytes",
        "elsewhere: query is not in memory of the current device",
        "captured: doc is not aligned to its elements of 4 bytes",
        "optional: key_lengths is not aligned to its elements of 4 bytes",
        "optional elsewhere: query_start is not in memory of the current device",
        "overlap: rows of out overlap: the stride of the queries is less than 40",
        "heads: a length is negative, or kv_heads does not divide heads",
        "length: a length is negative, or kv_heads does not divide heads",
        "small workspace: workspace is null, not 256 bytes aligned, or smaller than packed_workspace_bytes says",
        "misaligned workspace: workspace is null, not 256 bytes aligned, or smaller than packed_workspace_bytes says",
        "old device: the device is older than target cuda needs: compute capability 5",
        "little memory: a block of the device has too little shared memory for these dims",
      ],
    ]);
  });

  emulated("the kernel of sm_90a says which calls and devices it is not for", () => {
    copyFileSync(new URL("bad-tiles.cpp", import.meta.url), join(folder, "cuda/bad-tiles.cpp"));
    const options = ["-std=c++17", "-O1", "-ffp-contract=off", "-I.", "bad-tiles.cpp", "-o", "bad-tiles"];
    expect(run("g++", ...options)).toEqual({ status: 0, text: "" });
    const { status, text } = run("./bad-tiles");
    const not = (name: string) => `rows of ${name} are not aligned to 16 bytes, as target cuda-wgmma needs them`;
    const device = "the device has another architecture than target cuda-wgmma is for: compute capability 9";
    expect([status, text.trim().split("\n")]).toEqual([
      0,
      [
        "nothing: 0, runs",
        `address: 911, ${not("key")}`,
        `stride: 912, ${not("value")}`,
        `one row for all: 910, ${not("query")}`,
        "a stride that nobody takes: 0, runs",
        "few rows: 0, runs",
        "no keys: 0, runs",
        `older device: 901, ${device}`,
        `newer device: 901, ${device}`,
      ],
    ]);
  });

  python(
    "PyTorch's part takes the kernel of sm_90a for the calls and devices that it is for, and says which it took",
    () => {
      copyFileSync(new URL("fake-torch/torch.py", import.meta.url), join(folder, "cuda", "torch.py"));
      const ask = `
import attnc_torch, torch
from attnc_kernel import Description
lengths = dict(batch=1, heads=1, kv_heads=1, queries=20, keys=20)
even, odd = dict.fromkeys(("query", "key", "value"), (0, 0, 40)), dict.fromkeys(("query", "key", "value"), (0, 0, 44))
for name, capability, strides in (("halves", (9, 0), even), ("halves", (9, 0), odd), ("halves", (8, 0), even), ("packed", (9, 0), even)):
    torch.cuda.get_device_capability = lambda device: capability
    description = Description(f"{name}.json")
    taken = attnc_torch.description_for(description, None, lengths, dict.fromkeys(strides, 4096), strides)
    print(taken.folder.name, attnc_torch.taken[name], taken.DeviceRecord.query_map.offset % 64 if taken.maps else "", sep=", ")`;
      expect(run("python3", "-c", ask)).toEqual({
        status: 0,
        text: [
          "sm_90a, the kernel of sm_90a, 0",
          ", the kernel of all devices: rows of query are not aligned to 16 bytes, ",
          ", the kernel of all devices: the device is of capability 8.0, ",
          ", the kernel of all devices: there is no other, ",
          "",
        ].join("\n"),
      });
    },
  );

  python("a module of sm_90a has as many blocks as multiprocessors, and clears what counts their tiles", () => {
    const ask = `
import attnc_load
from attnc_kernel import Description

class Driver:
    def cuCtxGetDevice(self, device):
        return 0
    def cuDeviceGetAttribute(self, count, attribute, device):
        count._obj.value = 3
        return 0
    def cuTensorMapEncodeTiled(self, *arguments):
        return 0
    def cuMemsetD8Async(self, address, value, size, stream):
        print("clears", size.value, "to", value.value)
        return 0
    def cuLaunchKernel(self, function, blocks, *arguments):
        print(function, blocks)
        return 0

for name in ("halves", "counted"):
    module = attnc_load.Module.__new__(attnc_load.Module)
    module.description, module.driver = Description(f"sm_90a/{name}.json"), Driver()
    module.functions = [step["kernel"] for step in module.description.steps]
    for queries in (1000, 200):
        lengths = dict(batch=1, heads=1, kv_heads=1, queries=queries, keys=queries)
        module.launch(lengths, module.description.Record(), 4096, 0, 0)`;
    expect(run("python3", "-c", ask)).toEqual({
      status: 0,
      text: [
        "halves_attend 3",
        "halves_attend 2",
        "clears 256 to 0",
        "counted_attend 3",
        "clears 256 to 0",
        "counted_attend 2",
        "",
      ].join("\n"),
    });
  });

  const compiler = devices({ "g++": missingCompiler() });
  compiler("its header is C, and a launcher says which tensor is at fault", () => {
    const program = `#include "packed.h"
#include <stdio.h>
int main(void) {
  packed_call call = {0};
  call.batch = call.heads = call.kv_heads = call.queries = call.keys = 1;
  puts(packed_message(packed_launch(&call, 0, 0, 0)));
  call.query = (const float*)2;
  puts(packed_message(packed_launch(&call, 0, 0, 0)));
  call.kv_heads = 2;
  puts(packed_message(packed_launch(&call, 0, 0, 0)));
}`;
    writeFileSync(join(folder, "cuda/caller.c"), program);
    expect(run("make", "-s", "packed.emulated.so")).toEqual({ status: 0, text: "" });
    expect(run("gcc", "-Wall", "-Werror", "caller.c", "./packed.emulated.so", "-o", "caller")).toEqual({
      status: 0,
      text: "",
    });
    expect(run("./caller")).toEqual({
      status: 0,
      text: "query is null\nquery is not aligned to its elements of 4 bytes\na length is negative, or kv_heads does not divide heads\n",
    });
  });
});
