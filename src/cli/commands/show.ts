// `attnc show`: a stage of the compiler as text, or the picture of a mask.

import { VARIANTS } from "../../../targets/index.ts";
import type { RowElement } from "../../../targets/target.ts";
import type { Problem } from "../../diagnostics/problem.ts";
import { blockClasses } from "../../execute/block-classes.ts";
import type { Attention } from "../../spec/spec.ts";
import { parseFile } from "../../syntax/parse.ts";
import { completeParams, readParams, splitAssignments } from "../assignments.ts";
import { type CallOptions, maskCall } from "../calls.ts";
import { printedAlready, wrongUsage } from "../command-error.ts";
import { denseMask } from "../dense-mask.ts";
import { type DimOptions, dimsOf, readCount } from "../dims.ts";
import { type Io, note } from "../io.ts";
import { describeProblems, type Loaded, loadSound, readEntry } from "../load.ts";
import { checkPicturePath, type PictureSource, printPicture, writePicture } from "../pictures.ts";
import { readSelector, selectAll, selectOne } from "../selection.ts";
import { readShape } from "../shapes.ts";
import { pictureTile, targetNamed } from "../tiles.ts";

type Options = CallOptions &
  DimOptions & {
    readonly stage?: string;
    readonly everyPass?: true;
    readonly mask?: true;
    readonly out?: string;
    readonly head?: string;
    readonly tile?: string;
    readonly target?: string;
    readonly dtype?: RowElement;
    readonly json?: true;
  };

/** Queries of a picture whose shape nobody gave: enough to see a pattern, few enough for any terminal. */
const PICTURE_QUERIES = 32;

export async function run(io: Io, files: readonly string[], options: Options): Promise<0 | 1> {
  const wanted = [options.stage, options.everyPass, options.mask ?? options.out].filter((each) => each !== undefined);
  if (wanted.length !== 1) {
    throw wrongUsage("show prints one thing at a time", "choose --stage STAGE, --every-pass, or --mask (or -o FILE)");
  }
  if (options.mask || options.out) return showPicture(io, files[0]!, options);
  return showStage(io, files[0]!, options);
}

async function showPicture(io: Io, file: string, options: Options): Promise<0> {
  const selector = readSelector(file);
  const { attentions } = loadSound(io, selector.path);
  if (options.out === undefined) {
    const chosen = selectAll(attentions, selector);
    for (const [index, attention] of chosen.entries()) {
      if (index > 0) io.out.write("\n");
      await printPicture(io, pictureSource(io, attention, options, chosen));
    }
    return 0;
  }
  checkPicturePath(options.out);
  await writePicture(options.out, pictureSource(io, selectOne(attentions, selector), options, []));
  note(io, `wrote ${options.out}`);
  return 0;
}

function pictureSource(io: Io, attention: Attention, options: Options, others: readonly Attention[]): PictureSource {
  const { call, reads, madeUp } = maskCall(attention, options, { queries: PICTURE_QUERIES, makeUp: true, others });
  if (madeUp.length > 0) note(io, `made up for the picture: ${madeUp.join(", ")}; give yours with --in`);
  const head = readCount("--head", options.head, 0, 0);
  if (head >= call.shape.heads)
    throw wrongUsage(`--head ${head} is not there: the shape has ${call.shape.heads} heads`);
  const tile = pictureTile(options, call.shape);
  return { call, mask: denseMask(call, reads), tile, classes: blockClasses(call, tile), batch: 0, head };
}

async function showStage(io: Io, file: string, options: Options): Promise<0 | 1> {
  const { ATTENTION_STAGES, everyPass, FILE_STAGES } = await import("../stages.ts");
  const selector = readSelector(file);
  const ofFile = FILE_STAGES[options.stage ?? ""];
  // A file's own stages are shown even where it has problems: that is when people look at them.
  if (ofFile) {
    const source = readEntry(selector.path);
    printStage(io, selector.path, ofFile(source), options);
    const { problems } = parseFile(source, 0);
    describeProblems(io.err, problems, [source]);
    return problems.length === 0 ? 0 : 1;
  }
  const { target: name = "wasm" } = options;
  const target = VARIANTS.find((each) => each.name === name) ?? targetNamed(name);
  const loaded = loadSound(io, selector.path);
  const chosen = selectAll(loaded.attentions, selector);
  const texts = chosen.map((attention) => {
    const params = readParams(attention, splitAssignments("--set", options.set ?? []), chosen);
    const extents = readShape(attention, splitAssignments("--shape", options.shape ?? []), chosen);
    const settings = {
      ...{ dims: dimsOf(options, extents), element: options.dtype ?? "f32" },
      ...{ consts: completeConsts(attention, params), target },
    };
    if (options.everyPass) return everyPass(attention, settings);
    const { value, problems } = ATTENTION_STAGES[options.stage!]!(attention, settings);
    stopOnProblems(io, problems, loaded);
    return value;
  });
  return printStage(io, selector.path, texts.join("\n"), options);
}

/** Run-time parameters need no value here. */
function completeConsts(attention: Attention, given: ReturnType<typeof readParams>) {
  return completeParams({ ...attention, params: attention.params.filter((param) => param.const) }, given);
}

function stopOnProblems(io: Io, problems: readonly Problem[], { sources }: Loaded): void {
  if (problems.length === 0) return;
  describeProblems(io.err, problems, sources);
  throw printedAlready();
}

function printStage(io: Io, path: string, text: string, { stage, everyPass, json }: Options): 0 {
  const name = everyPass ? "every-pass" : stage;
  io.out.write(json ? `${JSON.stringify({ file: path, stage: name, text })}\n` : text);
  return 0;
}
