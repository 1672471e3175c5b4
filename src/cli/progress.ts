// Progress of long work, on stderr: one moving line on a terminal, a quiet line now and then elsewhere.

import type { Io } from "./io.ts";

export type Progress = {
  /** `done` of `total` steps are behind us; `text` says what is at work. */
  readonly update: (done: number, total: number, text: string) => void;
  /** A part of long work has ended thus. Said where lines stay, so that work that is stopped leaves what it found. */
  readonly tell: (text: string) => void;
  /** Removes the line, so that what is printed next starts at the margin. */
  readonly end: () => void;
};

const BAR_WIDTH = 24;
const FRAME_MS = 80;
const QUIET_MS = 10_000;

/** A progress line. Short work prints nothing where no terminal is. */
export function startProgress(io: Io, now: () => number = () => performance.now()): Progress {
  return io.err.isTerminal ? barOn(io, now) : linesOn(io, now);
}

function barOn(io: Io, now: () => number): Progress {
  let shown = Number.NEGATIVE_INFINITY;
  return {
    update: (done, total, text) => {
      if (now() - shown < FRAME_MS && done < total) return;
      shown = now();
      const filled = total === 0 ? BAR_WIDTH : Math.round((done / total) * BAR_WIDTH);
      const bar = "━".repeat(filled) + io.err.style("dim", "━".repeat(BAR_WIDTH - filled));
      const counts = `${done}/${total}`;
      const room = Math.max(0, io.err.columns - BAR_WIDTH - counts.length - 4);
      io.err.write(`\r\u001b[K${bar} ${counts} ${text.slice(0, room)}`);
    },
    tell: () => {},
    end: () => io.err.write("\r\u001b[K"),
  };
}

function linesOn(io: Io, now: () => number): Progress {
  const started = now();
  let shown = started;
  return {
    update: (done, total, text) => {
      if (now() - shown < QUIET_MS) return;
      shown = now();
      io.err.write(`${done}/${total} ${text}\n`);
    },
    tell: (text) => {
      if (now() - started >= QUIET_MS) io.err.write(`${text}\n`);
    },
    end: () => {},
  };
}
