// Is an attention well-formed? What must hold between passes is written here as a list of laws; a violation is a bug of
// the compiler, never of the user's file. Tests check it after lowering and after every pass.

import { findSignature } from "../ops/index.ts";
import type { ScalarType } from "../ops/op.ts";
import type { AttentionIr, Expr, Quantity } from "./expr.ts";
import { type Root, roots } from "./roots.ts";
import { SCALAR_OF } from "./scalar.ts";
import { PRODUCTS, readableTensors, type Selection, scoringTensors } from "./selection.ts";
import { isStatisticsRoot } from "./statistics.ts";
import { children, nodes } from "./walk.ts";

/** Every violation in words; none if the attention is well-formed. */
export function validate(attention: AttentionIr): readonly string[] {
  return roots(attention).flatMap((root) => {
    const place = placeOf(root, attention);
    const violations = nodes(root.expr).flatMap((expr) => LAWS.map((law) => law(expr, attention, place)));
    const wrongType = root.expr.type === place.type ? undefined : `is of type ${root.expr.type}, not ${place.type}`;
    return [...new Set([wrongType, ...violations])].flatMap((text) => (text ? [`${root.name}: ${text}`] : []));
  });
}

/** What an expression may be and read, by where it stands. */
type Place = {
  readonly type: ScalarType;
  readonly quantities: readonly Quantity[];
  readonly coordinates: readonly ("batch" | "head" | "kv" | "query" | "key")[];
};

const norms: readonly Quantity[] = ["queryNorm2", "keyNorm2", "valueNorm2"];
const ofHead = ["batch", "head", "kv"] as const;
const ofPair = [...ofHead, "query", "key"] as const;

const PLACES: Readonly<Record<string, Place>> = {
  queryStart: { type: "int", quantities: [], coordinates: ["batch"] },
  mask: { type: "bool", quantities: [], coordinates: ofPair },
  scale: { type: "float", quantities: norms, coordinates: ofPair },
  score: { type: "float", quantities: ["score", "dot", ...norms], coordinates: ofPair },
  sink: { type: "float", quantities: ["queryNorm2"], coordinates: [...ofHead, "query"] },
  weight: { type: "float", quantities: ["weight", "score", "lse", "dot", ...norms], coordinates: ofPair },
};
const EXTENT: Place = { type: "int", quantities: [], coordinates: [] };

/** Expressions of a selection, by the part of it that they are. */
const BLOCK_PLACES: Readonly<Record<string, Place>> = {
  score: { type: "float", quantities: PRODUCTS, coordinates: ofPair },
  visible: PLACES.mask!,
  ...Object.fromEntries(
    ["among", "holds", "forced", "added", "forcedByRow", "addedByRow"].map((part) => [part, PLACES.mask!]),
  ),
  ...Object.fromEntries(["least", "most"].map((part) => [part, { type: "int", quantities: [], coordinates: ofPair }])),
};

function placeOf({ name: root, expr }: Root, { selections, order }: AttentionIr): Place {
  if (isStatisticsRoot(root)) return { type: expr.type, quantities: PLACES.weight!.quantities, coordinates: ofPair };
  if (order && root.startsWith("order.")) {
    return { type: expr.type, quantities: ["dot", "weight"], coordinates: ofPair };
  }
  const [selection, part] = root.split(".");
  const found = selections.find(({ name }) => name === selection);
  if (!found) return PLACES[root] ?? EXTENT;
  // What is folded for a score is of pairs, or of rows by what their keys come to.
  if (isOfPairs(root, found)) return { type: expr.type, quantities: ["dot", "score"], coordinates: ofPair };
  if (part === "amount") return { type: found.amount.type, quantities: [], coordinates: ofPair };
  return BLOCK_PLACES[part!] ?? EXTENT;
}

const isOfPairs = (root: string, selection: Selection) =>
  scoringTensors(selection).some(({ name }) => root.startsWith(`${name}.`));

type Law = (expr: Expr, attention: AttentionIr, place: Place) => string | undefined;

const LAWS: readonly Law[] = [
  function operationsHaveTheTypeOfTheirSignature(expr) {
    if (expr.kind !== "op") return undefined;
    const types = expr.args.map(({ type }) => type);
    const result = findSignature(expr.op, types)?.result;
    return result === expr.type ? undefined : `${expr.op}(${types.join(", ")}) is not of type ${expr.type}`;
  },
  function localsComeWithThePlan(expr) {
    return expr.kind === "local" ? `reads the local ${expr.name}` : undefined;
  },
  function searchesComeWithThePlan(expr) {
    return expr.kind === "search" ? `searches ${expr.tensor}` : undefined;
  },
  function coordinatesExistInTheirPlace(expr, _, { coordinates }) {
    if (expr.kind !== "coord" || coordinates.includes(expr.axis)) return undefined;
    return `reads the coordinate ${expr.axis}`;
  },
  function quantitiesExistInTheirPlace(expr, _, { quantities }) {
    if (expr.kind !== "quantity" || quantities.includes(expr.name)) return undefined;
    return `reads the quantity ${expr.name}`;
  },
  function parametersAreDeclared(expr, { params }) {
    if (expr.kind !== "param") return undefined;
    const declared = params.find(({ name }) => name === expr.name);
    return declared?.type === expr.type ? undefined : `reads the undeclared parameter ${expr.name}: ${expr.type}`;
  },
  function tensorsAreDeclaredAndReadByAllTheirAxes(expr, attention) {
    if (expr.kind !== "load") return undefined;
    const declared = readableTensors(attention).find(({ name }) => name === expr.tensor);
    if (!declared || SCALAR_OF[declared.element] !== expr.type) return `reads the undeclared tensor ${expr.tensor}`;
    const isWhole = declared.extents.length === expr.at.length && children(expr).every(({ type }) => type === "int");
    return isWhole ? undefined : `reads ${expr.tensor} by other axes than it has`;
  },
  function namedExtentsAreKnown(expr, { shapeParams, tensors }) {
    if (expr.kind !== "extent" || !expr.extent.startsWith("axis:")) return undefined;
    const isShape = shapeParams.includes(expr.extent.slice("axis:".length));
    const isCarried = tensors.some(({ extents }) => extents.some((each) => each === expr));
    return isShape || isCarried ? undefined : `reads the unknown extent ${expr.extent}`;
  },
];
