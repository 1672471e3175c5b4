// Runs the precompiled templates. They were compiled strict and without escaping by `npm run generate`, so nothing here
// needs a file system or `eval`. Every template can stand in another as a part, under its path.

import type Handlebars from "handlebars";
import runtime from "handlebars/runtime.js";
import { TEMPLATES } from "../generated/templates.ts";

// The package declares no types for its runtime half; it is the whole without the compiler.
const environment = (runtime as unknown as typeof Handlebars).create();
const compiled = Object.fromEntries(
  Object.entries(TEMPLATES).map(([path, specification]) => [path, environment.template(specification as object)]),
);
for (const [path, template] of Object.entries(compiled)) environment.registerPartial(path, template);

/** Renders the template at `path`, such as `wasm/module.wat`, with a plain record. A field that is missing throws. */
export function render(path: string, view: object): string {
  const template = compiled[path];
  if (!template) throw new Error(`no template ${path}: a bug in the backend`);
  return template(view);
}
