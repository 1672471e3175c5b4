// The version of the package, from the package itself.

import { readFileSync } from "node:fs";

/** `0.1.0` */
export function version(): string {
  // The source lies two folders below package.json and the built command three.
  for (const place of ["../../package.json", "../../../package.json"]) {
    try {
      const found = JSON.parse(readFileSync(new URL(place, import.meta.url), "utf8"));
      if (found.name === "attnc") return found.version;
    } catch {
      // Not here; the next place is looked at.
    }
  }
  return "unknown";
}
