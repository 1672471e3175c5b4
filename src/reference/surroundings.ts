// Ties the knot between expressions and the lengths that they read: extents of a grid, its origin and the alignment are
// expressions of parameters and lengths themselves.

import type { Case } from "../spec/case.ts";
import type { Expr } from "../spec/spec.ts";
import { compile } from "./evaluate.ts";
import { type Surroundings, startPoint } from "./point.ts";

/** What the expressions of a call can see. Lengths are computed once per batch. */
export function surroundingsOf(call: Case): Surroundings {
  const lengths = new Map<string, number>();
  const remember = (what: string, batch: number, compute: () => number) => {
    const name = `${batch} ${what}`;
    const known = lengths.get(name);
    if (known !== undefined) return known;
    const value = compute();
    lengths.set(name, value);
    return value;
  };
  const valueIn = (batch: number, expr: Expr) => compile(expr, around, "decide")({ ...startPoint(), batch });
  const around: Surroundings = {
    call,
    length: (axis, batch) => remember(`len ${axis}`, batch, () => axisLength(call, axis, batch, valueIn)),
    queryStart: (batch) =>
      call.queryStart?.[batch] ?? remember("start", batch, () => valueIn(batch, call.attention.align)),
    gridOrigin: (batch) => remember("origin", batch, () => valueIn(batch, call.attention.grid!.origin)),
  };
  return around;
}

type ValueIn = (batch: number, expr: Expr) => number;

function axisLength(call: Case, axis: string, batch: number, valueIn: ValueIn): number {
  const builtIn = builtInLengths[axis];
  if (builtIn) return builtIn(call, batch);
  const gridAxis = call.attention.grid?.axes.find(({ name }) => name === axis);
  if (gridAxis) return gridAxis.extent ? valueIn(batch, gridAxis.extent) : call.shape.axes[axis]!;
  for (const { name, axes } of call.attention.tensors) {
    const place = axes.findIndex((candidate) => candidate.kind === "fresh" && candidate.name === axis);
    if (place >= 0) return call.tensors[name]!.shape[place]!;
  }
  throw new Error(`no axis ${axis}: a bug in the checker`);
}

const keysAlive = ({ keyLengths, shape }: Case, batch: number) => keyLengths?.[batch] ?? shape.keys;

const builtInLengths: Readonly<Record<string, (call: Case, batch: number) => number>> = {
  batch: ({ shape }) => shape.batch,
  head: ({ shape }) => shape.heads,
  kv: ({ shape }) => shape.kvHeads,
  group: ({ shape }) => (shape.kvHeads === 0 ? 0 : shape.heads / shape.kvHeads),
  query: ({ shape }) => shape.queries,
  key: keysAlive,
  token: keysAlive,
  dim: ({ shape }) => shape.dim,
  value_dim: ({ shape }) => shape.valueDim,
};
