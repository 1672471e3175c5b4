// `mean[query: last 32] p`: reductions of numbers and of rows, and what may be done with a row that is made of rows.

import type { Expectation } from "../diagnostics/type-problem.ts";
import type { AxisRange, Pooled, ReducedAxis, Reduction } from "../spec/choice.ts";
import type * as spec from "../spec/spec.ts";
import type * as ast from "../syntax/ast.ts";
import type { Elaborate } from "./arguments.ts";
import { type Axes, hasAxis, pooledAxes } from "./axes.ts";
import { type Environment, type Operand, report, type VectorOperand } from "./environment.ts";
import { apply, axesOf, literal, reduce } from "./graph.ts";
import { convert, toFloat } from "./operands.ts";

type Node = Extract<ast.Expr, { kind: "reduce" }>;

export const REDUCED_AXES: readonly ReducedAxis[] = ["query", "key", "head", "kv", "group"];
/** In a sparsity, whose other axes are those of a block: all keys of a row. */
const WHOLE_ROW = "row";
const ROW_REDUCTIONS = ["sum", "mean", "max", "min"] as const;

/** What an operation takes, and what it gives; `same` is the operand's type. */
const OPERATIONS: Readonly<
  Record<Reduction["op"], { takes: "number" | "real" | "bool"; gives: spec.Expr["type"] | "same" }>
> = {
  sum: { takes: "number", gives: "same" },
  max: { takes: "number", gives: "same" },
  min: { takes: "number", gives: "same" },
  mean: { takes: "real", gives: "float" },
  count: { takes: "bool", gives: "int" },
  any: { takes: "bool", gives: "bool" },
  all: { takes: "bool", gives: "bool" },
  rank: { takes: "number", gives: "int" },
  softmax: { takes: "real", gives: "float" },
  avg_pool: { takes: "real", gives: "float" },
  max_pool: { takes: "real", gives: "float" },
};

/** Problems: E0207, E0301, E0309, E0310, E0448, E0509, E0510. */
export function elaborateReduction(env: Environment, expr: Node, elaborate: Elaborate): Operand | undefined {
  const { graph } = env.workspace;
  const op = expr.operator.text as Reduction["op"];
  if (!env.place.reductions) {
    report(env)({
      code: "E0509",
      kind: "reduction-misplaced",
      at: expr.span,
      operator: expr.operator,
      place: env.place.name,
    });
    return undefined;
  }
  const whole = expr.axis.text === WHOLE_ROW && env.place.blocks;
  const axis = whole ? "key" : REDUCED_AXES.find((known) => known === expr.axis.text);
  if (!axis) {
    const axes = [...REDUCED_AXES, ...(env.place.blocks ? [WHOLE_ROW] : [])];
    report(env)({ code: "E0207", kind: "unknown-axis", at: expr.axis.span, axes });
    return undefined;
  }
  const pools = op === "avg_pool" || op === "max_pool";
  if (pools !== (expr.width !== undefined)) {
    const forms = [pools ? `${op}[${axis}, WIDTH] x` : `${op}[${axis}] x`];
    report(env)({ code: "E0448", kind: "rule-form", at: expr.span, keyword: expr.operator, forms });
    return undefined;
  }
  const range = elaborateRange(env, expr.range, elaborate);
  const width = expr.width && elaborateWith(env, expr.width, "int", { of: "width" }, elaborate);
  const operand = elaborate(env, expr.operand);
  if (!operand || range === "broken" || (expr.width && !width)) return undefined;
  if (operand.kind === "vector") return reduceRow(env, expr, axis, whole, range, operand);
  const { takes, gives } = OPERATIONS[op];
  const placed = { operand, at: expr.operand.span };
  const wanted = takes === "real" || (takes === "number" && operand.type === "bool") ? "float" : takes;
  const node = wanted === "number" ? operand : convert(env, placed, wanted, { of: "reduction", name: expr.operator });
  if (!node) return undefined;
  const type = gives === "same" ? node.type : gives;
  return reduce(graph, type, {
    op,
    axis,
    ...(whole && { whole }),
    ...(range && { range }),
    ...(width && { width }),
    operand: node,
  });
}

/** The node of a part that must have the given type. */
function elaborateWith(
  env: Environment,
  expr: ast.Expr,
  type: spec.Expr["type"],
  expectation: Expectation,
  elaborate: Elaborate,
): spec.Expr | undefined {
  const operand = elaborate(env, expr);
  return operand && convert(env, { operand, at: expr.span }, type, expectation);
}

function elaborateRange(
  env: Environment,
  range: ast.Range | undefined,
  elaborate: Elaborate,
): AxisRange | "broken" | undefined {
  if (!range) return undefined;
  const { form, value } = range;
  if (form.text === "where") {
    const condition = elaborateWith(env, value, "bool", { of: "condition" }, elaborate);
    return condition ? { kind: "where", condition } : "broken";
  }
  const count = elaborateWith(env, value, "int", { of: "range" }, elaborate);
  return count ? { kind: form.text as "first" | "last", count } : "broken";
}

/** Rows are reduced element by element. Problems: E0310, E0506. */
function reduceRow(
  env: Environment,
  { operator, span, operand: inner }: Node,
  axis: ReducedAxis,
  whole: boolean,
  range: AxisRange | undefined,
  operand: VectorOperand,
): VectorOperand | undefined {
  const op = ROW_REDUCTIONS.find((known) => known === operator.text);
  const { reductions = [], factor } = operand.pooled ?? {};
  // A factor that does not change along the axis may as well stand outside of a sum.
  const commutes = !factor || (isLinear(operator.text) && !hasAxis(axesOf(env.workspace.graph, factor), axis));
  if (!op || !commutes || whole) {
    report(env)({ code: "E0506", kind: "vector-arithmetic-unsupported", at: inner.span, operator: operator.text });
    return undefined;
  }
  if (!hasAxis(axesOfRow(env, operand), axis)) {
    report(env)({ code: "E0310", kind: "axis-missing", at: span, axis, row: operand.name });
    return undefined;
  }
  const step = { op, axis, ...(range && { range }) };
  return { ...operand, pooled: { reductions: [...reductions, step], ...(factor && { factor }) } };
}

const isLinear = (operator: string) => operator === "sum" || operator === "mean";

/** A row that is made of rows, times a number or divided by one; undefined where the operands are something else. */
export function scaleRow(env: Environment, operator: string, left: Operand, right: Operand): VectorOperand | undefined {
  const { graph } = env.workspace;
  const [row, number] = left.kind === "vector" ? [left, right] : [right, left];
  if (row.kind !== "vector" || !row.pooled || number.kind === "vector" || number.type === "bool") return undefined;
  if (operator !== "*" && !(operator === "/" && row === left)) return undefined;
  const value = toFloat(env, number);
  const by = operator === "*" ? value : apply(graph, "div", [literal(graph, "float", 1), value]);
  const factor = row.pooled.factor ? apply(graph, "mul", [row.pooled.factor, by]) : by;
  return { ...row, pooled: { ...row.pooled, factor } };
}

/** A row as an operand of a product. */
export const rowOf = ({ name, pooled }: VectorOperand): Pooled => ({ of: name, reductions: [], ...pooled });

const axesOfRow = (env: Environment, operand: VectorOperand): Axes =>
  pooledAxes(rowOf(operand), (part) => axesOf(env.workspace.graph, part));
