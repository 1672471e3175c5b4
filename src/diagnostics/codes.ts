// The catalogue of problems: every code with its meaning, the rule behind it, and an example. `attnc explain CODE` prints
// an entry, docs/diagnostics.md lists them all.

import { COMMAND_CODES, type CommandCode } from "./codes/command.ts";
import { CONTRACT_CODES } from "./codes/contracts.ts";
import type { CodeEntry, Entries } from "./codes/entry.ts";
import { INPUT_CODES, type InputCode } from "./codes/inputs.ts";
import { NAME_CODES } from "./codes/names.ts";
import { PLAN_CODES } from "./codes/plan.ts";
import { SUPPORT_CODES } from "./codes/support.ts";
import { SYNTAX_CODES } from "./codes/syntax.ts";
import { TYPE_CODES } from "./codes/types.ts";
import type { Problem } from "./problem.ts";

export type Code = Problem["code"] | InputCode | CommandCode;

export const CODES: Entries<Code> = {
  ...SYNTAX_CODES,
  ...NAME_CODES,
  ...TYPE_CODES,
  ...CONTRACT_CODES,
  ...SUPPORT_CODES,
  ...PLAN_CODES,
  ...INPUT_CODES,
  ...COMMAND_CODES,
};

/** Chapters of the catalogue, by the first three characters of the codes. */
export const STAGES: readonly { readonly title: string; readonly prefixes: readonly string[] }[] = [
  { title: "Text and files", prefixes: ["E01"] },
  { title: "Names", prefixes: ["E02", "W02"] },
  { title: "Types and arithmetic", prefixes: ["E03", "W03"] },
  { title: "Parameters, contracts and clauses", prefixes: ["E04", "W04"] },
  { title: "Not supported yet", prefixes: ["E05"] },
  { title: "Targets", prefixes: ["E06"] },
  { title: "Inputs of a call", prefixes: ["E07"] },
  { title: "Files of the command", prefixes: ["E08"] },
];

/** All codes, errors and warnings, in order. */
export const ALL_CODES: readonly Code[] = (Object.keys(CODES) as Code[]).sort();

/** The entry of a code as the user may type it; undefined where there is none. */
export function entryOf(code: string): (CodeEntry & { readonly code: Code }) | undefined {
  const known = ALL_CODES.find((candidate) => candidate === code.toUpperCase());
  return known && { code: known, ...CODES[known] };
}

/** The long form of a problem as text, for `attnc explain CODE`; undefined for an unknown code. */
export function explainCode(code: string): string | undefined {
  const entry = entryOf(code);
  if (!entry) return undefined;
  const example = (title: string, text: string | undefined) =>
    text === undefined ? [] : ["", `${title}:`, "", ...text.split("\n").map((line) => `    ${line}`)];
  return [
    `${entry.code}: ${entry.meaning}`,
    "",
    entry.explanation,
    ...example("For example", entry.wrong),
    ...example("Instead", entry.right),
    "",
  ].join("\n");
}

/** docs/diagnostics.md. A test holds the file to this text. */
export function diagnosticsPage(): string {
  const chapters = STAGES.flatMap(({ title, prefixes }) => [
    `## ${title}`,
    "",
    ...ALL_CODES.filter((code) => prefixes.includes(code.slice(0, 3))).flatMap(entryLines),
  ]);
  return [
    "# Diagnostics",
    "",
    "<!-- Generated from src/diagnostics/codes: `npx vitest run -c test/vitest.config.ts test/unit/diagnostics -u`. -->",
    "",
    "Every problem has a code. Codes with E are errors, codes with W are warnings. `attnc explain CODE` prints an entry.",
    "",
    ...chapters,
  ].join("\n");
}

function entryLines(code: Code): string[] {
  const { meaning, explanation, wrong, right } = CODES[code];
  const block = (title: string, text: string | undefined) =>
    text === undefined ? [] : [title, "", "```attn", ...text.split("\n"), "```", ""];
  return [`### ${code}: ${meaning}`, "", explanation, "", ...block("For example:", wrong), ...block("Instead:", right)];
}
