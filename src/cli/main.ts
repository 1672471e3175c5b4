// From a command line to an exit status: 0 done, 1 the file or the check failed, 2 wrong usage. Builds the parser from
// the table of commands and prints what went wrong; it knows nothing of what commands do.

import { CommanderError, Option, Command as Parser } from "commander";
import { VERSION } from "../generated/version.ts";
import { CommandError } from "./command-error.ts";
import { COMMANDS, type CommandRow, type OptionRow } from "./commands.ts";
import type { Io } from "./io.ts";
import { reportBug } from "./report-bug.ts";

export type Status = 0 | 1 | 2;

/** Runs one command line, without the names of Node and the program. Never throws. */
export async function main(argv: readonly string[], io: Io): Promise<Status> {
  let status: Status = 0;
  const parser = await parserFor(io, (result) => {
    status = result;
  });
  try {
    await parser.parseAsync([...argv], { from: "user" });
    return status;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    if (error instanceof CommandError) return reportError(io, error);
    reportBug(io, error);
    return 1;
  }
}

async function parserFor(io: Io, finish: (status: Status) => void): Promise<Parser> {
  const parser = new Parser("attnc")
    .description("A compiler for attention: .attn files in, fused and verified kernels out.")
    .usage("<command> FILE[#NAME] [options]")
    .version(VERSION, "-V, --version", "print the version")
    .helpOption("-h, --help", "print help; `attnc help COMMAND` explains one command")
    .exitOverride()
    .showSuggestionAfterError()
    .showHelpAfterError("`attnc --help` lists the commands and their options.")
    .configureOutput({
      writeOut: (text) => io.out.write(text),
      writeErr: (text) => io.err.write(text),
      getOutHelpWidth: () => Math.min(io.out.columns, 110),
      getErrHelpWidth: () => Math.min(io.err.columns, 110),
      outputError: (text, write) => write(text.replace(/^error:/, `${io.err.style(["red", "bold"], "error")}:`)),
    });
  for (const row of COMMANDS) addCommand(parser, row, io, finish);
  return parser;
}

function addCommand(parser: Parser, row: CommandRow, io: Io, finish: (status: Status) => void): void {
  const command = parser.command(`${row.name} ${row.takes}`.trim()).description(row.summary);
  for (const option of row.options) command.addOption(optionOf(option));
  command
    .helpOption("-h, --help", "print this help")
    .showHelpAfterError(`\`attnc ${row.name} --help\` lists the options.`)
    .addHelpText("after", ["", "Examples:", ...row.examples.map((example) => `  ${example}`)].join("\n"))
    .action(async (...given: readonly unknown[]) => {
      const { run } = await row.load();
      finish(await run(io, row.takes === "" ? [] : [given[0] as string | string[]].flat(), command.opts() as never));
    });
}

function optionOf(row: OptionRow): Option {
  const option = new Option(row.flags, row.text);
  if (row.choices) option.choices([...row.choices]);
  if (row.repeated) {
    option.argParser((value: string, earlier: readonly string[] | undefined) => [...(earlier ?? []), value]);
  }
  return option;
}

function reportError(io: Io, error: CommandError): Status {
  if (error.message === "") return error.status;
  const code = error.code === undefined ? "" : `[${error.code}]`;
  io.err.write(`${io.err.style(["red", "bold"], `error${code}`)}: ${error.message}\n`);
  if (error.hint !== undefined) io.err.write(`  = hint: ${error.hint}\n`);
  return error.status;
}
