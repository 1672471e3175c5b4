// The independent half of a certificate: takes the claims of a compiler that it knows nothing of, and the mask as the
// reference decides it, and looks at every pair. It shares with the compiler the meanings of operations, by way of the
// reference, and nothing else; a test holds its imports to that.

import { maskOf } from "../reference/mask.ts";
import type { Case } from "../spec/case.ts";
import type { Certificate } from "./certificate.ts";

/** A claim that does not hold, or one that is missing, in a sentence. */
export type Refutation = string;

/** Everything that is wrong with the certificate of this call; nothing where it holds. Cost: every pair of every head. */
export function checkCertificate(certificate: Certificate, call: Case): readonly Refutation[] {
  const { attention, tile, because, claims } = certificate;
  const { shape, keyLengths } = call;
  if (attention !== call.attention.name.text) return [`it is about \`${attention}\``];
  if (!(tile.queries >= 1 && tile.keys >= 1)) return [`its tile is ${tile.queries} × ${tile.keys}`];
  const mask = maskOf(call);
  const refutations: Refutation[] = [];
  const batches = counted(claims, shape.batch, "batches", refutations);
  for (const [batch, heads] of batches.entries()) {
    const alive = keyLengths?.[batch] ?? shape.keys;
    for (const [head, rows] of counted(heads, shape.heads, `heads of batch ${batch}`, refutations).entries()) {
      const where = `batch ${batch}, head ${head}`;
      const tiles = Math.ceil(shape.queries / tile.queries);
      for (const [i, letters] of counted(rows, tiles, `query tiles of ${where}`, refutations).entries()) {
        const keyTiles = Math.ceil(alive / tile.keys);
        for (const [j, letter] of counted(
          [...letters],
          keyTiles,
          `key tiles of ${where}, query tile ${i}`,
          refutations,
        ).entries()) {
          const block = { row: i * tile.queries, key: j * tile.keys };
          const end = {
            row: Math.min(block.row + tile.queries, shape.queries),
            key: Math.min(block.key + tile.keys, alive),
          };
          const seen = lookAt(mask.matrix(batch, head), shape.keys, block, end);
          const wrong = refute(letter, seen, because);
          if (wrong) refutations.push(`${where}, query tile ${i}, key tile ${j}: ${wrong}`);
        }
      }
    }
  }
  return refutations;
}

/** The list, or nothing and a refutation where its length is another. */
function counted<T>(list: readonly T[], count: number, what: string, refutations: Refutation[]): readonly T[] {
  if (list.length === count) return list;
  refutations.push(`it has ${list.length} ${what} instead of ${count}`);
  return [];
}

type Corner = { readonly row: number; readonly key: number };

/** A pair that is visible and one that is not, where there are any. */
type Seen = { readonly visible?: Corner; readonly hidden?: Corner };

function lookAt(matrix: Uint8Array, keys: number, start: Corner, end: Corner): Seen {
  let seen: Seen = {};
  for (let row = start.row; row < end.row; row++) {
    for (let key = start.key; key < end.key; key++) {
      if (matrix[row * keys + key] === 1) seen = seen.visible ? seen : { ...seen, visible: { row, key } };
      else seen = seen.hidden ? seen : { ...seen, hidden: { row, key } };
    }
  }
  return seen;
}

/** What is wrong with the claim, if anything. A claim without a term that proves it is none. */
function refute(letter: string, { visible, hidden }: Seen, because: Certificate["because"]): string | undefined {
  if (letter === "p") return undefined;
  if (letter !== "j" && letter !== "e" && letter !== "f") return `\`${letter}\` is no claim`;
  if (because[letter].length === 0) return `no term is named for \`${letter}\``;
  const against = letter === "f" ? hidden : visible;
  if (!against) return undefined;
  const claimed = { j: "jumped over", e: "called empty", f: "called full" }[letter];
  return `it is ${claimed}, but row ${against.row} ${letter === "f" ? "does not see" : "sees"} key ${against.key}`;
}
