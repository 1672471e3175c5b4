// Words for the problems of names.

import type { Name } from "../source/span.ts";
import type { NameProblem, PlaceName } from "./name-problem.ts";
import { STD_NAMES } from "./std-names.ts";
import { nearest } from "./suggest.ts";
import { calledHere, type Describers, didYouMean, label, labels, listed, type Quote } from "./words.ts";

export const NAME_WORDS: Describers<NameProblem> = {
  "unknown-name": ({ name, inScope, gridAxis }, quote) => ({
    title: gridAxis
      ? `\`${name.text}\` is an axis of the grid, not a number`
      : `\`${name.text}\` is not the name of anything here`,
    primary: label(name.span, gridAxis ? "an axis of the grid" : "not known"),
    why: gridAxis
      ? "a token has a coordinate on every axis of the grid, and the query and the key are two tokens"
      : "a name is a parameter, a position such as `q` or `k`, or something that this file declares or imports",
    hint: gridAxis
      ? `write \`q.${name.text}\`, \`k.${name.text}\` or \`len(${name.text})\``
      : isBehindSlashes(name, quote)
        ? `${nameHint(name.text, inScope, "declare it")}; if this is a comment, write two blanks before \`//\``
        : nameHint(name.text, inScope, `make it a parameter of the declaration: \`${name.text}: int\``),
  }),
  "unknown-import": ({ name, from, available }) => ({
    title: `"${from}" declares no \`${name.text}\``,
    primary: label(name.span, "not declared there"),
    why: "only what a file itself declares can be imported from it",
    hint:
      didYouMean(name.text, available) ??
      (available.length > 0 ? `it declares ${listed(available)}` : "it declares nothing: check the path"),
  }),
  "duplicate-name": ({ name, first }) => ({
    title: `the name \`${name.text}\` is taken`,
    primary: label(name.span, "used again"),
    secondary: [label(first, "taken here first")],
    why: "a name stands for one thing",
    hint: `call one of the two something else, such as \`${name.text}_2\``,
  }),
  "reserved-name": ({ name, as, meaning }) => ({
    title: `${as === "axis" ? "an" : "a"} ${as} cannot be called \`${name.text}\``,
    primary: label(name.span, "this name is reserved"),
    why: RESERVED_WHY[meaning],
    hint: `choose another name, such as \`${name.text.toLowerCase()}${as === "axis" ? "_axis" : "_value"}\``,
  }),
  "recursive-declaration": ({ name, chain }) => ({
    title:
      chain.length === 1
        ? `\`${name.text}\` uses itself`
        : `\`${name.text}\` uses itself, by way of ${listed(chain.slice(0, -1).map(({ text }) => text))}`,
    primary: label(name.span, "declared here"),
    secondary: chain.map((use) => label(use.span, `uses \`${use.text}\``)),
    why: "every use is replaced by what it stands for, and this would never end",
    hint: "write it without itself: with `if`, `//` and `%`, or as a captured tensor",
  }),
  "unknown-function": ({ name, inScope, reduction }) => ({
    title: reduction ? `\`${name.text}\` is not a function of numbers` : `there is no function \`${name.text}\` here`,
    primary: label(name.span, reduction ? "a reduction over an axis" : "not known"),
    why: reduction
      ? "a reduction names the axis that it removes, and it stands in outputs, not in masks and scores"
      : "a function is one of the built-in ones, or a `fn` that this file declares or imports",
    hint: reduction
      ? "combine single numbers with `+`, `min` and `max`"
      : nameHint(name.text, inScope, `declare it: \`fn ${name.text}(x: float) = ...\``),
  }),
  "unknown-axis": ({ at, axes }, quote) => ({
    title: `\`${quote(at)}\` is not an axis`,
    primary: label(at, "no axis of this name"),
    why: "`len` gives the extent of an axis of the attention, of its grid, or of a captured tensor",
    hint: didYouMean(quote(at), axes) ?? `the axes here are ${listed(axes)}`,
  }),
  "unknown-coordinate": ({ object, member, axes, calledFrom }) => ({
    title: axes ? `the grid has no axis \`${member.text}\`` : `\`${object.text}.${member.text}\` needs a grid`,
    primary: label(member.span, axes ? "no axis of this name" : "no grid here"),
    secondary: labels(calledHere(calledFrom)),
    why: "a `grid` clause lays the tokens out on named axes, and only then they have coordinates",
    hint: axes
      ? (didYouMean(member.text, axes) ?? `its axes are ${listed(axes)}`)
      : `add a grid to the attention: \`grid (${member.text}: 32, ${member.text === "x" ? "y" : "x"}: 32)\``,
  }),
  "not-visible-here": ({ name, place, visible }) => ({
    title: `\`${name.text}\` is not visible in ${PLACES[place]}`,
    primary: label(name.span, "not visible here"),
    why: PLACE_WHY[place],
    hint:
      place === "fn" && name.text === "len"
        ? "make the length a parameter: `fn name(n: int)`, and pass `len(...)` in the call"
        : place === "fn"
          ? `make it a parameter: \`fn name(${parameterText(name.text)})\`, and pass it in the call`
          : visible.length > 0
            ? `what ${PLACES[place]} sees, beside parameters, is ${listed(visible)}`
            : "use parameters and numbers",
  }),
  "axis-not-visible-here": ({ tensor, axis, place }) => ({
    title: `\`${tensor.text}\` has one value per ${axis}, and ${PLACES[place]} does not belong to one`,
    primary: label(tensor.span, `bound to the current ${axis}`),
    why: PLACE_WHY[place],
    hint: `capture a tensor without the axis \`${axis}\``,
  }),
  "wrong-kind-of-name": ({ name, found, wanted, place, declared }) => ({
    title: `\`${name.text}\` is ${KINDS[found]}, not ${WANTED[wanted]}`,
    primary: label(name.span, `${KINDS[found]}`),
    secondary: labels(declared && label(declared, "declared here")),
    why: KIND_WHY[found],
    hint: kindHint(name.text, found, wanted, place),
  }),
  "no-coordinates": ({ object, member }) => ({
    title: `\`${object.text}\` has no coordinate \`${member.text}\``,
    primary: label(object.span, "not the position of a token"),
    why: "coordinates belong to the tokens of the query and the key",
    hint: `write \`q.${member.text}\` or \`k.${member.text}\``,
  }),
  "unused-import": ({ name, from }) => ({
    title: `\`${name.text}\` is imported and never used`,
    primary: label(name.span, "not used in this file"),
    why: `an import that nothing uses says that the file needs "${from}" for more than it does`,
    hint: `remove \`${name.text}\` from the import`,
  }),
  "unused-parameter": ({ name, of }) => ({
    title: `the parameter \`${name.text}\` is never used`,
    primary: label(name.span, `not used in \`${of.text}\``),
    why: "every caller has to pass it, and it changes nothing",
    hint: `use it, remove it from \`${of.text}\`, or call it \`_${name.text}\` if it has to stay`,
  }),
};

