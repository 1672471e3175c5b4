// What a compiled kernel says about itself: plain JSON data that the emitter writes next to the module and that the
// runtime reads to check a call, lay out memory and fill the parameter block. It is all that the two share.

export type ScalarType = "bool" | "int" | "float";
/** Element types that a kernel reads; `u8` and `bool` are one byte. */
export type ElementType = "f32" | "f16" | "i32" | "u8" | "bool";

/** A number, or a length of the call by name: batch heads kvHeads queries keys, or `axis:NAME`. */
export type Extent = number | string;
/** Or how many stretches of `of` elements cover such a length. */
export type ScratchExtent = Extent | { readonly stretches: ScratchExtent; readonly of: number };

/** Inclusive bounds that the caller promises; a missing end is open. */
export type Range = { readonly low?: number; readonly high?: number };

export type ParamDescription = {
  readonly name: string;
  readonly type: ScalarType;
  readonly range: Range;
  readonly default?: number | boolean;
};

export type TensorDescription = {
  readonly name: string;
  readonly element: ElementType;
  /** Outermost first, row-major. An axis that the caller does not give is bound to the extent of the first tensor. */
  readonly extents: readonly Extent[];
  readonly range: Range;
  /** Non-decreasing along the last axis. */
  readonly sorted: boolean;
};

/** Scratch that outlives a step, such as the statistics of the rows between two passes. f32, row-major. */
export type ScratchBuffer = {
  readonly name: string;
  readonly extents: readonly ScratchExtent[];
  /** A call that would need more bytes goes without: the buffer's address is 0 then, and its readers know what to do. */
  readonly mostBytes?: number;
};

/** An output that the attention names; i32 holds ints and, as 0 and 1, bools. */
export type NamedOutput = {
  readonly name: string;
  readonly element: "f32" | "i32";
  /** Outermost first, row-major. */
  readonly extents: readonly ScratchExtent[];
};

/** The work of a step in pieces: `STEP.enter(block, batch, kv head)` goes to a KV head, `STEP.piece(head, row)` computes a tile of
 *  query rows of one head of its group. */
export type SharedStep = {
  /** Query rows of a tile; absent where a piece is a whole head. */
  readonly queries?: number;
  /** Up to so many query rows, entering a KV head computes all of it. */
  readonly wholeQueries?: number;
  /** The buffer that holds how many key tiles each tile of query rows visits, as ints: [batch, query tiles]. */
  readonly counts?: string;
};

/** What every kernel says, whatever runs it: what a call is checked against. */
export type CallDescription = {
  readonly name: string;
  readonly dims: { readonly dim: number; readonly valueDim: number };
  readonly params: readonly ParamDescription[];
  readonly tensors: readonly TensorDescription[];
  /** Named axes: those that the caller gives, and those that take their extent from a tensor. */
  readonly axes: readonly { readonly name: string; readonly from: "caller" | "tensor" }[];
  readonly outputs: { readonly lse: boolean; readonly named?: readonly NamedOutput[] };
  /** What a row that sees no key gives; `error` makes the call fail. */
  readonly empty: "zero" | "uniform" | "error";
  /** Keys and values are stored once for each query head; absent: for each KV head. */
  readonly keyHeads?: "heads";
  readonly buffers: readonly ScratchBuffer[];
};

/** A kernel whose calls this runtime checks. */
export type RunnableDescription = CallDescription & {
  /** What rows are made of: those of query and out, and those of key and value. */
  readonly rows: { readonly query: "f32" | "f16"; readonly stored: "f32" | "f16" };
};

/** A WebAssembly module. */
export type KernelDescription = RunnableDescription & {
  readonly rows: { readonly query: "f32" };
  /** Exported functions, in the order in which a call runs them; each takes the address of the parameter block. */
  readonly steps: readonly string[];
  /** How threads share a step, by its name; a step that is missing is run by one. */
  readonly shared: Readonly<Record<string, SharedStep>>;
  /** Multiply-adds, as if every key were seen, below which a call is not worth waking threads for. */
  readonly threads?: { readonly leastWork: number };
  readonly memory: {
    /** Byte offset of every word of the parameter block, by name, and the size of the block. */
    readonly words: Readonly<Record<string, number>>;
    readonly blockBytes: number;
    /** A step's own scratch: `fixedBytes + bytesPerKey · keys`, keys rounded up to a multiple of `keyMultiple`. */
    readonly scratch: { readonly fixedBytes: number; readonly bytesPerKey: number; readonly keyMultiple: number };
    /** Bytes that must be readable after the end of every tensor. */
    readonly slackBytes: number;
    /** Where a call's own bytes may begin, a multiple of 64: below lie the kernel's constants, and address 0, which means
     *  "not given". */
    readonly firstByte: number;
    /** The most that the kernel's memory may grow to. */
    readonly limitBytes: number;
  };
};
