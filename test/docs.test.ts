// The documents point at files that exist, and the glossary and the tables name places that are there.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";

const root = new URL("..", import.meta.url).pathname;
const documents = ["README.md", "examples/README.md", "grammar/README.md", "templates/README.md"].concat(
  readdirSync(join(root, "docs"), { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".md"))
    .map((path) => `docs/${path}`),
);
/** A place in the tree, as prose writes it; patterns such as `docs/<name>.md` are not meant. */
const PLACE = /`((?:src|test|docs|grammar|templates|targets|examples)\/[\w./-]*)`/g;

test.each(documents)("%s points at what is there", (document) => {
  const text = readFileSync(join(root, document), "utf8");
  const links = [...text.matchAll(/\]\(([^)#:]+)(?:#[^)]*)?\)|src="([^":]+)"/g)].map(([, link, image]) =>
    join(dirname(document), (link ?? image)!),
  );
  const places = [...text.matchAll(PLACE)].map(([, place]) => place!);
  expect([...links, ...places].filter((path) => !existsSync(join(root, path)))).toEqual([]);
});
