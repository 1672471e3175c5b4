// Attentions of every form that the bound has a rule for, made by hand.

import type { Attention } from "../../../src/spec/spec.ts";
import {
  apply,
  attention,
  causal,
  clause,
  element,
  float,
  h,
  implicit,
  int,
  k,
  q,
  quantity,
  tensorParam,
  toFloat,
  token,
} from "../reference/specs.ts";

const s = quantity("s");
const p = quantity("p");
const random = apply(
  "float",
  "randomUnit",
  apply("int", "randomMix", apply("int", "randomMix", apply("int", "randomSeed", int(7)), q), k),
);
const distance = toFloat(apply("int", "sub", k, q));
const softcap = apply("float", "mul", float(5), apply("float", "tanh", apply("float", "div", s, float(5))));
const keep = apply(
  "float",
  "select",
  apply("bool", "lt", random, float(0.7)),
  apply("float", "mul", p, float(1 / 0.7)),
  float(0),
);

export const attentions: Readonly<Record<string, Attention>> = {
  full: attention(),
  "causal with a soft cap": attention({ masks: [causal], scores: [clause(softcap)] }),
  "documents under a sink": attention({
    tensors: [tensorParam("doc", "i32", [implicit("batch"), token], { sorted: true })],
    masks: [clause(apply("bool", "eq", element("int", "doc", q), element("int", "doc", k)))],
    normalize: { kind: "softmax", sink: float(1.3) },
  }),
  "a bias per head": attention({
    tensors: [tensorParam("slope", "f32", [implicit("head")], { range: { low: -1, high: 1 } })],
    masks: [causal],
    scores: [clause(apply("float", "add", s, apply("float", "mul", element("float", "slope"), distance)))],
  }),
  "dropout of a causal map": attention({ masks: [causal], weights: [clause(keep)] }),
  "squared weights": attention({ masks: [causal], weights: [clause(apply("float", "mul", p, p))], empty: "uniform" }),
  "rectified sum": attention({ scores: [clause(apply("float", "max", s, float(0)))], normalize: { kind: "sum" } }),
  "positive sum": attention({
    masks: [causal],
    scores: [clause(apply("float", "exp", apply("float", "mul", apply("float", "tanh", s), float(2))))],
    normalize: { kind: "sum" },
  }),
  "retention without normalising": attention({
    masks: [causal],
    scores: [clause(apply("float", "mul", s, apply("float", "exp", apply("float", "mul", distance, float(0.1)))))],
    normalize: { kind: "none" },
  }),
  "a leaky score": attention({
    scores: [
      clause(apply("float", "select", apply("bool", "gt", s, float(0)), s, apply("float", "mul", s, float(0.01)))),
    ],
  }),
  "a scale per head": attention({
    scale: clause(apply("float", "div", float(0.3), toFloat(apply("int", "add", h, int(1))))),
  }),
};
