// Problems of names: E02xx, and the warnings about names that nobody reads, W02xx.

import type { Name, Span } from "../source/span.ts";

/** What a name turned out to stand for. */
export type NameKind =
  | "fn"
  | "mask"
  | "score"
  | "attention"
  | "sparsity"
  | "permutation"
  | "parameter"
  | "tensor"
  | "grid axis"
  | "vector";

/** A part of a declaration in which some names are visible and others are not. */
export type PlaceName =
  | "fn"
  | "mask"
  | "score"
  | "weight"
  | "scale"
  | "sink"
  | "align"
  | "grid origin"
  | "grid extent"
  | "tensor axis"
  | "default"
  | "sparsity"
  | "block size"
  | "permutation"
  | "output"
  | "argument";

export type NameProblem =
  | {
      readonly code: "E0201";
      readonly kind: "unknown-name";
      readonly name: Name;
      readonly inScope: readonly string[];
      /** True where the name is an axis of the grid, which is read as `q.y`, `k.y` or `len(y)`. */
      readonly gridAxis?: true;
    }
  | {
      readonly code: "E0202";
      readonly kind: "unknown-import";
      readonly name: Name;
      readonly from: string;
      readonly available: readonly string[];
    }
  | { readonly code: "E0203"; readonly kind: "duplicate-name"; readonly name: Name; readonly first: Span }
  | {
      readonly code: "E0204";
      readonly kind: "reserved-name";
      readonly name: Name;
      readonly as: "declaration" | "parameter" | "axis";
      readonly meaning: "reserved" | "built-in function" | "axis" | "shape";
    }
  /** `chain` leads from the declaration back to itself; every name is the place of the use. */
  | {
      readonly code: "E0205";
      readonly kind: "recursive-declaration";
      readonly name: Name;
      readonly chain: readonly Name[];
    }
  | {
      readonly code: "E0206";
      readonly kind: "unknown-function";
      readonly name: Name;
      readonly inScope: readonly string[];
      readonly reduction?: true;
    }
  | { readonly code: "E0207"; readonly kind: "unknown-axis"; readonly at: Span; readonly axes: readonly string[] }
  /** `axes` is absent where the attention has no grid. */
  | {
      readonly code: "E0208";
      readonly kind: "unknown-coordinate";
      readonly object: Name;
      readonly member: Name;
      readonly axes?: readonly string[];
      readonly calledFrom?: Span;
    }
  | {
      readonly code: "E0209";
      readonly kind: "not-visible-here";
      readonly name: Name;
      readonly place: PlaceName;
      readonly visible: readonly string[];
    }
  /** A tensor with an axis that is bound to a position which the place does not have. */
  | {
      readonly code: "E0210";
      readonly kind: "axis-not-visible-here";
      readonly tensor: Name;
      readonly axis: string;
      readonly place: PlaceName;
    }
  | {
      readonly code: "E0211";
      readonly kind: "wrong-kind-of-name";
      readonly name: Name;
      readonly found: NameKind;
      readonly wanted: "value" | "function" | "tensor" | "score" | "number" | "sparsity" | "permutation";
      readonly place: PlaceName;
      readonly declared?: Span;
    }
  | { readonly code: "E0212"; readonly kind: "no-coordinates"; readonly object: Name; readonly member: Name }
  | { readonly code: "W0201"; readonly kind: "unused-import"; readonly name: Name; readonly from: string }
  | { readonly code: "W0202"; readonly kind: "unused-parameter"; readonly name: Name; readonly of: Name };
