// The functions that printed code calls. A text names what it calls; this file finds those functions, and what they call
// in turn, and prints each once, callees first. A function `name` stands in the dialect's library under `name`, with
// hyphens.

import { TEMPLATES } from "../../generated/templates.ts";
import { render } from "../template.ts";
import type { Dialect } from "./dialect.ts";

const CALL = /\b([a-z]\w*)\(/g;

export function libraryFor(
  texts: readonly string[],
  { library, libraryView }: Pick<Dialect, "library" | "libraryView">,
): readonly string[] {
  const printed = new Map<string, string>();
  const visit = (text: string): void => {
    for (const [, name] of text.matchAll(CALL)) {
      const path = `${library}/${name!.replaceAll("_", "-")}`;
      if (printed.has(path) || !Object.hasOwn(TEMPLATES, path)) continue;
      const body = render(path, libraryView).trimEnd();
      // Taken before its callees, because its own text names it too; printed behind them.
      printed.set(path, "");
      visit(body);
      printed.delete(path);
      printed.set(path, body);
    }
  };
  for (const text of texts) visit(text);
  return [...printed.values()];
}
