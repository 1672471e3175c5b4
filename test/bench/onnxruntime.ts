// onnxruntime as a peer, in WebAssembly and, where onnxruntime-node was installed too, as native code: its attention
// operators on the tensors of a call. The packages are large and only benchmarks need them, so they are loaded by name at run
// time, and what is used of them is typed here.

import { type Node, onnxModel, type Value } from "./onnx.ts";

/** A call of plain softmax attention, everything [1, heads, tokens, dim]. */
export type PlainCall = {
  readonly heads: number;
  readonly kvHeads: number;
  readonly queries: number;
  readonly keys: number;
  readonly dim: number;
  readonly query: Float32Array;
  readonly key: Float32Array;
  readonly value: Float32Array;
  readonly causal: boolean;
  /** Added to the scores, [queries, keys]. */
  readonly bias?: Float32Array;
  /** Keys that a causal row sees, its own among them; all if absent. `bias` says the same. */
  readonly window?: number;
};

export type Operator = "Attention" | "MultiHeadAttention" | "GroupQueryAttention" | "MatMul-Softmax-MatMul";
/** One call, with its output as [1, heads, queries, dim]. */
export type Peer = { run(): Promise<unknown>; output(): Promise<Float32Array>; release(): Promise<void> };

type OrtTensor = { readonly data: Float32Array };
type Session = {
  run(feeds: Readonly<Record<string, OrtTensor>>): Promise<Readonly<Record<string, OrtTensor>>>;
  release(): Promise<void>;
};
export type Package = {
  readonly env: { readonly versions: { readonly common: string }; readonly wasm: { numThreads: number } };
  readonly Tensor: new (type: string, data: Float32Array | Int32Array, dims: readonly number[]) => OrtTensor;
  readonly InferenceSession: { create(model: Uint8Array, options: object): Promise<Session> };
};

/** A package that is installed, and the options of its sessions. */
export type Ort = { readonly name: string; readonly version: string; readonly ort: Package; readonly options: object };

const PROVIDERS = { "onnxruntime-web": "wasm", "onnxruntime-node": "cpu" } as const;

/** The package, to run on so many threads; undefined where it is not installed. */
export async function loadOrt(name: keyof typeof PROVIDERS, threads: number): Promise<Ort | undefined> {
  try {
    const ort: Package = await import(name);
    ort.env.wasm.numThreads = threads;
    const options = { executionProviders: [PROVIDERS[name]], intraOpNumThreads: threads };
    return { name, version: ort.env.versions.common, ort, options };
  } catch (error) {
    if ((error as { code?: string }).code === "ERR_MODULE_NOT_FOUND") return undefined;
    throw error;
  }
}

type Model = {
  readonly nodes: readonly Node[];
  readonly inputs: readonly (Value & { readonly of: Float32Array | Int32Array; readonly size: readonly number[] })[];
  /** Shape of the output, with rows before heads where the operator wants that. */
  readonly out: Value;
  readonly others?: readonly Value[];
  readonly rowsFirst: boolean;
};

/** A session for the operator, with its inputs at hand. */
export async function makePeer({ ort, options }: Ort, operator: Operator, call: PlainCall): Promise<Peer> {
  const { nodes, inputs, out, others = [], rowsFirst } = MODELS[operator](call);
  const session = await ort.InferenceSession.create(onnxModel(nodes, inputs, [out, ...others]), options);
  const feeds = Object.fromEntries(
    inputs.map(({ name, element, of, size }) => [
      name,
      new ort.Tensor(element === "i32" ? "int32" : "float32", of, size),
    ]),
  );
  return {
    run: () => session.run(feeds),
    output: async () => {
      const { data } = (await session.run(feeds))[out.name]!;
      return rowsFirst ? swapAxes(data, call.queries, call.heads, call.dim) : data;
    },
    release: () => session.release(),
  };
}

/** [first, second, inner] → [second, first, inner]. */
function swapAxes(data: Float32Array, first: number, second: number, inner: number): Float32Array {
  const swapped = new Float32Array(data.length);
  for (let i = 0; i < first; i++) {
    for (let j = 0; j < second; j++) {
      const from = (i * second + j) * inner;
      swapped.set(data.subarray(from, from + inner), (j * first + i) * inner);
    }
  }
  return swapped;
}

/** An input, of fixed size unless its dimensions have names. */
const given = (name: string, of: Float32Array | Int32Array, size: readonly number[], dims: Value["dims"] = size) => ({
  ...{ name, dims, of, size },
  element: of instanceof Int32Array ? ("i32" as const) : ("f32" as const),
});

