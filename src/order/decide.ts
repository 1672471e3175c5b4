// `permute auto`: one of the possible orders is taken when the attention is compiled, or none. A kernel serves all lengths, so
// the walk is tried on a call of a usual size, with parameters as they are by default.

import type { Target } from "../../targets/target.ts";
import type { Outcome, Problem } from "../diagnostics/problem.ts";
import { evaluator, startPoint } from "../ir/evaluate.ts";
import { gridTokens } from "../ir/lower.ts";
import type { Value } from "../ops/op.ts";
import { findUncompiled } from "../schedule/uncompiled.ts";
import type { Case } from "../spec/case.ts";
import type { Permutation } from "../spec/choice.ts";
import { nodesWithin } from "../spec/parts.ts";
import type { Attention, Clause, Expr, Param } from "../spec/spec.ts";
import { makeTensor } from "../tensors/elements.ts";
import { orderDensities } from "./densities.ts";

/** An order moves every row, which is worth it from this share of what is visited without it. */
const WORTH_MOVING = 0.9;

/** Lengths of the axes of a grid that the call alone knows, by how many there are; keys without a grid. */
const USUAL_AXES: Readonly<Record<number, number>> = { 1: 4096, 2: 64, 3: 16 };
const USUAL_KEYS = 4096;
const USUAL_HEADS = 8;

type Consts = Readonly<Record<string, Value>>;

/** The attention with the order that it is compiled with; as it is where it leaves none open.
 *  Problems: E0609. */
export function decideOrder(attention: Attention, target: Target, consts: Consts): Outcome<Attention> {
  const { orders, ...plain } = attention;
  if (!orders) return { value: attention, problems: [] };
  const possible = orders.filter((permutation) => findUncompiled({ ...plain, permutation }, target).length === 0);
  const masks = attention.masks.filter(({ value }) => !readsTensors(value, attention));
  if (possible.length === 0 || masks.length === 0) return { value: plain, problems: [] };
  const known = attention.params.filter(({ name, default: preset }) => (consts[name] ?? preset) !== undefined);
  const unknown = attention.params.filter((param) => !known.includes(param) && isRead(param, masks, possible));
  if (unknown.length > 0) return { value: plain, problems: unknown.map((param) => undecided(plain, param)) };
  const params = Object.fromEntries(known.map(({ name, default: preset }) => [name, consts[name] ?? preset!]));
  const [unmoved, ...moved] = orderDensities(usualCall({ ...plain, masks }, params), possible);
  const best = moved.toSorted((a, b) => a.visited - b.visited)[0]!;
  const isWorthIt = best.visited <= WORTH_MOVING * unmoved!.visited;
  return { value: isWorthIt ? { ...plain, permutation: best.order! } : plain, problems: [] };
}

/** What a captured tensor hides, and how long it is, is known to the call alone. */
const readsTensors = (mask: Expr, { grid }: Attention) =>
  nodesWithin(mask).some(
    (node) =>
      node.kind === "element" ||
      (node.kind === "length" && !LENGTHS.includes(node.axis) && !grid?.axes.some(({ name }) => name === node.axis)),
  );

const LENGTHS = ["batch", "head", "kv", "group", "query", "key", "token"];

const isRead = ({ name }: Param, masks: readonly Clause[], orders: readonly Permutation[]) =>
  nodesWithin(
    ...masks.map(({ value }) => value),
    ...orders.flatMap(({ order }) => order.map(({ value }) => value)),
  ).some((node) => node.kind === "param" && node.name === name);

function undecided({ name: attention }: Attention, { name, span }: Param): Problem {
  return { code: "E0609", kind: "order-undecided", at: span, attention: attention.text, name };
}

const isOfHead = (node: Expr) => node.kind === "position" && (node.axis === "head" || node.axis === "kv");

/** Masks read no elements of rows, so there are none. */
function usualCall(attention: Attention, params: Consts): Case {
  const open = attention.grid?.axes.filter(({ extent }) => !extent) ?? [];
  const usual = USUAL_AXES[open.length] ?? 8;
  const axes = Object.fromEntries(open.map(({ name }) => [name, usual]));
  const keys = attention.grid ? tokensOf(attention, params, axes) : USUAL_KEYS;
  const tellsHeads = nodesWithin(...attention.masks.map(({ value }) => value)).some(isOfHead);
  const heads = tellsHeads ? USUAL_HEADS : 1;
  const none = makeTensor("f32", [0], []);
  return {
    attention,
    shape: { batch: 1, heads, kvHeads: heads, queries: keys, keys, dim: 64, valueDim: 64, axes },
    params,
    tensors: {},
    ...{ query: none, key: none, value: none },
  };
}

function tokensOf(attention: Attention, params: Consts, axes: Case["shape"]["axes"]): number {
  const extent = (name: string) => axes[name.slice("axis:".length)] ?? 1;
  const bindings = { extent, param: (name: string) => params[name]!, load: () => 0 };
  return Number(evaluator(gridTokens(attention, { consts: params }), "decide", bindings)(startPoint()));
}
