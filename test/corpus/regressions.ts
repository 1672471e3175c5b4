// The calls of test/corpus/regressions, for the levels that this folder's tests do not run.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { findUncompiled } from "../../src/schedule/uncompiled.ts";
import type { Case } from "../../src/spec/case.ts";
import type { Target } from "../../targets/target.ts";
import { callOf } from "./header.ts";

const folder = new URL("regressions", import.meta.url).pathname;

export type Regression = { readonly name: string; readonly text: string; readonly call: Case };

export const regressions: readonly Regression[] = readdirSync(folder)
  .filter((name) => name.endsWith(".attn"))
  .map((name) => {
    const text = readFileSync(join(folder, name), "utf8");
    return { name, text, call: callOf(text) };
  });

/** Those that the target compiles; the others belong to levels that do. */
export const regressionsOn = (target: Target): readonly Regression[] =>
  regressions.filter(({ call: { attention } }) => findUncompiled(attention, target).length === 0);
