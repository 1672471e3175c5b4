// The emulation of the device itself: what the primitives compute, and that every planted fault is caught.

import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, test } from "vitest";
import { compileEmulated } from "../../../src/cli/cuda/compile-cuda.ts";
import { missingCompiler } from "../../../src/cli/cuda/toolchain.ts";
import { cudaMma } from "../../../targets/cuda-mma.ts";
import { cudaSimt } from "../../../targets/cuda-simt.ts";
import { devices } from "../../device.ts";

const emulated = devices({ "g++": missingCompiler() });
/** The program beside this file. */
const program = (name: string, ...flags: string[]) => {
  const text = readFileSync(new URL(`${name}.cu`, import.meta.url), "utf8");
  return compileEmulated({ "main.cu": text }, "main.cu", flags);
};

const run = (program: string, ...args: string[]) => {
  const { status, stdout, stderr } = spawnSync(program, args, { encoding: "utf8" });
  return { status, text: `${stdout}${stderr}`.trim() };
};

describe("the primitives", () => {
  for (const [fibres, flags] of [
    ["with our own switch of stacks", []],
    ["with the switch of the C library", ["-DATTNC_PORTABLE_FIBRES"]],
  ] as const) {
    emulated(`compute what PTX defines, ${fibres}`, async () => {
      const warnings = ["-Wall", "-Wextra", "-Werror", "-Wno-unknown-pragmas"];
      expect(run(await program("primitives", ...warnings, ...flags))).toEqual({ status: 0, text: "" });
      expect(run(await program("tiles", ...warnings, ...flags))).toEqual({ status: 0, text: "" });
    });
  }
});

describe("accuracy", () => {
  emulated("sigmoid and pow stay within what targets say, where exp and pow are as wrong as published", async () => {
    const { status, text } = run(await program("accuracy"));
    const worst = Object.fromEntries(text.split("\n").map((line) => line.split(" ")));
    expect(status).toBe(0);
    for (const op of ["sigmoid", "pow"]) {
      for (const { errorUlps } of [cudaMma, cudaSimt]) expect(Number(worst[op])).toBeLessThanOrEqual(errorUlps[op]!);
      // Less would mean that nothing was moved.
      expect(Number(worst[op])).toBeGreaterThan(2);
    }
  });
});

/** What is planted, and what must be said of it. */
const FAULTS: Readonly<Record<string, RegExp>> = {
  barrier_after_return: /block_barrier was reached by 63 of 64 threads; thread 5 has ended/,
  barrier_in_a_branch: /block_barrier was reached by 32 of 64 threads/,
  shuffle_by_some: /shuffle_xor was reached by 31 of 32 threads; thread 39 has ended/,
  different_collectives: /shuffle_xor was reached by 16 of 32 threads; thread 62 waits in warp_barrier/,
  never_written: /byte 0: read, and nobody has written it/,
  no_barrier_before_reading: /byte 128: read, and nobody has written it/,
  a_barrier_of_the_warp_only: /byte 0: read with no barrier since the write by thread 0/,
  no_barrier_before_overwriting: /byte 4: written with no barrier since the read by thread 0/,
  two_writers: /byte 0: written with no barrier since the write by thread 0/,
  read_before_the_copy: /byte 0: read before the copy arrived that was begun by thread 0/,
  copy_not_awaited: /byte 0: read before the copy arrived that was begun by thread 0/,
  copy_awaited_without_barrier: /byte 0: read with no barrier since the write by thread 0/,
  misaligned_copy: /16 bytes together, but not aligned/,
  outside_of_an_array: /an array in shared memory\[256\] is outside: it has 256 elements/,
  outside_of_shared_memory: /a byte of the block's shared memory\[65539\] is outside: it has 49152 elements/,
  outside_of_a_tensor: /source\[64\] is outside: it has 64 elements/,
  before_a_tensor: /target\[-1\] is outside: it has 64 elements/,
  misaligned_matrix: /16 bytes together, but not aligned/,
};

/** Of what only sm_90a has. */
const FAULTS_OF_TILES: Readonly<Record<string, RegExp>> = {
  bytes_that_never_come:
    /phase_wait waits for ever: of its phase 0, 1 of 1 arrivals have come, and 16 bytes are missing/,
  arrivals_that_never_come: /phase_wait waits for ever: of its phase 0, 2 of 3 arrivals have come/,
  a_barrier_nobody_opened: /a barrier that nobody has opened/,
  too_many_arrivals: /more threads arrive at a phase than it waits for/,
  read_before_its_bytes: /byte 0: read before the copy arrived that was begun by thread 0/,
  read_without_a_wait: /byte 2: read without a wait for the copy begun by thread 0/,
  product_before_its_bytes: /byte 0: read before the copy arrived that was begun by thread 0/,
  tile_copied_over_while_it_is_read: /byte 0: written while a product reads it/,
  tile_copied_over_before_it_was_released: /byte 0: written with no barrier since the read by another thread/,
  released_by_one_warp_for_all: /byte 0: written with no barrier since the read by another thread/,
  sums_touched_before_the_wait: /sums of a product were written to before its end/,
  sums_that_are_not_waited_for: /a wait for sums that leaves out the newest of their products/,
  weights_touched_before_the_wait: /registers of a product were written to before its end/,
  products_not_opened: /a product, and no products_open since the last wait/,
  products_not_committed: /a wait for products that were not committed/,
  product_of_three_warps: /warps of a warpgroup have begun different products/,
  written_without_a_fence: /byte 0: read as a tile with no tiles_fence since the write by thread 0/,
  descriptor_out_of_range: /a tile's byte of shared memory\[\d+\] is outside: it has 16400 elements/,
  tile_out_of_its_array: /an array in shared memory\[8192\] is outside: it has 8192 elements/,
  misaligned_tile: /a tile that is swizzled is aligned to 1024 bytes/,
  box_beyond_the_memory: /source\[4096\] is outside: it has 4096 elements/,
  block_ends_before_its_copies: /the block ends while copies of tiles are under way/,
  more_registers_than_there_are: /warps ask for more registers than there are/,
  fewer_registers_as_more: /a warp asks for fewer registers as more/,
  barrier_of_some_that_do_not_agree: /a barrier of some threads that do not agree how many they are/,
  turn_that_nobody_gives: /some_barrier waits for ever: of its phase 0, 128 of 256 arrivals have come/,
  turn_given_twice: /a thread comes twice to a barrier that others have not come to/,
  turn_that_nobody_takes: /the block ends, and to a barrier of some threads not all have come/,
  turn_given_before_the_write:
    /byte 0: read (with no barrier since the write by thread 128|, and nobody has written it)/,
};

describe.each([
  ["misuse", FAULTS],
  ["misuse-tiles", FAULTS_OF_TILES],
] as const)("%s is caught", (name, faults) => {
  let misuse: string;
  beforeAll(async () => {
    if (missingCompiler() === undefined) misuse = await program(name);
  });
  for (const [fault, message] of Object.entries(faults)) {
    emulated(fault.replaceAll("_", " "), () => {
      const { status, text } = run(misuse, fault);
      expect(text).toMatch(new RegExp(`^kernel ${fault}, block`));
      expect(text).toMatch(message);
      expect(status).toBe(86);
    });
  }
});

test("a machine without a compiler says so", () => {
  expect(missingCompiler({ PATH: "" })).toMatch(/no C\+\+ compiler/);
});
