// `attnc explain --certificate FILE`: writes what the kernels of some calls claim of every tile, and lets the checker that
// does not trust the compiler look at every pair where that takes no longer than a moment.

import { certificateOf } from "../certificate/certify.ts";
import { checkCertificate } from "../certificate/check.ts";
import { planMasks } from "../execute/plan-masks.ts";
import { attendSteps } from "../schedule/steps.ts";
import type { Case } from "../spec/case.ts";
import { wrongUsage } from "./command-error.ts";
import { writeAtomically } from "./files.ts";
import { type Io, note } from "./io.ts";

/** Tiles that are worth a letter each, and pairs that are looked at one by one, at most. */
const MOST_TILES = 2 ** 22;
const MOST_CHECKED = 2 ** 24;

/** Writes a list with one certificate a call. A certificate that does not hold is a bug and throws. */
export function writeCertificates(io: Io, path: string, calls: readonly Case[]): void {
  const certificates = calls.map((call) => {
    const program = planMasks(call.attention.masks, call);
    const { batch, heads, queries, keys } = call.shape;
    const { tile } = attendSteps(program)[0]!.plan;
    const tiles = batch * heads * Math.ceil(queries / tile.queries) * Math.ceil(keys / tile.keys);
    if (tiles > MOST_TILES) {
      throw wrongUsage(`a certificate of ${tiles} tiles is too large`, `at most ${MOST_TILES} tiles are written`);
    }
    const certificate = certificateOf(program, call);
    const isChecked = batch * heads * queries * keys <= MOST_CHECKED;
    const [refuted] = isChecked ? checkCertificate(certificate, call) : [];
    if (refuted) throw new Error(`the certificate of ${certificate.attention} does not hold: ${refuted}`);
    const outcome = isChecked ? "checked pair by pair" : "not checked, the map is too large";
    note(io, `${certificate.attention}: ${tiles} tiles, ${outcome}`);
    return certificate;
  });
  writeAtomically(path, `${JSON.stringify(certificates, null, 1)}\n`);
}
