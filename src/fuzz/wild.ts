// Terms of any shape: each operator as likely as the next, on whatever it takes. Few of them make an interesting mask by
// themselves, so they are mixed into masks that are; alone they reach what nobody thought of.

import type { ScalarType } from "../ops/op.ts";
import type { Numbers } from "../verify/numbers.ts";
import {
  anyParam,
  anyPosition,
  coordinate,
  element,
  GRID_AXES,
  length,
  TENSORS,
  typeOfTensor,
  writtenAxes,
} from "./leaves.ts";
import { OPERATOR_NAMES, OPERATORS, type Operator, termOf } from "./operators.ts";
import { bool, float, int, type Term } from "./term.ts";

/** Rows by type and by name: every name is as likely as the next, however many types it has. */
function rowsOf(type: ScalarType): readonly (readonly Operator[])[] {
  const own = OPERATORS.filter((row) => row.type === type);
  return OPERATOR_NAMES.map((name) => own.filter((row) => row.name === name)).filter((rows) => rows.length > 0);
}

const ROWS = { int: rowsOf("int"), float: rowsOf("float"), bool: rowsOf("bool") } as const;

/** A term of the type with at most `depth` operations on top of one another. */
export function wild(numbers: Numbers, type: ScalarType, depth: number): Term {
  if (depth <= 0 || numbers.unit() < 0.1) return wildLeaf(numbers, type, depth);
  const row = numbers.pick(numbers.pick(ROWS[type]));
  return termOf(
    row,
    row.takes.map((wanted) => {
      // An int may stand where a float is wanted.
      const given = wanted === "float" && numbers.unit() < 0.3 ? "int" : wanted;
      return wild(numbers, given, depth - 1);
    }),
  );
}

const EXTREMES = [0, 1, -1, 2, 7, 16, 31, 64, -5, 2 ** 31 - 1, -(2 ** 31), 2 ** 30];
const FLOATS = ["0.0", "0.5", "1.0", "2.0", "-1.0", "0.25", "3.5", "100.0", "-0.75"];

function wildLeaf(numbers: Numbers, type: ScalarType, depth: number): Term {
  const chance = numbers.unit();
  if (chance < 0.2 && depth > 0) return wildElement(numbers, type, depth - 1);
  if (chance < 0.4) return anyParam(numbers, type);
  if (type === "bool") return chance < 0.5 ? bool(numbers.unit() < 0.5) : wildElement(numbers, type, depth - 1);
  if (type === "float") return chance < 0.7 ? float(numbers.pick(FLOATS)) : wildElement(numbers, type, depth - 1);
  if (chance < 0.6) return int(numbers.unit() < 0.5 ? numbers.int(-9, 40) : numbers.pick(EXTREMES));
  if (chance < 0.66) return numbers.pick([length("key"), length("query"), length("head")]);
  if (chance < 0.72) return coordinate(numbers.pick(["q", "k"]), numbers.pick(GRID_AXES));
  return anyPosition(numbers);
}

/** An element at a position, or at anything. */
function wildElement(numbers: Numbers, type: ScalarType, depth: number): Term {
  const names = Object.keys(TENSORS).filter((name) => typeOfTensor(name) === type);
  const name = numbers.pick(names);
  const at = writtenAxes(name).map(() =>
    depth > 0 && numbers.unit() < 0.3 ? wild(numbers, "int", depth) : anyPosition(numbers),
  );
  return element(name, ...at);
}