/** `b h kv q k` are ints by nature. */
const parameterText = (name: string) => `${name}: ${/^(?:b|h|kv|q|k)$/.test(name) ? "int" : "float"}`;

/** Whether the name was read as what `//` divides by. */
function isBehindSlashes({ span }: Name, quote: Quote): boolean {
  return quote({ ...span, start: Math.max(0, span.start - 4), end: span.start })
    .trimEnd()
    .endsWith("//");
}

function nameHint(name: string, inScope: readonly string[], otherwise: string): string {
  if (STD_NAMES.includes(name)) return `import it: \`import { ${name} } from "std"\``;
  const near = nearest(name, STD_NAMES);
  return didYouMean(name, inScope) ?? (near ? `did you mean \`${near}\` of "std"?` : otherwise);
}

const RESERVED_WHY = {
  reserved:
    "`b h kv q k s p Q K V O lse scale len`, the words of expressions and the names of reductions have a meaning of their own",
  "built-in function": "built-in functions can be called everywhere, under their own names",
  axis: "every attention has the axes `batch`, `head`, `kv`, `query`, `key`, `token`, `dim` and `value_dim`",
  shape: "every call has lengths of that name",
};

export const PLACES: Readonly<Record<PlaceName, string>> = {
  fn: "a `fn`",
  mask: "a mask",
  score: "a score",
  weight: "a weight",
  scale: "`scale`",
  sink: "the sink",
  align: "`align`",
  sparsity: "a sparsity",
  "block size": "the size of a block",
  permutation: "a permutation",
  output: "an output",
  argument: "an argument",
  "grid origin": "the origin of a grid",
  "grid extent": "the extent of a grid axis",
  "tensor axis": "the axis of a tensor",
  default: "a default",
};

