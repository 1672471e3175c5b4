// The same mask and score for FlexAttention, as Python: for people who want to compare, and who want the gradient. What
// FlexAttention has no place for is named, and then there are no functions.

import type * as ir from "../../ir/expr.ts";
import { nodes } from "../../ir/walk.ts";
import { planExpressions } from "../../schedule/expressions.ts";
import type { Region } from "../../schedule/loop.ts";
import type { AttendPlan, Program } from "../../schedule/plan.ts";
import { attendSteps } from "../../schedule/steps.ts";
import { axesOf } from "../describe-call.ts";
import { closed, open, ownName } from "../simt/dialect.ts";
import { regionFunction } from "../simt/functions.ts";
import { lengthField, type Place, type Surroundings } from "../simt/scope.ts";
import { render } from "../template.ts";
import type { FlexView } from "../views.ts";
import { PYTHON } from "./dialect.ts";

export function printFlex(program: Program): string {
  const { plan } = attendSteps(program).at(-1)!;
  const missing = missingIn(program, plan);
  const { name, ir: attention } = program;
  if (missing !== undefined) return render("flex/missing.py", { name, missing });
  const places = attention.tensors.map((tensor): [string, Place] => [tensor.name, placeOf(tensor)]);
  const around: Surroundings = { dialect: PYTHON, places: new Map(places), dims: program.dims };
  const computed = [...plan.head, ...plan.row, ...plan.key, ...plan.diagonal];
  const inFlex = ({ statements, result }: { statements: readonly string[]; result: string }) => ({
    statements,
    result,
  });
  const visible: Region = plan.mask ?? { lets: [], value: { kind: "const", type: "bool", value: true } };
  const identity: Region = { lets: [], value: { kind: "quantity", type: "float", name: "score" } };
  const view: FlexView = {
    name,
    lengths: [
      "batch",
      "heads",
      "kv_heads",
      "queries",
      "keys",
      ...axesOf(attention).map((axis) => lengthField(`axis:${axis}`)),
    ],
    tensors: attention.tensors.map((tensor) => ({ name: tensor.name, field: ownName(tensor.name) })),
    params: attention.params.map((param) => ({
      name: param.name,
      field: ownName(param.name),
      default: param.default === undefined ? "None" : PYTHON.literal(param.type, param.default).text,
    })),
    start: inFlex(regionFunction("start", { lets: [], value: attention.queryStart }, around)),
    mask: inFlex(regionFunction("mask", visible, around, computed)),
    scale: inFlex(regionFunction("scale", { lets: [], value: plan.scale.value }, around, computed)),
    score: inFlex(regionFunction("score", plan.score ?? identity, around, computed)),
  };
  return render("flex/flex.py", view);
}

function placeOf(tensor: ir.Tensor): Place {
  const field = `call.${ownName(tensor.name)}`;
  return {
    tensor,
    read: (index) => {
      const element = `read(${field}, ${index})`;
      return tensor.element === "bool" ? open(`${element} != 0`) : closed(element);
    },
    countBelow: () => {
      throw new Error("a mask searches nothing: a bug in the plan");
    },
  };
}

/** What FlexAttention has no place for, in words. */
function missingIn({ ir: attention }: Program, plan: AttendPlan): string | undefined {
  const read = nodes(...planExpressions(plan)).filter((expr) => expr.kind === "quantity");
  const norms = read.find(({ name }) => name.endsWith("Norm2"));
  if (norms) return "a score that reads the norm of a row";
  if (attention.selections.length > 0) return "blocks that a call chooses";
  if (attention.order) return "tokens stored in another order";
  if (plan.weight) return "weights after the softmax";
  if (attention.normalize.kind !== "softmax") return `normalize ${attention.normalize.kind}`;
  if (attention.normalize.sink) return "a sink";
  if (attention.empty === "uniform") return "an average for rows that see nothing";
  return undefined;
}
