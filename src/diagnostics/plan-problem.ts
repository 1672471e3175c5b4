// Problems of fitting a program to a target: E06xx.

import type { Span } from "../source/span.ts";

export type PlanProblem =
  /** A captured tensor whose elements the target cannot load. */
  | {
      readonly code: "E0601";
      readonly kind: "element-type-unsupported";
      readonly at: Span;
      readonly tensor: string;
      readonly element: string;
      readonly target: string;
      readonly supported: readonly string[];
    }
  /** Rows of queries, keys or values that are empty or longer than a tile of the target can hold. */
  | {
      readonly code: "E0602";
      readonly kind: "dim-out-of-range";
      readonly at: Span;
      readonly axis: "dim" | "value_dim";
      readonly size: number;
      readonly largest: number;
      readonly target: string;
    }
  /** A captured tensor with the name of a tensor that every attention takes or gives. */
  | { readonly code: "E0603"; readonly kind: "buffer-name-taken"; readonly at: Span; readonly tensor: string }
  /** A const parameter that has neither a value nor a default, so nothing can be compiled. */
  | {
      readonly code: "E0604";
      readonly kind: "const-without-value";
      readonly at: Span;
      readonly attention: string;
      readonly name: string;
    }
  /** An element type of queries, keys and values that the target does not take. */
  | {
      readonly code: "E0606";
      readonly kind: "row-type-unsupported";
      readonly at: Span;
      readonly attention: string;
      readonly element: string;
      readonly target: string;
      readonly supported: readonly string[];
    }
  /** What the language describes and the reference computes, and not this target yet. */
  | {
      readonly code: "E0608";
      readonly kind: "not-compiled-yet";
      readonly at: Span;
      readonly attention: string;
      readonly construct: string;
      readonly target: string;
    }
  /** A parameter without which nobody knows which order `permute auto` should take. */
  | {
      readonly code: "E0609";
      readonly kind: "order-undecided";
      readonly at: Span;
      readonly attention: string;
      readonly name: string;
    }
  /** Expressions that are larger than a kernel of the target can be. */
  | {
      readonly code: "E0607";
      readonly kind: "too-many-operations";
      readonly at: Span;
      readonly count: number;
      readonly most: number;
      readonly target: string;
    };