const PLACE_WHY: Readonly<Record<PlaceName, string>> = {
  fn: "a `fn` sees only its own parameters and other `fn`s, so that it means the same wherever it is called",
  mask: "a mask is decided before any score is computed",
  score: "scores are computed before they are normalised to weights",
  weight: "a weight is a function of one pair of a query and a key",
  scale: "the scale is a factor of the product of the query and the key, before any score",
  sink: "a sink is one more term in the sum of a whole row, so it cannot depend on a key",
  align: "the alignment is the position of the first query, one for each batch",
  "grid origin": "a grid begins at one position for all heads, queries and keys",
  "grid extent": "a grid is the same for all tokens; its extents are numbers, parameters, or left to the call",
  "tensor axis": "the extent of a tensor is known before the attention runs",
  default: "a default is a number that is known without a call",
  sparsity: "a sparsity looks at blocks; what belongs to one token is reduced over the tokens of its block",
  "block size": "blocks have the same size in every call",
  permutation: "tokens are ordered by what belongs to one token",
  output: "outputs are made of the map and of its reductions",
  argument: "it is passed on before any token is looked at",
};

const KINDS = {
  fn: "a function",
  mask: "a mask",
  score: "a score",
  attention: "an attention",
  sparsity: "a sparsity",
  permutation: "a permutation",
  parameter: "a number",
  tensor: "a captured tensor",
  "grid axis": "an axis of the grid",
  vector: "a row vector",
} as const;

const WANTED = {
  value: "a value",
  function: "a function",
  tensor: "a captured tensor",
  score: "a score",
  number: "a number",
  sparsity: "a sparsity",
  permutation: "a permutation",
} as const;

const KIND_WHY: Readonly<Record<keyof typeof KINDS, string>> = {
  fn: "a function has a value only when it is called with its arguments",
  mask: "a mask says which keys a query sees, and stands in masks",
  score: "a score stands alone in a `score` clause",
  attention: "an attention is what is compiled; expressions are made of numbers",
  sparsity: "a sparsity chooses blocks, and stands alone in a `sparsity` clause",
  permutation: "a permutation orders tokens, and stands alone in a `permute` clause",
  parameter: "only captured tensors are indexed, and only functions are called",
  tensor: "elements of a tensor are read with an index in brackets",
  "grid axis": "an axis of the grid has a length, and tokens have coordinates on it",
  vector: "vectors are compared with `dot`, `norm` and `cosine`",
};

function kindHint(name: string, found: keyof typeof KINDS, wanted: keyof typeof WANTED, place: PlaceName): string {
  if (found === "fn") return `call it: \`${name}(...)\``;
  if (found === "mask")
    return place === "fn"
      ? `make the result a parameter: \`${name}: bool\``
      : "put the condition into a `mask` clause, or write it as a `fn`";
  if (found === "score") return `give it a clause of its own: \`score ${name}\``;
  if (found === "sparsity") return `give it a clause of its own: \`sparsity ${name}\``;
  if (found === "permutation") return `give it a clause of its own: \`permute ${name}\``;
  if (wanted === "sparsity" || wanted === "permutation") return `declare one: \`${wanted} ${name} { ... }\``;
  if (found === "attention") return "name a `fn`, a `mask` or a parameter";
  if (found === "tensor") return `read an element: \`${name}[k]\``;
  if (found === "vector") return `compare it: \`dot(${name}, K)\``;
  return wanted === "function"
    ? `multiply with \`*\`: \`${name} * (...)\``
    : `declare it as a tensor: \`${name}: f32[key]\``;
}
