// Words for the problems of types and of arithmetic.

import type { Expectation, FoundType, TypeProblem } from "./type-problem.ts";
import { aType, calledHere, counted, type Describers, didYouMean, label, labels, listed } from "./words.ts";

export const TYPE_WORDS: Describers<TypeProblem> = {
  "type-mismatch": ({ at, expected, found, expectation, calledFrom }, quote) => ({
    title: `${subject(expectation)} is ${aType(expected)}, but \`${quote(at)}\` is ${aType(found)}`,
    primary: label(at, found),
    secondary: labels(cause(expectation), calledHere(calledFrom)),
    why: EXPECTATION_WHY[expectation.of],
    hint: conversionHint(quote(at), expected, found),
  }),
  "operand-type": ({ at, operator, operatorSpan, wanted, found, calledFrom }, quote) => ({
    title: `\`${operator}\` takes ${OPERANDS[wanted]}, but \`${quote(at)}\` is ${aType(found)}`,
    primary: label(at, found),
    secondary: labels(label(operatorSpan, `takes ${OPERANDS[wanted]}`), calledHere(calledFrom)),
    why: OPERAND_WHY[wanted],
    hint: operandHint(operator, quote(at), wanted, found),
  }),
  "branches-differ": ({ at, whenTrue, whenFalse, calledFrom }) => ({
    title: `this \`if\` is ${aType(whenTrue.type)} in one case and ${aType(whenFalse.type)} in the other`,
    primary: label(at, "has no type"),
    secondary: labels(label(whenTrue.at, whenTrue.type), label(whenFalse.at, whenFalse.type), calledHere(calledFrom)),
    why: "an expression has one type in every case; only an int beside a float becomes a float",
    hint: "write `true` and `false`, or `1` and `0`, in both",
  }),
  "function-argument-count": ({ name, found, fewest, most }) => ({
    title: `\`${name.text}\` takes ${countRange(fewest, most)}, not ${found}`,
    primary: label(name.span, counted(found, "argument")),
    why: "a function is called with as many arguments as it has parameters",
    hint: `write \`${name.text}(${PLACEHOLDERS.slice(0, fewest).join(", ")})\``,
  }),
  "function-argument-type": ({ at, function: name, wanted, found, calledFrom }, quote) => ({
    title: `\`${name.text}\` takes ${ARGUMENTS[wanted]}, but \`${quote(at)}\` is ${aType(found)}`,
    primary: label(at, found),
    secondary: labels(calledHere(calledFrom)),
    why:
      wanted === "vector"
        ? "`dot`, `norm` and `cosine` compare the row vectors `Q`, `K` and `V`"
        : "numbers are ints and floats; a bool is neither",
    hint:
      wanted === "vector"
        ? `upper case is a vector: \`${name.text}(${name.text === "norm" ? "Q" : "Q, K"})\``
        : found === "vector"
          ? `take its length, \`norm(${quote(at)})\`, or a product, \`dot(Q, K)\``
          : conversionHint(quote(at), wanted === "int" ? "int" : "float", found),
  }),
  "division-by-zero": ({ at, operator, calledFrom }, quote) => ({
    title: `\`${quote(at)}\` divides by zero`,
    primary: label(at, "the divisor is always 0"),
    secondary: labels(calledHere(calledFrom)),
    why: `at run time \`x ${operator} 0\` gives 0, so a divisor that is 0 in every case can only be a mistake`,
    hint: "divide by something else, or write `0` if that is what you mean",
  }),
  "unknown-type": ({ name, known, of }) => ({
    title: `\`${name.text}\` is not the type of ${of === "tensor" ? "a tensor's elements" : "a number"}`,
    primary: label(name.span, "not a type here"),
    why:
      of === "tensor"
        ? `elements are stored as ${listed(known, "or")}`
        : `a number is ${listed(known, "or")}; sizes in bits belong to the elements of tensors`,
    hint: TYPE_HABITS[of][name.text] ?? didYouMean(name.text, known) ?? `write ${listed(known, "or")}`,
  }),
  "not-comparable": ({ at, operator, left, right, calledFrom }, quote) => ({
    title:
      left === "bool" && right === "bool"
        ? `\`${quote(at)}\` puts bools in an order`
        : `\`${quote(at)}\` compares ${aType(left)} with ${aType(right)}`,
    primary: label(at, `${left} ${operator} ${right}`),
    secondary: labels(calledHere(calledFrom)),
    why: "numbers are compared with numbers, and bools with bools by `==` and `!=`",
    hint:
      left === "bool" && right === "bool"
        ? "write `and`, `or`, `not`, or `!=` for one of the two"
        : comparisonHint(left, right),
  }),
  "float-for-int": ({ at, expectation, calledFrom }, quote) => ({
    title: `${subject(expectation)} is an int, but \`${quote(at)}\` is a float`,
    primary: label(at, "float"),
    secondary: labels(cause(expectation), calledHere(calledFrom)),
    why: "an int becomes a float where one is wanted, never the reverse, because how to round is yours to say",
    hint:
      expectation.of === "default" || expectation.of === "bound"
        ? `write a whole number, such as \`${Math.trunc(Number(quote(at))) || 1}\``
        : `write \`floor(${quote(at)})\`, \`round(${quote(at)})\` or \`int(${quote(at)})\``,
  }),
  "inexact-decision": ({ at, calledFrom }, quote) => ({
    title: `\`${quote(at)}\` decides by computed floats, which targets may round differently`,
    primary: label(at, "may differ next to the boundary"),
    secondary: labels(calledHere(calledFrom)),
    why: "ints, stored and `random` values and `min max abs` decide alike on every target; other float arithmetic may differ in its last bit",
    hint: "decide with ints: multiply instead of dividing, as in `2 * q < 3 * k` for `q / k < 1.5`",
  }),
  "index-unproved": ({ at, tensor, axis, extent }, quote) => ({
    title: `\`${quote(at)}\` may lie outside the axis \`${axis}\` of \`${tensor.text}\``,
    primary: label(at, "not proved to be in range"),
    why: "an index outside the tensor reads its first or last element instead",
    hint: extent
      ? `bound it: \`clamp(${quote(at)}, 0, ${extent} - 1)\``
      : "bound it by the extent of the axis: `clamp(i, 0, n - 1)`",
  }),
  "axis-missing": ({ at, axis, row }) => ({
    title: `\`${row}\` has no axis \`${axis}\` to reduce here`,
    primary: label(at, `reduced over \`${axis}\``),
    why: "a query row belongs to a batch, a head and a query; a key row and a value row to a batch, a KV head and a key",
    hint: "reduce `Q` over `query`, `head` or `group`, and `K` and `V` over `key` or `head`",
  }),
  "axis-left-over": ({ at, axes, place }, quote) => ({
    title: `\`${quote(at)}\` still depends on ${listed(axes)}`,
    primary: label(at, axes.length === 1 ? `one value per ${axes[0]}` : `one value per ${axes.join(" and ")}`),
    why: LEFT_OVER[place as keyof typeof LEFT_OVER] ?? LEFT_OVER.sparsity,
    hint: `reduce it: \`mean[${axes.at(-1)}] ...\``,
  }),
};

