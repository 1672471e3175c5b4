// WebGPU with subgroups, whose threads exchange values without workgroup memory. They are of 4 to 128 threads; no size is taken
// for granted, nor that threads side by side share one.

import type { Target } from "./target.ts";
import { webgpu } from "./webgpu.ts";

export const webgpuSubgroups: Target<"wgsl"> = {
  ...webgpu,
  name: "wgsl-subgroups",
  description: "WebGPU with subgroups: Chrome 134 and later, where the device has them",
  features: ["subgroups"],
};
