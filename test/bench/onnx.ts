// Models of one attention operator as bytes, for onnxruntime: the few messages of ONNX's protobuf format that such a model
// needs, with their field numbers (onnx/onnx.proto). Everything else keeps its default.

/** A field of a message: its number and what it holds. Numbers are int64, bytes another message. */
type Field = readonly [number: number, value: string | number | Uint8Array];

const utf8 = new TextEncoder();

function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
  return [...bytes, Number(rest)];
}

function message(...fields: readonly Field[]): Uint8Array {
  const bytes = fields.flatMap(([number, value]) => {
    if (typeof value === "number") return [...varint(number << 3), ...varint(value)];
    const content = typeof value === "string" ? utf8.encode(value) : value;
    return [...varint((number << 3) | 2), ...varint(content.length), ...content];
  });
  return Uint8Array.from(bytes);
}

const ELEMENT = { f32: 1, i32: 6 } as const;
const ATTRIBUTE = { int: 2, ints: 7 } as const;

/** A name of a dimension that the call decides, or its length. */
type Dimension = string | number;
export type Value = {
  readonly name: string;
  readonly dims: readonly Dimension[];
  readonly element?: keyof typeof ELEMENT;
};

export type Node = {
  readonly op: string;
  readonly domain?: string;
  /** An input left out is "". */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes?: Readonly<Record<string, number | readonly number[]>>;
};

/** The bytes of a model. */
export function onnxModel(nodes: readonly Node[], inputs: readonly Value[], outputs: readonly Value[]): Uint8Array {
  const graph = message(
    ...nodes.map((node): Field => [1, nodeMessage(node)]),
    [2, "graph"],
    ...inputs.map((input): Field => [11, valueMessage(input)]),
    ...outputs.map((output): Field => [12, valueMessage(output)]),
  );
  const opsets = [message([1, ""], [2, 23]), message([1, "com.microsoft"], [2, 1])];
  return message([1, 10], [7, graph], ...opsets.map((opset): Field => [8, opset]));
}

function nodeMessage({ op, domain = "", inputs, outputs, attributes = {} }: Node): Uint8Array {
  return message(
    ...inputs.map((name): Field => [1, name]),
    ...outputs.map((name): Field => [2, name]),
    [4, op],
    ...Object.entries(attributes).map(([name, value]): Field => [5, attributeMessage(name, value)]),
    [7, domain],
  );
}

function attributeMessage(name: string, value: number | readonly number[]): Uint8Array {
  if (typeof value === "number") return message([1, name], [3, value], [20, ATTRIBUTE.int]);
  return message([1, name], ...value.map((each): Field => [8, each]), [20, ATTRIBUTE.ints]);
}

function valueMessage({ name, dims, element = "f32" }: Value): Uint8Array {
  const shape = message(...dims.map((dim): Field => [1, message([typeof dim === "number" ? 1 : 2, dim])]));
  return message([1, name], [2, message([1, message([1, ELEMENT[element]], [2, shape])])]);
}
