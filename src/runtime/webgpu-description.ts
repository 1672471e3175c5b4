// What a kernel for WebGPU says about itself: its shaders, what each binds, and how many workgroups a call takes. Plain JSON
// data that the emitter writes and the runtime reads.

import type { RunnableDescription, ScratchExtent } from "./description.ts";

export type BindingDescription = {
  /** `query key value out lse`, a captured tensor's name, `output.NAME`, or what the runtime keeps: `stored.TENSOR`, `own.lengths` [batch, 2]
   *  of keys alive and position of query row 0, and `facts`, `folds`, `statistics`, `parts` and `empty_rows` of its own. */
  readonly of: string;
  readonly access: "read" | "write";
};

export type ShaderDescription = {
  readonly name: string;
  readonly file: string;
  readonly entryPoint: string;
  /** Storage buffers, from binding 0 on; the uniform comes behind them. */
  readonly bindings: readonly BindingDescription[];
  /** Workgroups along x, y and z: each the product of these lengths. */
  readonly workgroups: readonly (readonly WorkgroupExtent[])[];
  /** The calls that the step is for; absent: all. */
  readonly calls?: "few" | "many";
  /** Its uniform says where rows lie in stored order. */
  readonly stored?: true;
};

/** `rowsOfHeads`: tiles of so many rows that one query head has, or all that share a KV head. */
export type WorkgroupExtent = ScratchExtent | { readonly rowsOfHeads: "alone" | "sharing"; readonly of: number };

export type StoredName = "query" | "key" | "value" | "out" | "lse";

export type WebgpuDescription = RunnableDescription & {
  readonly steps: readonly ShaderDescription[];
  /** Words of the uniform in their order, and what fills each: a length, `TENSOR.offset .batch .head .row`, `axis:NAME`,
   *  `param:NAME`, or `fact:NAME` and `fold:NAME`, where a buffer of facts or of folds begins. */
  readonly fields: readonly { readonly of: string; readonly type: "i32" | "f32" }[];
  /** Names of the scratch buffers that stand in `facts`, in their order. */
  readonly facts: readonly string[];
  /** And of those that stand in `folds`. */
  readonly folds?: readonly string[];
  /** Tensors of a call for which scratch in stored order stands, rows without gaps. */
  readonly stored?: readonly StoredName[];
  /** Calls of at most so many query rows, and of one key at least, run the steps for `few` instead of those for `many`, if
   *  the scratch buffer `parts` takes no more than its most bytes. */
  readonly few?: { readonly queries: number; readonly parts: string };
  /** What the device must offer. */
  readonly features: readonly GPUFeatureName[];
  readonly limits: {
    readonly maxComputeWorkgroupStorageSize: number;
    readonly maxComputeInvocationsPerWorkgroup: number;
    readonly maxStorageBuffersPerShaderStage: number;
  };
};
