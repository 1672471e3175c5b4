// README does what it says: every command of its tour runs as it is printed, in order, every program is free of
// problems, and the TypeScript is right for the type checker and prints numbers.

import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { expectClean } from "../check.ts";
import { attncProcess, makeFolder } from "./command.ts";

const root = new URL("../..", import.meta.url).pathname;
const readme = readFileSync(join(root, "README.md"), "utf8");
const blocks = [...readme.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)].map(([, kind, text]) => ({
  kind: kind!,
  text: text!,
}));
const programs = blocks.filter(({ kind, text }) => kind === "" && text.includes("attention "));
const commands = blocks
  .filter(({ kind }) => kind === "sh")
  .flatMap(({ text }) => [...text.matchAll(/^npx attnc (.*)$/gm)].map(([, words]) => words!));

const folder = makeFolder();
const cwd = dirname(folder.write("packed.attn", programs.at(-1)!.text));
symlinkSync(join(root, "examples"), folder.path("examples"));

describe("README", () => {
  test("its programs are free of problems", () => {
    expect(programs).toHaveLength(2);
    for (const { text } of programs) expectClean(text);
  });

  test.each(commands)("attnc %s", async (words) => {
    const { status, out, err } = await attncProcess(words.split(" "), { cwd });
    expect([status, err]).toEqual([0, expect.not.stringMatching(/error\[|warning\[|usage/i)]);
    const writes = /-o natten|^check/.test(words);
    expect(out.length > 0).toBe(!writes);
  });

  test("the TypeScript, on what the commands built", () => {
    const snippet = folder.write("snippet.ts", blocks.find(({ kind }) => kind === "ts")!.text);
    folder.write("package.json", '{ "type": "module" }');
    mkdirSync(folder.path("node_modules/@types"), { recursive: true });
    symlinkSync(join(root, "node_modules/@types/node"), folder.path("node_modules/@types/node"));
    const strict = ["--noEmit", "--strict", "--module", "nodenext", "--target", "es2023", "--types", "node"];
    execFileSync(process.execPath, [join(root, "node_modules/typescript/bin/tsc"), ...strict, snippet], { cwd });
    const printed = execFileSync(process.execPath, [snippet], { cwd, encoding: "utf8" });
    expect(printed).toMatch(/^\[ 1, 8, 512, 128 \] Float32Array\(4\) \[[^NI]+\]\n$/);
  });
});
