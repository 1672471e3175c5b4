// From the step that finds what keys are worth to the records that its templates read. A thread has one row at hand, of queries
// for a softmax, of keys for what they are worth, and meets the others all threads at once.

import type * as ir from "../../ir/expr.ts";
import { rowsOf } from "../../ir/importance.ts";
import { quantity } from "../../ir/make.ts";
import type { FoldOp, RowRange } from "../../ir/statistics.ts";
import { nodes } from "../../ir/walk.ts";
import type { ImportancePlan, Program, StepOf } from "../../schedule/plan.ts";
import { ownName } from "../simt/dialect.ts";
import type { Surroundings } from "../simt/scope.ts";
import { render } from "../template.ts";
import type { Printed } from "../views.ts";
import { C_TYPES } from "./call.ts";
import type { WeighStep } from "./kernels.ts";
import { deviceFunction, stepName } from "./scope.ts";
import type { CudaImportanceView, CudaWeighKeysView } from "./views-order.ts";

type BlockSize = { readonly threads: number; readonly sharedBytes: number };

const FOLDS: Readonly<Record<FoldOp, { readonly empty: string; readonly join: (value: string) => string }>> = {
  sum: { empty: "0.0f", join: (value) => `worth + ${value}` },
  max: { empty: "-infinity()", join: (value) => `maximum(worth, ${value})` },
  min: { empty: "infinity()", join: (value) => `minimum(worth, ${value})` },
};

/** Who is worth something to whom. */
const SIDES = {
  key: { side: "key", facing: "query", own: "key", other: "row", alive: "keys", length: "call.keys" },
  query: { side: "query", facing: "key", own: "row", other: "key", alive: "call.queries", length: "call.queries" },
} as const;

const product = (other: string) => render("cuda/parts/pair-product", { other }).trimEnd();

export function weighView(
  program: Program,
  step: WeighStep,
  kernel: string,
  around: Surroundings,
  size: BlockSize,
): CudaWeighKeysView {
  const printer = printerOf(around);
  return {
    ...common(program, step, kernel, printer),
    ...size,
    rows: printer.bounds("row", rowsOf(step.plan.importance)),
    ...softmaxOf(step.plan, printer)!,
    product: product("own_key"),
  };
}

export function importanceView(
  program: Program,
  step: StepOf<ImportancePlan>,
  kernel: string,
  around: Surroundings,
  { threads }: BlockSize,
): CudaImportanceView {
  const printer = printerOf(around);
  const { importance } = step.plan;
  const { empty, join } = FOLDS[importance.op];
  const readsWeight = nodes(importance.value).includes(quantity("weight"));
  const softmax = readsWeight ? softmaxOf(step.plan, printer) : undefined;
  const own = common(program, step, kernel, printer);
  const { side, facing, ...names } = SIDES[importance.of];
  const { queryElement, keyElement, ...others } = own;
  return {
    ...{ ...others, ...names, keyElement, side },
    ...{ threads, empty, join: join(printer.call("worth_of", importance.value)) },
    along: printer.bounds("place", importance.along),
    pass: importance.asked
      ? `const int query = add(query_start, row);\nif (!${printer.call("is_asked", importance.asked)}) return;`
      : "",
    skip: importance.takes ? `if (!${printer.call("takes_part", importance.takes)}) continue;` : "",
    ownRow: render(`cuda/parts/own-${side}`, { queryElement, keyElement }).trimEnd(),
    otherRow: render(`cuda/parts/own-${facing}`, { queryElement, keyElement }).trimEnd(),
    product: product(`own_${facing}`),
    weigh: softmax ? render("cuda/parts/weigh-key", softmax).trimEnd() : "",
    importance: ownName(importance.tensor.name),
  };
}

type Printer = ReturnType<typeof printerOf>;

/** Calls of functions, which it collects. */
function printerOf(around: Surroundings) {
  const functions: Printed[] = [];
  const call = (name: string, value: ir.Expr): string => {
    const { code, called } = deviceFunction(name, { lets: [], value }, around);
    functions.push({ code });
    return called();
  };
  const bounds = (name: string, { first, end }: RowRange) => ({
    first: call(`first_of_${name}s`, first),
    end: call(`end_of_${name}s`, end),
  });
  return { functions, call, bounds };
}

function softmaxOf({ importance: { softmax }, statistics }: Omit<ImportancePlan, "kind">, { call, bounds }: Printer) {
  if (!softmax) return undefined;
  return { of: call("value_of", softmax.of), keys: bounds("key", softmax.keys), statistics: ownName(statistics!) };
}

function common(
  { buffers }: Program,
  step: StepOf<ImportancePlan> | WeighStep,
  kernel: string,
  { functions }: Printer,
) {
  const { dims } = step.plan;
  const elementOf = (tensor: string) => C_TYPES[buffers.find(({ name }) => name === tensor)!.element].kernel;
  return {
    ...{ step: stepName(step), kernel, dim: dims.dim, functions },
    ...{ queryElement: elementOf("query"), keyElement: elementOf("key") },
  };
}
