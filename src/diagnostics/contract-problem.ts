// Problems of parameters, their contracts, the axes of captured tensors, and calls: E041x to E043x; clauses of an
// attention: E044x and on; and the warnings beside them, W04xx.

import type { Name, Span } from "../source/span.ts";

/** Inclusive bounds as they are shown; a missing end is open. */
export type ShownRange = { readonly low?: number; readonly high?: number };

export type CallProblem =
  | {
      readonly code: "E0401";
      readonly kind: "empty-range";
      readonly at: Span;
      readonly low: number;
      readonly high: number;
    }
  | {
      readonly code: "E0402";
      readonly kind: "default-outside-range";
      readonly at: Span;
      readonly name: Name;
      readonly range: ShownRange;
      readonly rangeAt: Span;
    }
  | { readonly code: "E0403"; readonly kind: "bound-not-constant"; readonly at: Span }
  | {
      readonly code: "E0404";
      readonly kind: "contract-misplaced";
      readonly at: Span;
      readonly contract: "in" | "sorted";
      readonly name: Name;
      readonly of: string;
    }
  | { readonly code: "E0405"; readonly kind: "const-tensor"; readonly name: Name }
  | { readonly code: "E0406"; readonly kind: "tensor-default"; readonly at: Span; readonly name: Name }
  | { readonly code: "E0407"; readonly kind: "default-not-constant"; readonly at: Span; readonly name: Name }
  | { readonly code: "E0408"; readonly kind: "parameter-without-type"; readonly name: Name }
  | { readonly code: "E0409"; readonly kind: "default-before-required"; readonly name: Name; readonly after: Name }
  | { readonly code: "E0410"; readonly kind: "name-of-an-input"; readonly name: Name }
  | {
      readonly code: "E0411";
      readonly kind: "argument-count";
      readonly name: Name;
      readonly of: "fn" | "mask" | "score";
      readonly found: number;
      readonly fewest: number;
      readonly parameters: readonly string[];
      readonly declared: Span;
    }
  | {
      readonly code: "E0412";
      readonly kind: "argument-outside-range";
      readonly at: Span;
      readonly parameter: Name;
      readonly range: ShownRange;
      /** Where the argument is a parameter whose default breaks the promise: the default, and the place of the use. */
      readonly default?: { readonly value: number; readonly passed: Span };
      readonly calledFrom?: Span;
    }
  | { readonly code: "E0413"; readonly kind: "argument-not-const"; readonly at: Span; readonly parameter: Name }
  | {
      readonly code: "E0414";
      readonly kind: "argument-not-tensor";
      readonly at: Span;
      readonly parameter: Name;
      readonly type: string;
    }
  | {
      readonly code: "E0415";
      readonly kind: "tensors-differ";
      readonly at: Span;
      readonly parameter: Name;
      readonly wanted: string;
      readonly found: string;
    }
  | {
      readonly code: "E0416";
      readonly kind: "index-count";
      readonly at: Span;
      readonly tensor: Name;
      readonly type: string;
      readonly found: number;
      readonly axes: readonly string[];
    }
  | {
      readonly code: "E0417";
      readonly kind: "tensor-without-index";
      readonly name: Name;
      readonly type: string;
      readonly axes: readonly string[];
    }
  | { readonly code: "E0418"; readonly kind: "axis-not-constant"; readonly at: Span }
  | {
      readonly code: "E0419";
      readonly kind: "extent-not-positive";
      readonly at: Span;
      readonly of: "axis" | "grid" | "block";
    }
  | {
      readonly code: "W0403";
      readonly kind: "contract-unproved";
      readonly at: Span;
      readonly parameter: Name;
      readonly range: ShownRange;
    };

export type ClauseProblem =
  | {
      readonly code: "E0441";
      readonly kind: "unknown-normalize";
      readonly name: Name;
      readonly known: readonly string[];
    }
  | { readonly code: "E0442"; readonly kind: "sink-misplaced"; readonly at: Span; readonly form: Name }
  | { readonly code: "E0443"; readonly kind: "unknown-empty"; readonly name: Name; readonly known: readonly string[] }
  | { readonly code: "E0444"; readonly kind: "unknown-output"; readonly name: Name }
  | { readonly code: "E0445"; readonly kind: "score-not-alone"; readonly name: Name; readonly at: Span }
  | { readonly code: "E0446"; readonly kind: "too-large"; readonly at: Span; readonly most: number }
  | { readonly code: "E0447"; readonly kind: "too-deep"; readonly at: Span; readonly most: number }
  /** What can be written is in `forms`. */
  | {
      readonly code: "E0448";
      readonly kind: "rule-form";
      readonly at: Span;
      readonly keyword: Name;
      readonly forms: readonly string[];
    }
  | {
      readonly code: "E0449";
      readonly kind: "rule-missing";
      readonly at: Span;
      readonly keyword: string;
      readonly of: "sparsity" | "permutation";
    }
  | { readonly code: "E0450"; readonly kind: "size-not-constant"; readonly at: Span }
  /** `permute auto` beside a sparsity, whose blocks are those of the stored order. */
  | { readonly code: "E0451"; readonly kind: "order-left-open"; readonly at: Span; readonly sparsity: Span }
  /** `selection` where it is not clear which sparsity is meant. */
  | {
      readonly code: "E0452";
      readonly kind: "selection-of-none-or-several";
      readonly at: Span;
      readonly sparsities: readonly Span[];
    }
  /** `blocks by` something that is no sorted list of tokens. */
  | { readonly code: "E0453"; readonly kind: "bounds-type"; readonly at: Span; readonly found: string }
  | { readonly code: "W0401"; readonly kind: "mask-never-true"; readonly at: Span }
  | { readonly code: "W0402"; readonly kind: "mask-always-true"; readonly at: Span }
  /** A score that does not read `s` although scores stand before it. */
  | { readonly code: "W0404"; readonly kind: "score-discarded"; readonly at: Span; readonly first: Span };

export type ContractProblem = CallProblem | ClauseProblem;