const LEFT_OVER = {
  sparsity: "a block has one number for all of its tokens",
  permutation: "tokens are sorted by one number each",
  output: "a value for every pair of a query and a key would be the whole map, which is never stored",
} as const;

/** Who wants the type. */
function subject(expectation: Expectation): string {
  switch (expectation.of) {
    case "mask":
    case "score":
    case "weight":
      return `a ${expectation.of}`;
    case "scale":
    case "align":
      return `\`${expectation.of}\``;
    case "sink":
      return "the sink";
    case "grid":
      return "a number of the grid";
    case "condition":
      return "the condition of an `if`";
    case "index":
      return "an index";
    case "axis":
      return "the extent of an axis";
    case "width":
      return "the width of a pooling";
    case "range":
      return "the length of a range";
    case "rule":
      return "this value";
    case "reduction":
      return `what \`${expectation.name.text}\` reduces`;
    case "function":
      return `an argument of \`${expectation.name.text}\``;
    case "parameter":
      return `\`${expectation.name.text}\``;
    case "default":
      return `the default of \`${expectation.name.text}\``;
    case "bound":
      return `a bound of \`${expectation.name.text}\``;
  }
}

function cause(expectation: Expectation) {
  return "at" in expectation && expectation.at ? label(expectation.at, "because of this") : undefined;
}

