// Problems of fitting a program to a target: E06xx.

import type { Span } from "../source/span.ts";

export type PlanProblem = {
  readonly code: "E0601";
  readonly kind: "element-type-unsupported";
  readonly at: Span;
  readonly tensor: string;
  readonly element: string;
  readonly target: string;
};
