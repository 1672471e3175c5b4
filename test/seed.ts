// Random tests draw the same numbers in every run of `npm test`, so that its answer is about the code and not about the
// day. `npm run fuzz` draws fresh ones, and ATTNC_SEED=N repeats a run; a failure prints its seed either way.

import fc from "fast-check";

const asked = process.env.ATTNC_SEED ?? "1";
if (asked !== "fresh") fc.configureGlobal({ seed: Number(asked) });
