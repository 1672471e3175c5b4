// What an expression is elaborated in: the graph that its nodes go to, the names that it sees, and the place that it
// stands in. A workspace is shared by everything that belongs to one attention (or to one declaration that is checked
// on its own); an environment is one body within it.

import type { Name, Span } from "../source/span.ts";
import type { Pooled } from "../spec/choice.ts";
import type * as spec from "../spec/spec.ts";
import type { Graph } from "./graph.ts";
import type { Place } from "./place.ts";
import type { Declarations, Entry, Report } from "./resolve.ts";
import type { Signature } from "./signature.ts";

/** A number, or one of the row vectors. */
export type Operand = spec.Expr | VectorOperand;
export type VectorOperand = {
  readonly kind: "vector";
  readonly type: "vector";
  readonly name: spec.Vector;
  /** What reductions and a factor make of it. */
  readonly pooled?: Omit<Pooled, "of">;
};

/** A captured tensor as a body sees it: its axes mean the same under whatever name it is passed on. */
export type Captured = {
  readonly name: string;
  readonly element: spec.ElementType;
  readonly axes: readonly spec.TensorAxis[];
  readonly range: spec.Range;
};

export type Binding =
  /** `undefined`: nothing is known because a mistake was reported, or because a `fn` is looked at without a call. */
  | { readonly kind: "value"; readonly value: Operand | undefined }
  | { readonly kind: "tensor"; readonly tensor: Captured | undefined }
  /** A fresh axis name, which stands for its extent. */
  | { readonly kind: "axis"; readonly extent: spec.Expr };

/** What the names of a parameter list stand for. */
export type Bound = {
  readonly bindings: ReadonlyMap<string, Binding>;
  /** Parameters that the axes of tensors mention. */
  readonly tensorAxes: ReadonlySet<string>;
};

/** What is promised of an input beyond its own declaration, because it is passed to something that asks for it. */
export type Promises = { readonly range: spec.Range; readonly sorted: boolean; readonly asked: readonly Asked[] };

/** Who asks for a range, and where the input is passed to it. */
export type Asked = { readonly at: Span; readonly parameter: Name; readonly range: spec.Range };

export type Workspace = {
  readonly graph: Graph;
  readonly report: Report;
  /** Errors so far: what follows from an error is not worth a warning. */
  readonly errors: () => number;
  readonly declarations: Declarations;
  readonly signatures: ReadonlyMap<Entry, readonly Signature[]>;
  /** Results of calls by declaration and argument nodes. */
  readonly calls: Map<string, Operand | undefined>;
  /** Everything that was called. */
  readonly called: Set<Entry>;
  /** Axes of the grid; `any` where the declaration is looked at without an attention. */
  grid: readonly string[] | "any" | undefined;
  /** Parameters of every declaration, where declarations are looked at by themselves: then calls are not expanded. */
  readonly own?: ReadonlyMap<Entry, Bound>;
  /** By name of a parameter; absent where there is no attention that could promise something. */
  readonly promises: Map<string, Promises> | undefined;
  /** True once something could not be elaborated, whether it was reported here or elsewhere. */
  broken: boolean;
  /** How many expressions are open, one within the other, through all calls. */
  level: number;
};

export type Environment = {
  readonly workspace: Workspace;
  /** Index of the file whose declarations are in scope. */
  readonly file: number;
  readonly place: Place;
  readonly bindings: ReadonlyMap<string, Binding>;
  /** Collects the parameters that are read; absent in bodies that were called. */
  readonly used?: Set<string>;
  /** The outermost call that led here. */
  readonly calledFrom?: Span;
};

export const report = (env: Environment): Report => env.workspace.report;

/** For problems that lie in a body but may be due to the call. */
export const origin = (env: Environment): { readonly calledFrom?: Span } =>
  env.calledFrom ? { calledFrom: env.calledFrom } : {};

/** The binding of a parameter, which counts as read. */
export function lookUp(env: Environment, name: Name): Binding | undefined {
  const binding = env.bindings.get(name.text);
  if (binding) env.used?.add(name.text);
  return binding;
}

/** The declaration that a name stands for, unless a parameter shadows it. */
export function declarationOf(env: Environment, name: Name): Entry | "broken" | undefined {
  return env.bindings.has(name.text) ? undefined : env.workspace.declarations.scopes[env.file]?.get(name.text);
}
