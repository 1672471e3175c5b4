// One interface for every level that can be executed. A wrong answer is located by running a Case on all of them:
// the first level that disagrees with the reference owns the bug.

import type { Case, Result } from "../spec/case.ts";

export type Level = "ir" | "optimized" | "plan" | "wasm" | "wgsl" | "cuda" | "cuda-wgmma";

export type Runner = {
  readonly level: Level;
  /** Published worst errors of the operations of what runs the call; absent where no target does. */
  accuracy?(call: Case): Readonly<Record<string, number>>;
  /** True, or the reason why this machine cannot run it. */
  available(): true | string;
  /** Why the call goes another way than this level's; undefined where it does not. Absent: all calls go this way. */
  unsuited?(call: Case): string | undefined;
  /** What runs it on this machine, where that can be one of several. */
  where?(): string;
  /** Begins to compile for a call that will come, where that is another program's work. */
  prepare?(call: Case): void;
  run(call: Case): Promise<Result>;
};