/** query, key and value as they are, heads before rows. */
function headsFirst({ heads, kvHeads, queries, keys, dim, query, key, value }: PlainCall) {
  return [
    given("q", query, [1, heads, queries, dim]),
    given("k", key, [1, kvHeads, keys, dim]),
    given("v", value, [1, kvHeads, keys, dim]),
  ];
}

/** query, key and value as [1, rows, heads · dim]. */
function rowsFirst({ heads, kvHeads, queries, keys, dim, query, key, value }: PlainCall) {
  return [
    given("q", swapAxes(query, heads, queries, dim), [1, queries, heads * dim]),
    given("k", swapAxes(key, kvHeads, keys, dim), [1, keys, kvHeads * dim]),
    given("v", swapAxes(value, kvHeads, keys, dim), [1, keys, kvHeads * dim]),
  ];
}

const biasOf = ({ bias, queries, keys }: PlainCall) => (bias ? [given("bias", bias, [1, 1, queries, keys])] : []);

const MODELS: Readonly<Record<Operator, (call: PlainCall) => Model>> = {
  Attention: (call) => ({
    nodes: [
      { op: "Attention", inputs: ["q", "k", "v"], outputs: ["out"], attributes: { is_causal: Number(call.causal) } },
    ],
    inputs: headsFirst(call),
    out: { name: "out", dims: [1, call.heads, call.queries, call.dim] },
    rowsFirst: false,
  }),
  MultiHeadAttention: (call) => ({
    nodes: [
      {
        ...{ op: "MultiHeadAttention", domain: "com.microsoft", outputs: ["out"] },
        inputs: ["q", "k", "v", ...(call.bias ? ["", "", "bias"] : [])],
        attributes: { num_heads: call.heads, unidirectional: Number(call.causal) },
      },
    ],
    inputs: [...rowsFirst(call), ...biasOf(call)],
    out: { name: "out", dims: [1, call.queries, call.heads * call.dim] },
    rowsFirst: true,
  }),
  GroupQueryAttention: groupQueryAttention,
  "MatMul-Softmax-MatMul": (call) => {
    const { heads, queries, dim, bias } = call;
    const scores = bias ? "biased" : "scores";
    return {
      nodes: [
        { op: "Mul", inputs: ["q", "scale"], outputs: ["scaled"] },
        { op: "Transpose", inputs: ["k"], outputs: ["kt"], attributes: { perm: [0, 1, 3, 2] } },
        { op: "MatMul", inputs: ["scaled", "kt"], outputs: ["scores"] },
        ...(bias ? [{ op: "Add", inputs: ["scores", "bias"], outputs: ["biased"] }] : []),
        { op: "Softmax", inputs: [scores], outputs: ["p"] },
        { op: "MatMul", inputs: ["p", "v"], outputs: ["out"] },
      ],
      inputs: [...headsFirst(call), given("scale", Float32Array.of(dim ** -0.5), [1]), ...biasOf(call)],
      out: { name: "out", dims: [1, heads, queries, dim] },
      rowsFirst: false,
    };
  },
};

/** Always causal. The last `queries` keys are new, the others lie in the cache, which the operator copies. */
function groupQueryAttention(call: PlainCall): Model {
  const { heads, kvHeads, queries, keys, dim, query, key, value } = call;
  const past = keys - queries;
  const cache = [1, kvHeads, "past", dim];
  const rows = (of: Float32Array, from: number, to: number) => {
    const heads = Array.from({ length: kvHeads }, (_, h) =>
      of.subarray((h * keys + from) * dim, (h * keys + to) * dim),
    );
    return Float32Array.from(heads.flatMap((head) => [...head]));
  };
  const fresh = (of: Float32Array) => swapAxes(rows(of, past, keys), kvHeads, queries, dim);
  return {
    nodes: [
      {
        ...{ op: "GroupQueryAttention", domain: "com.microsoft" },
        inputs: ["q", "k", "v", "past_k", "past_v", "last", "total"],
        outputs: ["out", "present_k", "present_v"],
        attributes: { num_heads: heads, kv_num_heads: kvHeads, local_window_size: call.window ?? -1 },
      },
    ],
    inputs: [
      given("q", swapAxes(query, heads, queries, dim), [1, queries, heads * dim]),
      given("k", fresh(key), [1, queries, kvHeads * dim]),
      given("v", fresh(value), [1, queries, kvHeads * dim]),
      given("past_k", rows(key, 0, past), [1, kvHeads, past, dim], cache),
      given("past_v", rows(value, 0, past), [1, kvHeads, past, dim], cache),
      given("last", Int32Array.of(keys - 1), [1]),
      given("total", Int32Array.of(keys), [1]),
    ],
    out: { name: "out", dims: [1, queries, heads * dim] },
    others: ["present_k", "present_v"].map((name) => ({ name, dims: [1, kvHeads, "present", dim] })),
    rowsFirst: true,
  };
}
