// Plain data as an indented tree, for stages that have no notation of their own. Objects that occur more than once are
// written out the first time with a mark, `&1`, and named by it after that, so that shared graphs stay short. Places in
// the text are left out. What is printed is read by YAML readers too.

/** Fields that say where something stands, not what it is. */
const PLACES: ReadonlySet<string> = new Set(["span", "operatorSpan", "fromSpan"]);

/** The tree of a value, ended by a line break. Deep graphs are no problem: the work list is explicit. */
export function printTree(root: unknown): string {
  const uses = countUses(root);
  const marks = new Map<object, number>();
  const lines: string[] = [];
  const pending: Entry[] = [{ depth: 0, label: "", value: root }];
  while (pending.length > 0) {
    const { depth, label, value } = pending.pop()!;
    const indent = "  ".repeat(Math.max(0, depth - 1));
    const head = label === "" ? indent : `${indent}${label}`;
    if (!isBranch(value)) {
      lines.push(`${head} ${leafText(value)}`.trimEnd());
      continue;
    }
    const known = marks.get(value);
    if (known !== undefined) {
      lines.push(`${head} *${known}`);
      continue;
    }
    if (uses.get(value)! > 1) marks.set(value, marks.size + 1);
    const mark = marks.has(value) ? ` &${marks.get(value)}` : "";
    const short = oneLine(value);
    if (short !== undefined) {
      lines.push(`${head}${mark} ${short}`);
      continue;
    }
    if (depth > 0) lines.push(`${head}${mark}`);
    for (const [name, part] of partsOf(value).toReversed()) {
      pending.push({ depth: depth + 1, label: Array.isArray(value) ? "-" : `${name}:`, value: part });
    }
  }
  return `${lines.join("\n")}\n`;
}

type Entry = { readonly depth: number; readonly label: string; readonly value: unknown };

function countUses(root: unknown): ReadonlyMap<object, number> {
  const uses = new Map<object, number>();
  const pending = [root];
  while (pending.length > 0) {
    const value = pending.pop();
    if (!isBranch(value)) continue;
    const before = uses.get(value) ?? 0;
    uses.set(value, before + 1);
    if (before === 0) for (const [, part] of partsOf(value)) pending.push(part);
  }
  return uses;
}

function partsOf(value: object): readonly (readonly [string, unknown])[] {
  const entries = value instanceof Map ? [...value] : Object.entries(value);
  return entries.filter(([name, part]) => !PLACES.has(name) && part !== undefined);
}

/** A branch of leaves alone, where it is short: `{ kind: literal, value: 4 }`. A name is its text. */
function oneLine(value: object): string | undefined {
  const parts = partsOf(value);
  if (parts.some(([, part]) => isBranch(part))) return undefined;
  if (parts.length === 1 && parts[0]![0] === "text") return leafText(parts[0]![1]);
  const text = Array.isArray(value)
    ? `[${parts.map(([, part]) => leafText(part)).join(", ")}]`
    : `{ ${parts.map(([name, part]) => `${name}: ${leafText(part)}`).join(", ")} }`;
  return text.length <= 96 ? text.replace("{  }", "{}") : undefined;
}

function isBranch(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

function leafText(value: unknown): string {
  if (typeof value !== "string") return String(value);
  return /^[\w.*/<>=+-]+$/.test(value) ? value : JSON.stringify(value);
}
