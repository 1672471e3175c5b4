// The typed module of one attention for WebGPU: the types of a call are those of every target; the shaders stand in the
// module as text, so that it needs no file beside it but the runtime; `load` takes the caller's device.

import type { Emitted } from "../backend/backend.ts";
import type { WebgpuDescription } from "../runtime/webgpu-description.ts";
import { bufferTypes, callTypes } from "./call-types.ts";
import { describeAttention, WEBGPU_WORDS, WORDS } from "./jsdoc.ts";
import {
  addConstant,
  addImports,
  addTypes,
  addValue,
  type Bindings,
  type ModuleOrigin,
  type ModuleWriter,
  writeModule,
} from "./module.ts";
import { typeNames } from "./names.ts";

export type WebgpuModuleInput = ModuleOrigin & {
  readonly description: WebgpuDescription;
  readonly shaders: readonly Emitted[];
  /** Mask and score by themselves. */
  readonly functions: Emitted;
};

export function emitWebgpuBindings(input: WebgpuModuleInput): Promise<Bindings> {
  return writeModule((writer) => {
    addImports(writer, input, {
      types: ["BufferTensor", "EncodedCall", "WebgpuDescription", ...(hasSlices(input) ? ["BufferSlice"] : [])],
      values: ["bindGroupLayoutOf", "createKernel"],
      exports: ["AttentionInputError"],
    });
    addTypes(writer, callTypes(input.signature));
    addTypes(writer, bufferTypes(input.signature));
    addKernel(writer, input);
    addConstant(writer, "description", "WebgpuDescription", WORDS.description, input.description);
    addNeeds(writer);
    addShaders(writer, input);
    addLoad(writer, input);
  });
}

const hasSlices = ({ signature: { captured, results, named } }: WebgpuModuleInput) =>
  captured.length + results.length + named.length > 1;

/** The kernel on a device. */
function addKernel({ file, objectType }: ModuleWriter, { signature, origin }: WebgpuModuleInput): void {
  const { call, buffers, result, kernel } = typeNames(signature.name);
  const pass = { name: "pass", type: "GPUComputePassEncoder" };
  const properties = [{ name: "device", isReadonly: true, type: "GPUDevice", docs: [WEBGPU_WORDS.device] }];
  const methods = [
    {
      ...{ name: "run", parameters: [{ name: "call", type: call }] },
      ...{ returnType: `Promise<${result}>`, docs: [WEBGPU_WORDS.run] },
    },
    {
      ...{ name: "encode", parameters: [pass, { name: "call", type: buffers }] },
      ...{ returnType: "EncodedCall", docs: [WEBGPU_WORDS.encode] },
    },
  ];
  const docs = [describeAttention(signature, origin)];
  file.addTypeAlias({ name: kernel, isExported: true, docs, type: objectType({ properties, methods }) });
}

/** What a device is asked for, and what pipelines of one's own are made with. */
function addNeeds(writer: ModuleWriter): void {
  const { requiredFeatures, requiredLimits, bindGroupLayouts } = WEBGPU_WORDS;
  addValue(writer, "requiredFeatures", requiredFeatures, "[...description.features]", "GPUFeatureName[]");
  addValue(writer, "requiredLimits", requiredLimits, "{ ...description.limits }", "Record<string, number>");
  const layouts = "description.steps.map(bindGroupLayoutOf)";
  addValue(writer, "bindGroupLayouts", bindGroupLayouts, layouts, "readonly GPUBindGroupLayoutDescriptor[]");
}

function addShaders(writer: ModuleWriter, { shaders, functions }: WebgpuModuleInput): void {
  const texts = shaders.map(({ name, text }) => `${JSON.stringify(name)}: ${quoted(text)},\n`).join("");
  addValue(writer, "shaders", WEBGPU_WORDS.shaders, `{\n${texts}}`, "Readonly<Record<string, string>>");
  addValue(writer, "functions", WEBGPU_WORDS.functions, quoted(functions.text), "string");
}

const quoted = (text: string) => `\`${text.replace(/[\\`$]/g, "\\$&")}\``;

function addLoad({ file }: ModuleWriter, { signature: { name } }: WebgpuModuleInput): void {
  const { call, result, kernel } = typeNames(name);
  file.addFunction({
    name: "load",
    isExported: true,
    isAsync: true,
    docs: [WEBGPU_WORDS.load],
    parameters: [{ name: "device", type: "GPUDevice" }],
    returnType: `Promise<${kernel}>`,
    statements: [
      "const kernel = await createKernel(device, description, shaders);",
      `const run = (call: ${call}) => kernel.run(call) as Promise<${result}>;`,
      "return { device, run, encode: kernel.encode };",
    ],
  });
}
