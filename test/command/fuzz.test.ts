import { existsSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { attnc, attncProcess, makeFolder, TRACE } from "./command.ts";

const { path } = makeFolder();

describe("attnc fuzz", () => {
  test("says what it has looked at", async () => {
    const { status, out, err } = await attnc("fuzz", "--only", "blocks", "--programs", "12", "--seed", "1");
    expect(status).toBe(0);
    expect(out).toMatch(/^programs {3}12, of which/);
    expect(out).toMatch(/classifier finds .* % of the empty and .* % of the full blocks/);
    expect(err).toBe("seed 1\n");
  });

  test("looks at the same programs with the same seed, however they are shared out", async () => {
    const whole = await attnc("fuzz", "--programs", "8", "--seed", "3", "--json");
    const { statistics, passed, seed } = JSON.parse(whole.out);
    expect({ passed, seed, programs: statistics.programs }).toEqual({ passed: true, seed: 3, programs: 8 });
    const jobs = await attncProcess(["fuzz", "--programs", "8", "--seed", "3", "--json", "--jobs", "2"]);
    expect(JSON.parse(jobs.out).statistics).toEqual(statistics);
    const first = await attnc("fuzz", "--programs", "4", "--seed", "3", "--json", "--shard", "1/2");
    const second = await attnc("fuzz", "--programs", "4", "--seed", "3", "--json", "--shard", "2/2");
    const blocks = [first, second].map(({ out }) => JSON.parse(out).statistics.blocks.empty);
    expect(blocks[0] + blocks[1]).toBe(statistics.blocks.empty);
  });

  test("stops when the time is up, and writes no file when nothing fails", async () => {
    const folder = path("failures");
    const { status } = await attnc("fuzz", "--seconds", "1", "--seed", "2", "--out", folder);
    expect(status).toBe(0);
    expect(existsSync(folder)).toBe(false);
  });

  test.each([
    [["--shard", "3/2"], "--shard takes i/n"],
    [["--shard", "half"], "--shard takes i/n"],
    [["--seconds", "soon"], "--seconds takes a whole number"],
    [["--targets", "wgls"], "--targets names no target `wgls` of the fuzz"],
    [["--only", "everything"], "Allowed choices are blocks"],
  ])("refuses %j", async (options, message) => {
    const { status, out, err } = await attnc("fuzz", ...options);
    expect({ status, out }).toEqual({ status: 2, out: "" });
    expect(err).toContain(message);
    expect(err).not.toMatch(TRACE);
  });
});
