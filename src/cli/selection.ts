// Which attentions of which file a command is about: `FILE` means all of them, `FILE#NAME` one.

import type { Attention } from "../spec/spec.ts";
import { suggestion } from "./assignments.ts";
import { failure, wrongUsage } from "./command-error.ts";

export type Selector = { readonly path: string; readonly name: string | undefined };

/** Splits `FILE#NAME`. A `#` that no name follows belongs to the path. */
export function readSelector(text: string): Selector {
  const { 1: path = text, 2: name } = /^(.+)#([A-Za-z_]\w*)$/.exec(text) ?? [];
  return { path, name };
}

/** The chosen attentions. Problems: E0804 where the file has none, or none of that name. */
export function selectAll(attentions: readonly Attention[], { path, name }: Selector): readonly Attention[] {
  if (attentions.length === 0) {
    throw failure("E0804", `\`${path}\` declares no attention`, "write one: `attention gpt { mask q >= k }`");
  }
  if (name === undefined) return attentions;
  const chosen = attentions.filter((attention) => attention.name.text === name);
  if (chosen.length > 0) return chosen;
  const names = attentions.map((attention) => attention.name.text);
  throw failure("E0804", `\`${path}\` declares no attention \`${name}\``, suggestion(name, names));
}

/** The one attention that a command needs. */
export function selectOne(attentions: readonly Attention[], selector: Selector): Attention {
  const [only, ...others] = selectAll(attentions, selector);
  if (others.length === 0) return only!;
  const names = [only!, ...others].map((attention) => `${selector.path}#${attention.name.text}`);
  throw wrongUsage(
    `\`${selector.path}\` declares ${names.length} attentions, and one is needed`,
    `say which: ${names.join(", ")}`,
  );
}
