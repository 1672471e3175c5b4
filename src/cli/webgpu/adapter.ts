// A WebGPU device for the command and the tests: Dawn, from the package `webgpu`, on the first adapter of a list. A real GPU
// comes first, then what software the system has (lavapipe), then SwiftShader from a package. Each choice has words, so
// that nobody takes a software adapter for a GPU.

import { existsSync, readdirSync } from "node:fs";
import { unpackSwiftShader } from "./swiftshader.ts";

export type Adapter = {
  readonly device: GPUDevice;
  /** Where it comes from, for libraries that look for `navigator.gpu`. */
  readonly gpu: GPU;
  /** Such as `SwiftShader (software, from the package @sparticuz/chromium)`. */
  readonly name: string;
  readonly isSoftware: boolean;
  /** Lets Node exit. */
  close(): void;
};

/** Dawn frees its instance with the object, and everything with it: kept here as long as an adapter is open. */
const instances = new Set<GPU>();

export type Wishes = {
  /** Asked for where they are offered; halves if absent. */
  readonly features?: readonly GPUFeatureName[];
  /** Whether memory of a workgroup begins with zeros, as the specification says. Ours may not count on it: SwiftShader
   *  compiles that for seconds, and a kernel that reads what it has not written is found without. */
  readonly clearsWorkgroups?: boolean;
  /** SwiftShader, even beside a GPU: a second adapter to compare with. */
  readonly isPackaged?: boolean;
};

/** Opens the first adapter that there is, with the best limits; the reason in words where there is none. */
export async function openAdapter(wishes: Wishes = {}): Promise<Adapter | string> {
  let dawn: typeof import("webgpu");
  try {
    dawn = await import("webgpu");
  } catch {
    return "the package `webgpu` is not installed: npm install webgpu";
  }
  for (const prepare of wishes.isPackaged ? [packagedDriver] : [systemDriver, packagedDriver]) {
    const origin = await prepare();
    if (origin === undefined) continue;
    const toggles = togglesFor(wishes);
    const gpu = dawn.create(toggles.length > 0 ? [`enable-dawn-features=${toggles.join(",")}`] : []);
    instances.add(gpu);
    const adapter = await gpu.requestAdapter();
    if (adapter) return openOn(gpu, adapter, origin, wishes);
    instances.delete(gpu);
  }
  return "there is no GPU with a driver, no lavapipe, and no package `@sparticuz/chromium` for Linux x64 to take SwiftShader from";
}

export const isExperimental = (feature: GPUFeatureName): boolean => feature.startsWith("chromium-experimental");

/** Dawn offers experiments to who says that they may be unsafe. */
const togglesFor = ({ clearsWorkgroups, features = [] }: Wishes): readonly string[] => [
  ...(clearsWorkgroups ? [] : ["disable_workgroup_init"]),
  ...(features.some(isExperimental) ? ["allow_unsafe_apis"] : []),
];

async function openOn(
  gpu: GPU,
  adapter: GPUAdapter,
  origin: string,
  { features = ["shader-f16"] }: Wishes,
): Promise<Adapter> {
  const { vendor, architecture, description, device: model } = adapter.info;
  const isSoftware = /swiftshader|llvmpipe|lavapipe/i.test(`${architecture} ${description} ${model}`);
  const { maxStorageBufferBindingSize, maxBufferSize, maxStorageBuffersPerShaderStage } = adapter.limits;
  const device = await adapter.requestDevice({
    requiredFeatures: features.filter((feature) => adapter.features.has(feature)),
    requiredLimits: { maxStorageBufferBindingSize, maxBufferSize, maxStorageBuffersPerShaderStage },
  });
  const model_ = [description || model || architecture || vendor, isSoftware ? "(software" : ""]
    .filter(Boolean)
    .join(" ");
  return {
    ...{ device, gpu },
    name: isSoftware ? `${model_}, ${origin})` : model_,
    isSoftware,
    close() {
      device.destroy();
      instances.delete(gpu);
    },
  };
}

/** Drivers that the user names, before SwiftShader is named there. */
const NAMED_DRIVERS = process.env.VK_ICD_FILENAMES;

/** A driver of the system: a GPU's, or lavapipe. */
async function systemDriver(): Promise<string | undefined> {
  const folders = ["/usr/share/vulkan/icd.d", "/etc/vulkan/icd.d"];
  const isThere = process.platform !== "linux" || NAMED_DRIVERS || folders.some(holdsDrivers);
  return isThere ? "from the system" : undefined;
}

/** The loader of Vulkan may be there without any: it makes the folder. */
const holdsDrivers = (folder: string) =>
  existsSync(folder) && readdirSync(folder).some((name) => name.endsWith(".json"));

async function packagedDriver(): Promise<string | undefined> {
  return (await unpackSwiftShader()) ? "from the package @sparticuz/chromium" : undefined;
}
