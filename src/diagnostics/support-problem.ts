// What the language has and this version does not compile yet: E05xx.

import type { Name, Span } from "../source/span.ts";
import type { PlaceName } from "./name-problem.ts";

export type SupportProblem =
  | { readonly code: "E0501"; readonly kind: "declaration-unsupported"; readonly at: Span; readonly construct: string }
  | { readonly code: "E0502"; readonly kind: "clause-unsupported"; readonly at: Span; readonly construct: string }
  | { readonly code: "E0503"; readonly kind: "expression-unsupported"; readonly at: Span; readonly construct: string }
  /** A sum over the vectors has no one f32 value on which all targets agree. */
  | { readonly code: "E0504"; readonly kind: "vector-in-decision"; readonly name: Name }
  | {
      readonly code: "E0505";
      readonly kind: "value-product-unsupported";
      readonly at: Span;
      readonly left: string;
      readonly right: string;
    }
  | {
      readonly code: "E0506";
      readonly kind: "vector-arithmetic-unsupported";
      readonly at: Span;
      readonly operator: string;
    }
  | {
      readonly code: "E0507";
      readonly kind: "vector-place-unsupported";
      readonly name: Name;
      readonly place: PlaceName;
    }
  | {
      readonly code: "E0509";
      readonly kind: "reduction-misplaced";
      readonly at: Span;
      readonly operator: Name;
      readonly place: PlaceName;
    }
  | { readonly code: "E0508"; readonly kind: "axis-unsupported"; readonly name: Name };
