// Levels beside the reference, element by element, where a call has too few products for more than a fixed distance.

import { expect } from "vitest";
import type { Runner } from "../../../src/execute/runner.ts";
import { attend } from "../../../src/reference/attention.ts";
import type { Case } from "../../../src/spec/case.ts";

/** What a level is run by, and how far it may lie from the reference. */
export type Judged = { readonly runner: Runner; readonly tolerance: number };

export async function expectAgreement(call: Case, runners: readonly Judged[]): Promise<void> {
  const wanted = attend(call);
  for (const { runner, tolerance } of runners) {
    const found = await runner.run(call);
    expectClose(found.out, wanted.out, tolerance);
    if (found.lse) expectClose(found.lse, wanted.lse!, tolerance);
  }
}

function expectClose(found: ArrayLike<number>, wanted: ArrayLike<number>, tolerance: number): void {
  expect(found.length).toBe(wanted.length);
  for (let at = 0; at < wanted.length; at++) {
    const [got, exact] = [found[at]!, wanted[at]!];
    if (got !== exact && !(Math.abs(got - exact) < tolerance)) expect(got, `element ${at}`).toBe(exact);
  }
}
