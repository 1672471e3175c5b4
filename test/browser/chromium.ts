// The headless Chromium of the tests, from a package, with WebGPU on SwiftShader; there is one for Linux x64.

import chromium from "@sparticuz/chromium";

export const hasChromium = process.platform === "linux" && process.arch === "x64";

/** WebGPU is off in a Chromium without a GPU; these switch it on, in software. Memory of workgroups is not cleared, which
 *  SwiftShader compiles for seconds: a kernel that reads what it has not written shows it. */
export const WITH_WEBGPU = [
  ...["--enable-unsafe-webgpu", "--use-webgpu-adapter=swiftshader", "--enable-features=Vulkan"],
  "--enable-dawn-features=disable_workgroup_init",
];
/** The process of the tests is the sandbox; nothing is looked up on a network. */
export const QUIET = [
  "--no-sandbox",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-quic",
];

/** How Playwright starts it. */
export async function launchOptions(...args: readonly string[]) {
  return { executablePath: await chromium.executablePath(), args: [...QUIET, ...args] };
}
