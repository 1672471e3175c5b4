// A program around a kernel that runs one call of it: what `attnc verify` and `attnc run` compile, for a device or for the
// emulation. A call is written to it in the order of the record's fields.

import type { Program } from "../../schedule/plan.ts";
import { render } from "../template.ts";
import type { CudaHarnessView } from "../views-cuda.ts";
import { type Field, fieldOf, fieldsOf, resultsOf } from "./call.ts";
import { recordOf } from "./launcher.ts";

export function printHarness(program: Program): string {
  const fields = fieldsOf(program);
  // A call says how many bytes each has.
  const written = new Set([...resultsOf(program).map(fieldOf), "empty_rows"]);
  const view: CudaHarnessView = {
    name: program.name,
    record: recordOf(program),
    statements: fields.flatMap((field) => readField(field, written.has(field.name))),
    results: fields.map(({ name }) => name).filter((name) => written.has(name)),
  };
  return render("cuda/harness.cu", view);
}

function readField({ name, type }: Field, isWritten: boolean): string[] {
  if (isWritten) {
    return [
      `const Tensor ${name} = poisoned("${name}", read_value<long long>());`,
      `call.${name} = reinterpret_cast<${type}>(${name}.begin);`,
    ];
  }
  if (type.endsWith("[3]")) return [`read_strides(call.${name});`];
  if (type.endsWith("*")) return [`call.${name} = read_tensor<${type.slice(0, -1)}>("${name}");`];
  return [`call.${name} = read_value<${type}>();`];
}
