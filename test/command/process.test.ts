// The command as a process: what only shows from outside, such as exit statuses, pipes that close early, and that every
// process ends by itself.

import { execFile, execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { attncProcess, makeFolder, wavy } from "./command.ts";

const folder = makeFolder();
const causal = folder.write("causal.attn", "attention causal { mask q >= k }\n");
const bin = new URL("../../src/cli/bin.ts", import.meta.url).pathname;

describe("a process", () => {
  test("prints its version and help on stdout", async () => {
    expect(await attncProcess(["--version"])).toEqual({
      status: 0,
      out: expect.stringMatching(/^\d+\.\d+\.\d+\n$/),
      err: "",
    });
    const { status, out } = await attncProcess(["--help"]);
    expect([status, out]).toEqual([0, expect.stringMatching(/check[\s\S]*build[\s\S]*demo/)]);
  });

  test("exits with 2 on wrong usage and with 1 on a wrong file", async () => {
    expect((await attncProcess(["bulid"])).status).toBe(2);
    expect((await attncProcess(["check", folder.path("missing.attn")])).status).toBe(1);
  });

  test("reads a file from stdin", async () => {
    const { status, out } = await attncProcess(["fmt", "-"], { input: "attention  a { mask q>=k }" });
    expect([status, out]).toEqual([0, "attention a {\n  mask q >= k\n}\n"]);
    expect((await attncProcess(["check", "-"], { input: "attention a { mask casual }" })).out).toContain(
      "<stdin>:1:20",
    );
  });

  test("colours a problem only where colours are wanted", async () => {
    const wrong = folder.write("wrong.attn", "attention a { mask casual }");
    expect((await attncProcess(["check", wrong])).out).not.toContain("\u001b");
    const { out } = await attncProcess(["check", wrong], { env: { NO_COLOR: "", FORCE_COLOR: "1" } });
    expect(out).toContain("\u001b[");
  });

  test("ends by itself after it ran a kernel", async () => {
    const input = folder.tensors("in.safetensors", {
      query: wavy("f32", 1, 1, 5, 8),
      key: wavy("f32", 1, 1, 5, 8),
      value: wavy("f32", 1, 1, 5, 8),
    });
    const { status, out } = await attncProcess(["run", causal, "--in", input]);
    expect([status, out]).toEqual([0, expect.stringMatching(/^out {2}f32\[1, 1, 5, 8\]/)]);
  });

  test("is not disturbed by a pipe that closes early", async () => {
    const line = `"${process.execPath}" "${bin}" mask "${causal}" --shape queries=2000 --json | head -c 20`;
    const { out, err } = await new Promise<{ out: string; err: string }>((resolve) => {
      execFile("sh", ["-c", line], { timeout: 30_000 }, (_, out, err) => resolve({ out, err }));
    });
    expect([out, err]).toEqual(['{"queries":2000,"key', ""]);
  });

  test("shows the whole tool on one example", async () => {
    const { status, out } = await attncProcess(["demo"]);
    expect([status, out]).toEqual([
      0,
      expect.stringMatching(/check[\s\S]*compile[\s\S]*run[\s\S]*wasm .*agrees[\s\S]*visible/),
    ]);
  });
});

/** An old Node cannot read the sources, so the built command is asked; both may be absent. */
const oldNode = ["/usr/bin/node", "/usr/local/bin/node"].find(
  (path) =>
    existsSync(path) && Number(/v(\d+)/.exec(execFileSync(path, ["--version"], { encoding: "utf8" }))?.[1]) < 22,
);
const built = new URL("../../dist/cli/bin.js", import.meta.url).pathname;
const reason =
  oldNode === undefined ? "no Node before 22 is installed" : existsSync(built) ? undefined : "dist is not built";

test.skipIf(reason !== undefined)(
  `an old Node is told which version is needed${reason ? ` (skipped: ${reason})` : ""}`,
  async () => {
    const status = await new Promise<[number, string]>((resolve) => {
      execFile(oldNode!, [built, "check", causal], (error, _, err) => resolve([Number(error?.code ?? 0), err]));
    });
    expect(status).toEqual([2, expect.stringContaining("needs Node 22.18")]);
  },
);

test("the package leaves to Node what holds native code, and what need not be there", async () => {
  const config = (await import("../../vite.build.config.ts")).default as {
    readonly ssr: { readonly external: unknown };
  };
  expect(config.ssr.external).toEqual(expect.arrayContaining(["ts-morph", "webgpu", "@sparticuz/chromium"]));
});

test.skipIf(!existsSync(built))("the built command finds a device for WGSL where the source does", async () => {
  const small = folder.write("small.attn", "attention small { mask q >= k }\n");
  const args = [
    built,
    "verify",
    small,
    "--targets",
    "wgsl",
    "--require",
    "wgsl",
    "--shape",
    "queries=17,keys=17,dim=8",
  ];
  const [status, err] = await new Promise<[number, string]>((resolve) => {
    execFile(process.execPath, args, (error, out, err) => resolve([Number(error?.code ?? 0), out + err]));
  });
  expect(status, err).toBe(0);
  expect(err).toMatch(/wgsl (ran|runs) on/);
});
