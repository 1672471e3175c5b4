// `sparsity NAME(...) { blocks ... score ... keep ... }` → what it means. Language, §4 and exact rule 11.

import type { Span } from "../source/span.ts";
import type { BlockSide, KeepRule, Region, Share, Sparsity } from "../spec/choice.ts";
import type * as spec from "../spec/spec.ts";
import type * as ast from "../syntax/ast.ts";
import { promise } from "./arguments.ts";
import { type Captured, type Environment, lookUp, report } from "./environment.ts";
import { BLOCK_CHOICE, BLOCK_SCORE } from "./place.ts";
import {
  type ChoiceDeclaration,
  demandRule,
  elaborateSize,
  elaborateValue,
  type Part,
  partsOf,
  rulesOf,
  wrongForm,
} from "./rules.ts";
import { tensorType } from "./tensor-type.ts";

const FORMS = {
  blocks: ["blocks ROWS x KEYS", "blocks ROWS x by BOUNDS", "blocks by BOUNDS"],
  score: ["score EXPR"],
  share: ["share [mean|max|any|all] group|heads"],
  among: ["among CONDITION"],
  keep: [
    "keep top N",
    "keep ratio R [ceil|round]",
    "keep mass P of softmax [before crossing] [else none]",
    "keep above T",
    "keep where CONDITION",
    "with [at least N] [at most N] [over row|all]",
  ],
  always: ["always [within] CONDITION | first N | last N | diagonal | contains N, ..."],
};

/** Undefined where a part could not be built. Problems: E0448, E0449, E0453, and those of its values.
 *  @param at where the attention uses it */
export function elaborateSparsity(env: Environment, declaration: ChoiceDeclaration, at: Span): Sparsity | undefined {
  const blocks = readBlocks(env, declaration);
  const keep = readKeep(env, declaration);
  const score = readScore(env, declaration, keep?.rule);
  const share = readShare(env, declaration);
  const among = readAmong(env, declaration);
  const always = readAlways(env, declaration);
  if (!blocks || !keep || !share || score === "broken" || among === "broken" || !always) return undefined;
  return {
    ...{ name: declaration.name, span: at },
    ...blocks,
    ...(score && { score }),
    ...(share !== "none" && { share }),
    ...(among && { among }),
    ...{ keep, always },
  };
}

function readBlocks(env: Environment, declaration: ChoiceDeclaration): Pick<Sparsity, "rows" | "keys"> | undefined {
  const rule = demandRule(env, declaration, "blocks");
  if (!rule) return undefined;
  const parts = partsOf(rule);
  const shapes = parts.map(({ shape }) => shape.replace(/^x /, ""));
  const isSide = (shape: string) => shape === "_" || shape === "by _";
  // Bounds alone serve both sides; a size alone does not say which.
  const fits = parts.length === 1 ? shapes[0] === "by _" : parts.length === 2 && shapes.every(isSide);
  if (!fits) return wrongForm(env, rule, FORMS.blocks);
  const sides = parts.map((part, place) => readSide(env, rule, part, shapes[place]!));
  const [rows, keys = rows] = sides;
  return rows && keys ? { rows, keys } : undefined;
}

/** A size, or the name of a tensor that holds where each chunk begins. */
function readSide(env: Environment, rule: ast.Rule, { value }: Part, shape: string): BlockSide | undefined {
  if (shape === "_") {
    const size = elaborateSize(env, value!);
    return size && { kind: "size", size };
  }
  const binding = value!.kind === "name" ? lookUp(env, value!.name) : undefined;
  if (binding?.kind !== "tensor") return wrongForm(env, rule, FORMS.blocks);
  const { tensor } = binding;
  if (!tensor) return undefined;
  const parameter = (value as ast.Expr & { readonly kind: "name" }).name;
  if (!isListOfTokens(tensor)) {
    report(env)({ code: "E0453", kind: "bounds-type", at: parameter.span, found: tensorType(tensor) });
    return undefined;
  }
  promise(env, tensor.name, true, { at: parameter.span, parameter, range: {} });
  return { kind: "bounds", tensor: tensor.name };
}

/** One number a chunk, the same for all heads. */
function isListOfTokens({ element, axes }: Captured): boolean {
  const [first, last = first] = axes;
  const isList = last?.kind === "fresh" || last?.kind === "extent";
  const isOfBatch = axes.length === 1 || (axes.length === 2 && first?.kind === "implicit" && first.axis === "batch");
  return element === "i32" && isList && isOfBatch;
}

function readScore(
  env: Environment,
  declaration: ChoiceDeclaration,
  keep: KeepRule | undefined,
): spec.Expr | "broken" | undefined {
  if (keep?.kind === "where" && rulesOf(declaration, "score").length === 0) return undefined;
  const rule = demandRule(env, declaration, "score");
  const [part, ...more] = rule ? partsOf(rule) : [];
  if (!rule || !part) return "broken";
  if (part.shape !== "_" || more.length > 0) {
    wrongForm(env, rule, FORMS.score);
    return "broken";
  }
  return elaborateValue(env, BLOCK_SCORE, part.value!, "float") ?? "broken";
}

