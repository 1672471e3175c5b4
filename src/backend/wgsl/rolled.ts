// Loops that stay loops. A driver unrolls one whose number of turns it reads in the text, and a driver in software compiles
// that for seconds; on a GPU it is what keeps the arrays of a thread in registers. So the texts of all templates say their
// numbers, and where a target is for drivers in software, each goes through a function that they cannot see through.

const COUNTED = /(for \(var (\w+) = 0; \2 < )(\d+);/g;

/** The text with the number of turns of every loop hidden from the driver. */
export const withRolledLoops = (text: string): string => text.replace(COUNTED, "$1turns($3);");
