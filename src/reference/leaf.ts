// How each leaf of an expression gets its number at a point: positions, lengths, parameters, coordinates of a grid,
// elements of captured tensors, products of row vectors. Booleans are 0 and 1, so that all values fit one array.

import { OPS } from "../ops/index.ts";
import type { Case } from "../spec/case.ts";
import type { Expr, TensorAxis, TensorParam, Vector } from "../spec/spec.ts";
import { floats } from "../tensors/elements.ts";
import type { Point, Surroundings } from "./point.ts";
import { pooledProduct } from "./pooled.ts";
import { reducer } from "./reduce.ts";

/** Reads a value at a point. `at` holds the indices of an element; it is empty for every other leaf. */
export type Reader = (point: Point, at: readonly number[]) => number;
type Leaf<Kind extends Expr["kind"]> = (expr: Extract<Expr, { kind: Kind }>, around: Surroundings) => Reader;

/** The reader of an expression that is not an `apply`. Run-time floats are rounded to f32 here, once and for all. */
export function readerOf(expr: Exclude<Expr, { kind: "apply" }>, around: Surroundings): Reader {
  return (leaves[expr.kind] as Leaf<typeof expr.kind>)(expr as never, around);
}

const leaves: { readonly [Kind in Exclude<Expr["kind"], "apply">]: Leaf<Kind> } = {
  literal({ value }) {
    const number = Number(value);
    return () => number;
  },
  position({ axis }, { call: { shape } }) {
    if (axis === "kv") return (point) => kvHead(point.head, shape);
    return (point) => point[axis];
  },
  coordinate(expr, around) {
    return coordinate(expr, around);
  },
  length({ axis }, around) {
    return (point) => around.length(axis, point.batch);
  },
  quantity({ name }) {
    return (point) => point[name];
  },
  param({ name, type }, { call }) {
    const value = Number(call.params[name]);
    const rounded = type === "float" ? Math.fround(value) : value;
    return () => rounded;
  },
  element({ tensor }, around) {
    return element(around.call.attention.tensors.find(({ name }) => name === tensor)!, around);
  },
  product(expr, { call }) {
    return sumOfProducts(expr, call, (term) => term);
  },
  block({ of }) {
    return of === "query" ? ({ i }) => i : ({ j }) => j;
  },
  chosen:
    (_, { chosen }) =>
    (point) =>
      Number(chosen!(point)),
  reduce: ({ reduction }, around) => reducer(reduction, around),
  pooled: (expr, around) => pooledProduct(expr, around),
};

/** The KV head that a query head reads. */
export function kvHead(head: number, shape: { readonly heads: number; readonly kvHeads: number }): number {
  return Math.floor(head / (shape.heads / shape.kvHeads));
}

const [floorDiv] = OPS.floorDiv.signatures;
const [floorMod] = OPS.floorMod.signatures;

/** Row-major: the coordinate counts steps of the product of the inner extents. The outermost axis is not wrapped, so
 *  that tokens before and after the grid have coordinates outside of it instead of somebody else's. */
function coordinate({ of, axis }: Extract<Expr, { kind: "coordinate" }>, around: Surroundings): Reader {
  const axes = around.call.attention.grid!.axes.map(({ name }) => name);
  const place = axes.indexOf(axis);
  return (point) => {
    const token = (point[of] - around.gridOrigin(point.batch)) | 0;
    const inner = axes.slice(place + 1).reduce((step, name) => Math.imul(step, around.length(name, point.batch)), 1);
    const steps = floorDiv.eval(token, inner) as number;
    return place === 0 ? steps : (floorMod.eval(steps, around.length(axis, point.batch)) as number);
  };
}

/** The vector's elements, and where its row starts at a point. */
type Rows = { readonly values: ArrayLike<number>; readonly width: number; readonly start: (point: Point) => number };

export function vectorOf({ shape, query, key, value }: Case, vector: Vector): Rows {
  const { heads, kvHeads, queries, keys, dim, valueDim } = shape;
  const ofKey = ({ batch, head, key: k }: Point) => (batch * kvHeads + kvHead(head, shape)) * keys + k;
  const ofQuery = ({ batch, head, row }: Point) => (batch * heads + head) * queries + row;
  const rows = {
    Q: { tensor: query, width: dim, row: ofQuery },
    K: { tensor: key, width: dim, row: ofKey },
    V: { tensor: value, width: valueDim, row: ofKey },
  };
  const { tensor, width, row } = rows[vector];
  return { values: floats(tensor), width, start: (at) => row(at) * width };
}

/** Σ |x · y| over the terms of a product: what rounding errors of the sum are measured by. */
export function magnitudeOf(product: Product, around: Surroundings): Reader {
  return sumOfProducts(product, around.call, Math.abs);
}

type Product = Extract<Expr, { kind: "product" }>;

function sumOfProducts(product: Product, call: Case, term: (value: number) => number): Reader {
  const left = vectorOf(call, product.left);
  const right = vectorOf(call, product.right);
  return (point) => {
    const atLeft = left.start(point);
    const atRight = right.start(point);
    let sum = 0;
    for (let d = 0; d < left.width; d++) sum += term(left.values[atLeft + d]! * right.values[atRight + d]!);
    return sum;
  };
}

/** An element of a captured tensor: implicit axes take the current batch and head, every index is clamped to its axis. */
function element(param: TensorParam, around: Surroundings): Reader {
  const tensor = around.call.tensors[param.name]!;
  const values = floats(tensor);
  return (point, at) => {
    let written = 0;
    let index = 0;
    param.axes.forEach((axis, place) => {
      const wanted = axis.kind === "implicit" ? implicit[axis.axis](point, around) : at[written++]!;
      const extent = tensor.shape[place]!;
      index = index * extent + clampToAxis(wanted, axis, extent, point, around);
    });
    const value = values[index] ?? 0;
    return param.element === "bool" ? Number(value !== 0) : value;
  };
}

const implicit = {
  batch: (point: Point) => point.batch,
  head: (point: Point) => point.head,
  kv: (point: Point, { call: { shape } }: Surroundings) => kvHead(point.head, shape),
};

/** A `query` axis holds this call's rows, whose positions may wrap around; of `key` and `token` axes only the part that is alive may be read. */
function clampToAxis(wanted: number, axis: TensorAxis, extent: number, point: Point, around: Surroundings): number {
  const named = axis.kind === "position" ? axis.axis : axis.kind;
  const place = named === "query" ? (wanted - around.queryStart(point.batch)) | 0 : wanted;
  const alive = named === "key" || named === "token" ? Math.min(extent, around.length("key", point.batch)) : extent;
  return Math.max(0, Math.min(place, alive - 1));
}
