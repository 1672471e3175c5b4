// The command as a process: real streams, the exit status, and what happens when the reader of a pipe goes away.

import { styleText } from "node:util";
import type { Io, Stream } from "./io.ts";
import { main } from "./main.ts";
import { reportBug } from "./report-bug.ts";

/** Runs the command line of this process and sets its exit status. */
export async function runAsProcess(): Promise<void> {
  // `attnc mask … | head` closes the pipe early; that is the reader's right and no error.
  for (const stream of [process.stdout, process.stderr]) {
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "EPIPE") process.exit(0);
      throw error;
    });
  }
  const io: Io = { out: streamOf(process.stdout), err: streamOf(process.stderr) };
  process.on("uncaughtException", (error) => {
    reportBug(io, error);
    process.exit(1);
  });
  process.exitCode = await main(process.argv.slice(2), io);
}

function streamOf(stream: NodeJS.WriteStream): Stream {
  return {
    write: (text) => void stream.write(text),
    isTerminal: stream.isTTY === true,
    columns: stream.columns ?? 100,
    style: (style, text) => styleText(style, text, { stream }),
  };
}
