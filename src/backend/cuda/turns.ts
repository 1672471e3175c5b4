// How warpgroups take turns at the matrix units: by a barrier with a name for each of them. Whose turn it is waits there,
// and the one before comes to it without waiting.

import type { Warpgroups } from "../../schedule/plan.ts";

/** Statements at the beginning and at the end of a kernel, and around products that follow one another. */
export type Turns = Readonly<Record<"openTurns" | "takeTurn" | "giveTurn" | "closeTurns", string>>;

const arrive = (group: string) => `some_arrive(TURN + ${group}, 2 * WARPGROUP);`;
const wait = (group: string) => `some_barrier(TURN + ${group}, 2 * WARPGROUP);`;

const TURNS: Turns = {
  openTurns: `if (group == GROUPS - 1) ${arrive("0")}  // The first warpgroup begins.`,
  takeTurn: wait("group"),
  giveTurn: arrive("(group + 1) % GROUPS"),
  closeTurns: `if (group == 0) ${wait("0")}  // The last turn is given to nobody else.`,
};

const NONE = "// Whose products come first is left to the hardware.";
const NO_TURNS: Turns = { openTurns: NONE, takeTurn: NONE, giveTurn: NONE, closeTurns: NONE };

export const turnsOf = (warpgroups: Warpgroups | undefined): Turns => (warpgroups?.turns ? TURNS : NO_TURNS);
