// `attnc explain`: the long form of a problem, or what a kernel does for one call and why.

import { ALL_CODES, entryOf, explainCode } from "../../diagnostics/codes.ts";
import type { Case } from "../../spec/case.ts";
import { suggestion } from "../assignments.ts";
import type { CallOptions } from "../calls.ts";
import { printedAlready, wrongUsage } from "../command-error.ts";
import type { DimOptions } from "../dims.ts";
import type { Explanation } from "../explain/explanation.ts";
import { type Io, note } from "../io.ts";

type Options = CallOptions & DimOptions & { readonly json?: true; readonly certificate?: string };

/** Queries where nobody says how many. */
const QUERIES = 1024;

export async function run(io: Io, topics: readonly string[], options: Options): Promise<0> {
  const topic = topics[0]!;
  if (/^[EW]\d+$/i.test(topic)) {
    explainProblem(io, topic, options);
    return 0;
  }
  await explainAttentions(io, topic, options);
  return 0;
}

function explainProblem(io: Io, code: string, { json }: Options): void {
  const text = explainCode(code);
  if (text === undefined)
    throw wrongUsage(`there is no problem \`${code}\``, suggestion(code.toUpperCase(), ALL_CODES));
  io.out.write(json ? `${JSON.stringify(entryOf(code))}\n` : text);
}

async function explainAttentions(io: Io, topic: string, options: Options): Promise<void> {
  const { maskCall } = await import("../calls.ts");
  const { explanationOf } = await import("../explain/explanation.ts");
  const { inWords } = await import("../explain/words.ts");
  const { describeProblems, loadSound } = await import("../load.ts");
  const { readSelector, selectAll } = await import("../selection.ts");
  const selector = readSelector(topic);
  const loaded = loadSound(io, selector.path);
  const explanations: Explanation[] = [];
  const calls: Case[] = [];
  const others = selectAll(loaded.attentions, selector);
  for (const attention of others) {
    const settings = { queries: QUERIES, makeUp: true, others };
    const { call, reads, madeUp, choosable } = maskCall(attention, withDims(options), settings);
    if (madeUp.length > 0) note(io, `made up for ${attention.name.text}: ${madeUp.join(", ")}; give yours with --in`);
    const { explanation, problems } = explanationOf(call, reads, loaded, choosable);
    if (!explanation) {
      describeProblems(io.err, problems, loaded.sources);
      throw printedAlready();
    }
    explanations.push(explanation);
    calls.push(call);
  }
  if (options.certificate !== undefined) {
    const { writeCertificates } = await import("../certificates.ts");
    writeCertificates(io, options.certificate, calls);
  }
  io.out.write(options.json ? `${JSON.stringify(explanations)}\n` : explanations.map(inWords).join("\n"));
}

/** The dims are a part of the shape here; the options of `build` are understood too. */
function withDims({ headDim, valueDim, shape = [], ...rest }: Options): CallOptions {
  const dims = [
    headDim === undefined ? [] : `dim=${headDim}`,
    valueDim === undefined ? [] : `value_dim=${valueDim}`,
  ].flat();
  return { ...rest, shape: [...dims, ...shape] };
}
