// Kernels that a runner keeps as long as their attention lives, because a sweep runs one attention on many shapes.

import type { BackendName, Target } from "../../targets/target.ts";
import { compileAttention, type Kernel } from "../compile.ts";
import { findUncompiled } from "../schedule/uncompiled.ts";
import type { Case } from "../spec/case.ts";
import type { Attention } from "../spec/spec.ts";
import { settingsOf } from "./settings.ts";

/** The kernel that the call asks for. Throws where the target cannot run it. */
export function compileFor<Name extends BackendName>(call: Case, target: Target<Name>): Kernel<Name> {
  const { value, problems } = compileAttention(call.attention, target, settingsOf(call, target));
  const [kernel] = value;
  if (!kernel) throw new Error(`${target.name} cannot run ${call.attention.name.text}: ${problems[0]?.kind}`);
  return kernel;
}

/** Why no kernel of the target is for the call, whatever its size: what nobody has taught it yet, or cannot. */
export function refusalOf({ attention }: Case, target: Target): string | undefined {
  const tensor = attention.tensors.find(({ element }) => !target.elements.includes(element));
  if (tensor) return `it cannot read \`${tensor.name}\`, a captured tensor of ${tensor.element}`;
  const [problem] = findUncompiled(attention, target);
  return problem && `it does not compile \`${problem.construct}\` yet`;
}

/** One of what `make` makes for each attention, target and settings of a call, made when it is first asked for. */
export function keptKernels<Name extends BackendName, Made>(
  make: (call: Case, target: Target<Name>) => Promise<Made>,
): (call: Case, target: Target<Name>) => Promise<Made> {
  const kept = new WeakMap<Attention, Map<string, Promise<Made>>>();
  return (call, target) => {
    const known = kept.get(call.attention) ?? new Map<string, Promise<Made>>();
    kept.set(call.attention, known);
    const key = JSON.stringify([target.name, settingsOf(call, target)]);
    const made = known.get(key) ?? make(call, target);
    known.set(key, made);
    return made;
  };
}
