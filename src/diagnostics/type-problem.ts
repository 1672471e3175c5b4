// Problems of types and of arithmetic: E03xx, and the warnings about decisions and indices, W03xx.
//
// `calledFrom` is the call in the user's own declaration, where the problem lies in the body of something it calls.

import type { ScalarType } from "../ops/op.ts";
import type { Name, Span } from "../source/span.ts";
import type { PlaceName } from "./name-problem.ts";

/** What an expression turned out to be. */
export type FoundType = ScalarType | "vector";

/** Why a type is wanted. `at` is the place that causes it. */
export type Expectation =
  | { readonly of: "mask" | "score" | "weight" | "scale" | "sink" | "align" | "grid"; readonly at?: Span }
  | { readonly of: "condition" | "index" | "axis" | "width" | "range" | "rule" }
  /** An argument of a built-in function. */
  | { readonly of: "function" | "reduction"; readonly name: Name }
  | { readonly of: "parameter" | "default" | "bound"; readonly name: Name; readonly at?: Span };

export type TypeProblem =
  | {
      readonly code: "E0310";
      readonly kind: "axis-missing";
      readonly at: Span;
      readonly axis: string;
      readonly row: string;
    }
  /** The axes that no reduction removed. */
  | {
      readonly code: "E0311";
      readonly kind: "axis-left-over";
      readonly at: Span;
      readonly axes: readonly string[];
      readonly place: PlaceName;
    }
  | {
      readonly code: "E0301";
      readonly kind: "type-mismatch";
      readonly at: Span;
      readonly expected: ScalarType;
      readonly found: FoundType;
      readonly expectation: Expectation;
      readonly calledFrom?: Span;
    }
  | {
      readonly code: "E0302";
      readonly kind: "operand-type";
      readonly at: Span;
      readonly operator: string;
      readonly operatorSpan: Span;
      readonly wanted: "number" | "int" | "bool";
      readonly found: FoundType;
      readonly calledFrom?: Span;
    }
  | {
      readonly code: "E0303";
      readonly kind: "branches-differ";
      readonly at: Span;
      readonly whenTrue: { readonly at: Span; readonly type: ScalarType };
      readonly whenFalse: { readonly at: Span; readonly type: ScalarType };
      readonly calledFrom?: Span;
    }
  | {
      readonly code: "E0304";
      readonly kind: "function-argument-count";
      readonly name: Name;
      readonly found: number;
      readonly fewest: number;
      readonly most: number;
    }
  | {
      readonly code: "E0305";
      readonly kind: "function-argument-type";
      readonly at: Span;
      readonly function: Name;
      readonly wanted: "number" | "int" | "vector";
      readonly found: FoundType;
      readonly calledFrom?: Span;
    }
  | {
      readonly code: "E0306";
      readonly kind: "division-by-zero";
      readonly at: Span;
      readonly operator: string;
      readonly calledFrom?: Span;
    }
  | {
      readonly code: "E0307";
      readonly kind: "unknown-type";
      readonly name: Name;
      readonly known: readonly string[];
      readonly of: "parameter" | "tensor";
    }
  | {
      readonly code: "E0308";
      readonly kind: "not-comparable";
      readonly at: Span;
      readonly operator: string;
      readonly left: FoundType;
      readonly right: FoundType;
      readonly calledFrom?: Span;
    }
  /** A float where an int is wanted. */
  | {
      readonly code: "E0309";
      readonly kind: "float-for-int";
      readonly at: Span;
      readonly expectation: Expectation;
      readonly calledFrom?: Span;
    }
  | {
      readonly code: "W0301";
      readonly kind: "inexact-decision";
      readonly at: Span;
      readonly calledFrom?: Span;
    }
  | {
      readonly code: "W0302";
      readonly kind: "index-unproved";
      readonly at: Span;
      readonly tensor: Name;
      readonly axis: string;
      /** The axis\'s extent as it can be typed; absent where it is a longer expression. */
      readonly extent?: string;
    };
