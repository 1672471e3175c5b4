// The typed module of one attention for WebAssembly: what a call takes and gives, with named axes; the description that
// the runtime reads; a `load` that finds the kernel beside the module, and one for kernels on threads.

import type { KernelDescription } from "../runtime/description.ts";
import { callTypes } from "./call-types.ts";
import { describeAttention, describeLoad, describeLoadOnThreads, WORDS } from "./jsdoc.ts";
import {
  addConstant,
  addImports,
  addTypes,
  type Bindings,
  type ModuleOrigin,
  type ModuleWriter,
  writeModule,
} from "./module.ts";
import { typeNames } from "./names.ts";
import type { Signature } from "./signatures.ts";

export type ModuleInput = ModuleOrigin & { readonly description: KernelDescription };

/** What the workers of the runtime run. */
export const WORKER_FILE = "attnc-worker.js";

export function emitWasmBindings(input: ModuleInput): Promise<Bindings> {
  return writeModule((writer) => {
    addImports(writer, input, {
      types: ["KernelBytes", "KernelDescription", "KernelModules", "ResidentTensor", "WorkerClass"],
      values: ["instantiate", "instantiateThreads", "readKernel"],
      exports: ["AttentionInputError"],
    });
    addTypes(writer, callTypes(input.signature));
    addKernels(writer, input);
    addConstant(writer, "description", "KernelDescription", WORDS.description, input.description);
    addLoad(writer, input.signature);
    addLoadOnThreads(writer, input.signature);
  });
}

/** The loaded kernel, on the thread of its caller and on others. */
function addKernels({ file, objectType }: ModuleWriter, input: ModuleInput): void {
  const { call, result, kernel, onThreads } = typeNames(input.signature.name);
  const methods = (returnType: string, run: string) => [
    { name: "run", parameters: [{ name: "call", type: call }], returnType, docs: [run] },
    {
      name: "allocate",
      typeParameters: [
        { name: "Shape", constraint: "readonly number[]", isConst: true },
        { name: "Element", constraint: '"f32" | "f16"', default: '"f32"' },
      ],
      parameters: [
        { name: "shape", type: "Shape" },
        { name: "element", type: "Element", hasQuestionToken: true },
      ],
      returnType: "ResidentTensor<Shape, Element>",
      docs: [WORDS.allocate],
    },
    { name: "dispose", returnType: "void", docs: [WORDS.dispose] },
  ];
  const add = (name: string, docs: string, all: ReturnType<typeof methods>) =>
    file.addTypeAlias({ name, isExported: true, docs: [docs], type: objectType({ methods: all }) });
  add(kernel, describeAttention(input.signature, input.origin), methods(result, WORDS.run));
  add(onThreads, WORDS.onThreads, methods(`Promise<${result}>`, WORDS.runOnThreads));
}

function addLoad({ file }: ModuleWriter, { name }: Signature): void {
  const { call, result, kernel } = typeNames(name);
  file.addFunction({
    name: "load",
    isExported: true,
    isAsync: true,
    docs: [describeLoad(name)],
    parameters: [MODULES],
    returnType: `Promise<${kernel}>`,
    statements: [
      ...filesOf(name, ""),
      "const kernel = await instantiate(modules ?? (await readKernel({ relaxed, plain })), description);",
      `const run = (call: ${call}) => kernel.run(call) as ${result};`,
      RETURN,
    ],
  });
}

/** A function of its own, because its calls are awaited, and so that a bundle knows of workers only where it is used. */
function addLoadOnThreads({ file }: ModuleWriter, { name }: Signature): void {
  const { call, result, onThreads } = typeNames(name);
  file.addFunction({
    name: "loadOnThreads",
    isExported: true,
    isAsync: true,
    docs: [describeLoadOnThreads(name)],
    parameters: [{ name: "threads", type: "number" }, MODULES],
    returnType: `Promise<${onThreads}>`,
    statements: [
      ...filesOf(name, ".threads"),
      `const start = (Worker: WorkerClass) => new Worker(new URL("./${WORKER_FILE}", import.meta.url), { type: "module" });`,
      "const bytes = modules ?? (await readKernel({ relaxed, plain }));",
      "const kernel = await instantiateThreads(bytes, description, threads, start);",
      `const run = (call: ${call}) => kernel.run(call) as Promise<${result}>;`,
      RETURN,
    ],
  });
}

const MODULES = { name: "modules", type: "KernelModules | KernelBytes", hasQuestionToken: true };
const RETURN = "return { run, allocate: kernel.allocate, dispose: () => kernel.dispose() };";

/** Bundlers look for exactly this form, so the names stand in it as they are. */
const filesOf = (name: string, build: string) => [
  `const relaxed = new URL("./${name}.relaxed${build}.wasm", import.meta.url);`,
  `const plain = new URL("./${name}${build}.wasm", import.meta.url);`,
];
