// Where printed code finds captured tensors and their summaries, and how device functions of expressions are written:
// with the call's record as their first parameter.

import type * as ir from "../../ir/expr.ts";
import { storesCopies } from "../../ir/order.ts";
import { isHalf } from "../../ir/scalar.ts";
import { choiceTensors } from "../../ir/selection.ts";
import type { Let, Region } from "../../schedule/loop.ts";
import type { Program } from "../../schedule/plan.ts";
import { capturedBy } from "../attend-facts.ts";
import { call, closed, open } from "../simt/dialect.ts";
import { regionFunction } from "../simt/functions.ts";
import { CALLED_KV_HEADS, type Place, type Surroundings } from "../simt/scope.ts";
import { render } from "../template.ts";
import { C_TYPES, fieldOf } from "./call.ts";
import { CUDA } from "./dialect.ts";

export function surroundingsOf(program: Program): Surroundings {
  const choices = program.ir.selections.flatMap(choiceTensors).map(({ name }) => name);
  const places = capturedBy(program).map((tensor): [string, Place] => [
    tensor.name,
    { ...placeOf(tensor), clamps: choices.includes(tensor.name) },
  ]);
  const copies = storesCopies(program.ir.order) && { kvHeads: CALLED_KV_HEADS };
  return { dialect: CUDA, places: new Map(places), dims: program.dims, ...copies };
}

function placeOf(tensor: ir.Tensor): Place {
  const { element } = tensor;
  const field = `call.${fieldOf(tensor.name)}`;
  return {
    tensor,
    read: (index) => {
      // A caller in C has no halves, so its addresses are of anything.
      if (isHalf(element))
        return closed(`widen(read(static_cast<const ${C_TYPES[element].kernel}*>(${field}), ${index}))`);
      const found = `read(${field}, ${index})`;
      return element === "bool" ? open(`${found} != 0`) : closed(found);
    },
    countBelow: (...args) => call("count_below")([field, ...args].map(closed)),
  };
}

/** The name of a step as C has it. */
export const stepName = ({ name }: { readonly name: string }): string => name.replaceAll(".", "_");

export type DeviceFunction = {
  readonly code: string;
  /** Names of what it reads beside the call. */
  readonly parameters: readonly string[];
  /** Its call, with what it reads taken from where the caller says. */
  called(places?: Readonly<Record<string, string>>): string;
};

/** @param computed values that the function computes for itself, beside the region's own */
export function deviceFunction(
  name: string,
  region: Region,
  around: Surroundings,
  computed: readonly Let[] = [],
): DeviceFunction {
  const { parameters, type, statements, result } = regionFunction(name, region, around, computed);
  const declared = ["const Call& call", ...parameters.map((each) => `${each.type} ${each.name}`)];
  return {
    code: render("cuda/parts/function", { name, type, statements, result, parameters: declared.join(", ") }).trimEnd(),
    parameters: parameters.map((each) => each.name),
    called: (places = {}) =>
      `${name}(${["call", ...parameters.map((each) => places[each.name] ?? each.name)].join(", ")})`,
  };
}
