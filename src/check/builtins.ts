// The functions that users may call, as rows: how many arguments, what they take, and which operations they stand for.
// A new function is a new row; the elaborator knows the five ways of taking arguments and no names.

import type { OpName } from "../ops/index.ts";
import type { Pooled } from "../spec/choice.ts";
import type * as spec from "../spec/spec.ts";

/** Makes nodes; arguments have types that the operation has a signature for. */
export type Make = {
  apply(op: OpName, ...args: spec.Expr[]): spec.Expr;
  zero(type: "int" | "float"): spec.Expr;
  product(left: Pooled, right: Pooled): spec.Expr;
};

type Count = { readonly fewest: number; readonly most: number };

/** `number`: all ints or all floats, ints beside floats are widened. `real`: floats. `whole`: a float gives an int, an
 *  int stays as it is. `int`: ints. `vector`: row vectors. */
export type Builtin = Count &
  (
    | {
        readonly takes: "number" | "real" | "int";
        readonly build: (make: Make, args: readonly spec.Expr[]) => spec.Expr;
      }
    | { readonly takes: "whole"; readonly op: OpName }
    | { readonly takes: "vector"; readonly build: (make: Make, rows: readonly Pooled[]) => spec.Expr }
  );

const one = { fewest: 1, most: 1 };
const two = { fewest: 2, most: 2 };

const number = (op: OpName): Builtin => ({ ...one, takes: "number", build: ({ apply }, [a]) => apply(op, a!) });
const real = (op: OpName): Builtin => ({ ...one, takes: "real", build: ({ apply }, [a]) => apply(op, a!) });
const whole = (op: OpName): Builtin => ({ ...one, takes: "whole", op });
/** Two or more arguments, folded from the left. */
const fold = (op: OpName): Builtin => ({
  fewest: 2,
  most: 16,
  takes: "number",
  build: ({ apply }, args) => args.reduce((folded, argument) => apply(op, folded, argument)),
});

const length = ({ apply, product }: Make, row: Pooled) => apply("sqrt", product(row, row));

const BUILTINS: Readonly<Record<string, Builtin>> = {
  abs: number("abs"),
  sign: number("sign"),
  min: fold("min"),
  max: fold("max"),
  /** clamp(x, low, high) = min(max(x, low), high): where low > high, high wins. */
  clamp: {
    fewest: 3,
    most: 3,
    takes: "number",
    build: ({ apply }, [x, low, high]) => apply("min", apply("max", x!, low!), high!),
  },
  relu: {
    ...one,
    takes: "number",
    build: ({ apply, zero }, [x]) => apply("max", x!, zero(x!.type === "int" ? "int" : "float")),
  },

  floor: whole("floor"),
  ceil: whole("ceil"),
  round: whole("round"),
  int: whole("truncate"),

  exp: real("exp"),
  exp2: real("exp2"),
  log: real("log"),
  log2: real("log2"),
  sqrt: real("sqrt"),
  rsqrt: real("rsqrt"),
  tanh: real("tanh"),
  sigmoid: real("sigmoid"),
  sin: real("sin"),
  cos: real("cos"),

  dot: { ...two, takes: "vector", build: ({ product }, [left, right]) => product(left!, right!) },
  norm: { ...one, takes: "vector", build: (make, [vector]) => length(make, vector!) },
  /** Division by zero gives 0, so a zero vector has cosine 0 with everything. */
  cosine: {
    ...two,
    takes: "vector",
    build: (make, [left, right]) =>
      make.apply("div", make.product(left!, right!), make.apply("mul", length(make, left!), length(make, right!))),
  },

  /** random(seed, i, j) = randomUnit(randomMix(randomMix(randomSeed(seed), i), j)). */
  random: {
    fewest: 1,
    most: 16,
    takes: "int",
    build: ({ apply }, [seed, ...ints]) =>
      apply(
        "randomUnit",
        ints.reduce((state, int) => apply("randomMix", state, int), apply("randomSeed", seed!)),
      ),
  },
};

/** The row of a function; undefined where there is none of that name. */
export const builtinOf = (name: string): Builtin | undefined =>
  Object.hasOwn(BUILTINS, name) ? BUILTINS[name] : undefined;

export const BUILTIN_NAMES: readonly string[] = Object.keys(BUILTINS);
