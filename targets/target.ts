// The description of a target: facts about hardware and runtimes as data, with units. Files beside this one hold
// literals only; whatever can be computed from them is computed in src/schedule.

export type Feature = "simd128" | "relaxed-simd" | "threads" | "mma" | "wgmma" | "subgroups" | "subgroup-matrices";

/** What query, key, value and out can be made of. */
export type RowElement = "f32" | "f16" | "bf16";

/** Which emitter prints for a target. */
export type BackendName = "wasm" | "wgsl" | "cuda";

export type Target<Backend extends BackendName = BackendName> = {
  readonly name: string;
  readonly backend: Backend;
  readonly description: string;
  readonly features: readonly Feature[];
  /** Where kernels come in one more build, for threads: the multiply-adds that a call must have for them. */
  readonly threads?: { readonly leastWork: number };
  /** Element types that captured tensors may have. */
  readonly elements: readonly ("f32" | "f16" | "bf16" | "i32" | "u8" | "bool")[];
  /** By what a call's rows are said to be made of, how kernels hold them: `query` counts for out as well, `stored` for key
   *  and value. What is missing is refused. */
  readonly rows: Readonly<Partial<Record<RowElement, { readonly query: RowElement; readonly stored: RowElement }>>>;
  /** Tile of the attend kernel; `queries` and `keys` count rows. */
  readonly tile: { readonly queries: number; readonly keys: number };
  /** Calls of up to so many query rows leave keys and values unpacked. All heads that share them go over so many bytes
   *  before the next ones are read. */
  readonly decode: { readonly queries: number; readonly cacheBytes: number };
  /** Calls of up to so many query rows are split over the keys, in stretches of `keys`, and merged; `tile` counts rows of all
   *  query heads that share keys. Absent: they go the way of all others. */
  readonly split?: {
    readonly queries: number;
    readonly keys: number;
    readonly tile: { readonly queries: number; readonly keys: number };
    /** Absent: that of other tiles. */
    readonly registerTile?: { readonly rows: number; readonly columns: number };
    /** Bytes of scratch; a call that needs more goes the way of all others. */
    readonly scratchBytes: number;
  };
  /** Register tile of the two matrix products: rows of queries × columns (keys or value elements). */
  readonly registerTile: { readonly rows: number; readonly columns: number };
  /** The product of f32 that a subgroup computes at once: rows of queries × columns of keys, so many elements deep. */
  readonly matrix?: { readonly rows: number; readonly columns: number; readonly depth: number };
  /** Larger tiles, the largest first: for rows of up to `dim` elements, where a thread has at most so many values at
   *  hand beside its scores and sums. */
  readonly largerTiles?: readonly (Pick<Target, "tile" | "registerTile"> & {
    readonly dim: number;
    readonly values: number;
  })[];
  /** Tile of the passes that fold the map, on devices where all groups of threads work at once: none of them then adds to
   *  what another adds to, so folds along the queries are a pass of their own, from key tile to key tile. Absent: one pass has
   *  the tile of all others, and goes through the rows of a head in order. */
  readonly reduce?: Pick<Target, "tile" | "registerTile">;
  /** Where threads work in groups on memory of their own: what one group has, and how many buffers it binds. */
  readonly workgroup?: {
    readonly invocations: number;
    readonly memoryBytes: number;
    readonly storageBuffers: number;
  };
  /** Whether loops hide their number of turns, so that a driver does not unroll them; absent: they say it. */
  readonly loops?: "rolled";
  readonly limits: {
    /** Bytes that one memory, or one tensor, can hold. */
    readonly memoryBytes: number;
    /** Of a GPU that counts it: the least compute capability, 10 · major + minor. */
    readonly capability?: number;
    /** Largest dim and value dim: elements of one row that a tile keeps at hand. */
    readonly dim: number;
    /** Most operations and loads in the expressions of one attention. Read by src/schedule/fit.ts. */
    readonly operations: number;
  };
  /** Published worst error of approximate operations, in units in the last place of f32. Read by the error bound. */
  readonly errorUlps: Readonly<Record<string, number>>;
};
