// Which keys each query row attends to: those that the mask shows it, in blocks that every sparsity of the attention chose.

import type { Case } from "../spec/case.ts";
import { type Mask, maskOf } from "./mask.ts";
import { chosenPairs, type Selection, selectionOf } from "./selection.ts";
import { storedOrderOf } from "./stored-order.ts";

export type Sight = {
  readonly mask: Mask;
  /** One for each sparsity. */
  readonly selections: readonly Selection[];
  /** `row` counts query rows of this call. */
  sees(batch: number, head: number, row: number, key: number): boolean;
};

export function sightOf(call: Case): Sight {
  const mask = maskOf(call);
  const orderOf = storedOrderOf(call);
  const selections = (call.attention.sparsities ?? []).map((sparsity) => selectionOf(call, sparsity, mask, orderOf));
  const isChosen = chosenPairs(selections, call);
  return {
    mask,
    selections,
    sees: (batch, head, row, key) => mask.visible(batch, head, row, key) && isChosen(batch, head, row, key),
  };
}