function readShare(env: Environment, declaration: ChoiceDeclaration): Share | "none" | undefined {
  const [rule] = rulesOf(declaration, "share");
  if (!rule) return "none";
  const words = partsOf(rule).map(({ shape }) => shape);
  const [, how = "mean", over] = /^(?:(mean|max|any|all) )?(group|heads)$/.exec(words.join(", ")) ?? [];
  if (!over) return wrongForm(env, rule, FORMS.share);
  return { how, over } as Share;
}

function readAmong(env: Environment, declaration: ChoiceDeclaration): spec.Expr | "broken" | undefined {
  const [rule] = rulesOf(declaration, "among");
  if (!rule) return undefined;
  const [part, ...more] = partsOf(rule);
  if (part?.shape === "_" && more.length === 0) {
    return elaborateValue(env, BLOCK_CHOICE, part.value!, "bool") ?? "broken";
  }
  wrongForm(env, rule, FORMS.among);
  return "broken";
}

const KEEP_RULES: Readonly<Record<string, (value: spec.Expr, options: ReadonlySet<string>) => KeepRule>> = {
  "top _": (count) => ({ kind: "top", count }),
  "ratio _": (ratio, options) => {
    const rounding = options.has("ceil") ? "ceil" : options.has("round") ? "round" : "floor";
    return { kind: "ratio", ratio, rounding };
  },
  "mass _": (mass, options) => ({ kind: "mass", mass, before: options.has("before crossing") }),
  "above _": (threshold) => ({ kind: "above", threshold }),
  "where _": (condition) => ({ kind: "where", condition }),
};
const KEEP_TYPES: Readonly<Record<KeepRule["kind"], spec.Expr["type"]>> = {
  ...{ top: "int", ratio: "float", mass: "float", above: "float", where: "bool" },
};

/** What may follow a rule of `keep`, beside what follows every one. */
const KEEP_OPTIONS: Readonly<Record<KeepRule["kind"], readonly string[]>> = {
  top: [],
  ratio: ["floor", "ceil", "round"],
  mass: ["of softmax", "before crossing", "else none", "else all"],
  above: [],
  where: [],
};
const BOUNDS = ["at least _", "at most _", "over row", "over all"];

function readKeep(env: Environment, declaration: ChoiceDeclaration): Sparsity["keep"] | undefined {
  const rule = demandRule(env, declaration, "keep");
  if (!rule) return undefined;
  const [first, ...more] = partsOf(rule);
  const make = KEEP_RULES[first!.shape];
  const kind = first!.shape.split(" ")[0] as KeepRule["kind"];
  const shapes = new Set(more.map(({ shape }) => shape));
  const allowed = make ? [...KEEP_OPTIONS[kind], ...BOUNDS] : [];
  const complete = kind !== "mass" || shapes.has("of softmax");
  if (!make || !complete || shapes.size < more.length || [...shapes].some((shape) => !allowed.includes(shape))) {
    return wrongForm(env, rule, FORMS.keep);
  }
  const amount = elaborateValue(env, BLOCK_CHOICE, first!.value!, KEEP_TYPES[kind]);
  const bound = (shape: string): spec.Expr | "broken" | undefined => {
    const part = more.find((each) => each.shape === shape);
    return part?.value && (elaborateValue(env, BLOCK_CHOICE, part.value, "int") ?? "broken");
  };
  const [least, most] = [bound("at least _"), bound("at most _")];
  if (!amount || least === "broken" || most === "broken") return undefined;
  return {
    rule: make(amount, shapes),
    ...(least && { least }),
    ...(most && { most }),
    over: shapes.has("over all") ? "all" : "row",
    otherwise: shapes.has("else none") ? "none" : "all",
  };
}

const REGIONS: Readonly<Record<string, (value: spec.Expr | undefined) => Region>> = {
  _: (condition) => ({ kind: "where", condition: condition! }),
  "first _": (value) => ({ kind: "first", value: value! }),
  "last _": (value) => ({ kind: "last", value: value! }),
  "contains _": (value) => ({ kind: "contains", value: value! }),
  diagonal: () => ({ kind: "diagonal" }),
};

function readAlways(env: Environment, declaration: ChoiceDeclaration): Sparsity["always"] | undefined {
  const forced: Sparsity["always"][number][] = [];
  for (const rule of rulesOf(declaration, "always")) {
    const parts = partsOf(rule);
    const within = parts[0]!.shape.startsWith("within ");
    for (const { shape, value } of parts) {
      const plain = shape.replace(/^(within|,) /, "");
      const make = REGIONS[plain];
      if (!make) return wrongForm(env, rule, FORMS.always);
      const node = value && elaborateValue(env, BLOCK_CHOICE, value, plain === "_" ? "bool" : "int");
      if (value && !node) return undefined;
      forced.push({ within, region: make(node) });
    }
  }
  return forced;
}