const EXPECTATION_WHY: Readonly<Record<Expectation["of"], string>> = {
  mask: "a mask says of each query and key whether the key is visible",
  score: "a score is the number that is normalised",
  weight: "a weight is the number that a value is multiplied with",
  scale: "the scale is a factor of the product of the query and the key",
  sink: "the sink is a score without a value",
  align: "the alignment is a position",
  grid: "extents and origins of grids count tokens",
  condition: "an `if` chooses between its two values",
  index: "an index counts elements",
  axis: "the extent of an axis counts elements",
  width: "a window holds a number of places",
  range: "a range holds the first or the last so many places of its axis",
  rule: "a rule takes the type that its meaning needs",
  reduction: "sums and means are of numbers; `count`, `any` and `all` are of conditions",
  function: "a function takes the types that its meaning is given for",
  parameter: "a parameter takes the type that it is declared with",
  default: "a default has the type of its parameter",
  bound: "the bounds of an int are ints",
};

function conversionHint(text: string, expected: "int" | "float" | "bool", found: FoundType): string {
  if (found === "vector") return `take its length, \`norm(${text})\`, or a product, \`dot(Q, K)\``;
  if (expected === "bool") return `compare it with a bound: \`${text} < 128\``;
  if (found === "bool") return `say what it counts for: \`if ${text} then 1 else 0\``;
  return `write \`int(${text})\``;
}

const OPERANDS = { number: "numbers", int: "ints", bool: "bools" } as const;
const OPERAND_WHY = {
  number: "arithmetic is done on ints and floats; a bool is neither",
  int: "bits and shifts belong to ints",
  bool: "`and`, `or` and `not` combine conditions",
} as const;

function operandHint(operator: string, text: string, wanted: keyof typeof OPERANDS, found: FoundType): string {
  if (wanted === "bool") return `compare it: \`${text} != 0\``;
  if (found === "bool" && (operator === "|" || operator === "&"))
    return `write \`${operator === "|" ? "or" : "and"}\` between conditions`;
  return conversionHint(text, wanted === "int" ? "int" : "float", found);
}

function comparisonHint(left: FoundType, right: FoundType): string {
  if (left === "vector" || right === "vector") return "compare a product or a length: `dot(Q, K) > 0.0`";
  return "leave out the comparison and use the bool itself, or compare two numbers";
}

const ARGUMENTS = { number: "numbers", int: "ints", vector: "row vectors" } as const;
const PLACEHOLDERS = ["x", "y", "z"];

const countRange = (fewest: number, most: number) =>
  fewest === most ? counted(fewest, "argument") : `${fewest} to ${most} arguments`;

/** What other languages call the types. */
const TYPE_HABITS: Readonly<Record<"tensor" | "parameter", Readonly<Record<string, string>>>> = {
  tensor: {
    int: "write `i32`",
    float: "write `f32`",
    f64: "write `f32`",
    i64: "write `i32`",
    u32: "write `i32`",
    i8: "write `u8` or `i32`",
  },
  parameter: {
    i32: "write `int`",
    u32: "write `int`",
    i64: "write `int`",
    u8: "write `int`",
    f16: "write `float`",
    f32: "write `float`",
    f64: "write `float`",
    double: "write `float`",
    boolean: "write `bool`",
  },
};
