// Every stage of the compiler as text: what `show --stage` prints. One row a stage; the first three are about a file, the
// others about each attention of it.

import type { RowElement, Target } from "../../targets/target.ts";
import { emitProgram } from "../backend/index.ts";
import type { Outcome } from "../diagnostics/problem.ts";
import { lowerAttention } from "../ir/lower.ts";
import { printAttention } from "../ir/print.ts";
import type { Value } from "../ops/op.ts";
import { optimize } from "../passes/index.ts";
import { planProgram } from "../schedule/choose.ts";
import type { Dims, Program } from "../schedule/plan.ts";
import { printProgram } from "../schedule/print.ts";
import { printLoops } from "../schedule/print-loops.ts";
import type { SourceFile } from "../source/source-file.ts";
import type { Attention } from "../spec/spec.ts";
import { parseFile } from "../syntax/parse.ts";
import { printTree } from "./print-tree.ts";
import { cstText, tokensText } from "./syntax-stages.ts";

/** What is fixed when a kernel is compiled, for the stages that need it. */
export type StageSettings = {
  readonly dims: Dims;
  readonly element: RowElement;
  readonly consts: Readonly<Record<string, Value>>;
  readonly target: Target;
};

/** Text of a stage and the problems that kept it from being complete. */
export type FileStage = (source: SourceFile) => string;
export type AttentionStage = (attention: Attention, settings: StageSettings) => Outcome<string>;

export const FILE_STAGES: Readonly<Record<string, FileStage>> = {
  tokens: tokensText,
  cst: cstText,
  ast: (source) => printTree(parseFile(source, 0).value.declarations),
};

export const ATTENTION_STAGES: Readonly<Record<string, AttentionStage>> = {
  spec: (attention) => whole(printTree(attention)),
  ir: (attention, { consts }) => whole(printAttention(optimize(lowerAttention(attention, { consts })))),
  plan: (attention, settings) => ofProgram(attention, settings, printProgram),
  loop: (attention, settings) => ofProgram(attention, settings, printLoops),
  code: (attention, settings) =>
    ofProgram(attention, settings, (program) =>
      emitProgram(program, settings.target)
        .files.map(({ text }) => text)
        .join("\n"),
    ),
};

/** The expressions as they are lowered, then after every pass that changed them, with the rules that fired. */
export function everyPass(attention: Attention, { consts }: StageSettings): string {
  const lowered = lowerAttention(attention, { consts });
  const texts = [`lowered\n\n${printAttention(lowered)}`];
  optimize(lowered, {
    afterEach: ({ pass, round, before, after, fired }) => {
      if (before === after) return;
      const rules = [...fired].map(([rule, count]) => `  ${rule} × ${count}\n`).join("");
      texts.push(`after ${pass}, round ${round}\n${rules}\n${printAttention(after)}`);
    },
  });
  return texts.join("\n");
}

function ofProgram(
  attention: Attention,
  { dims, element, consts, target }: StageSettings,
  print: (program: Program) => string,
): Outcome<string> {
  const { value, problems } = planProgram(optimize(lowerAttention(attention, { consts })), target, dims, element);
  return { value: problems.length === 0 ? print(value) : "", problems };
}

function whole(value: string): Outcome<string> {
  return { value, problems: [] };
}
