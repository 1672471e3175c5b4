// What can be wrong with a call, each thing with a status and its words. All of it is asked before anything is launched, so
// that no error of CUDA is left behind: an address of the wrong memory would make one that sticks.

import type { Target } from "../../../targets/target.ts";
import { orderTensors } from "../../ir/order.ts";
import type { Program } from "../../schedule/plan.ts";
import { ownName } from "../simt/dialect.ts";
import type { CudaLauncherView } from "../views-cuda.ts";
import { BYTES, extentsOf, fieldOf, STRIDED } from "./call.ts";

/** Statuses are grouped: the call, its tensors ten by ten, those that it may leave out, its workspace, the device, and errors of CUDA from 1000 on. */
export const STATUSES = {
  lengths: 1,
  overlap: 2,
  tensors: 10,
  optional: 800,
  workspace: 900,
  capability: 901,
  sharedMemory: 902,
  tooLarge: 903,
  tooManyBlocks: 904,
  tooManyTokens: 905,
  tiles: 910,
  cuda: 1000,
};

export type Check = { readonly status: number; readonly condition: string; readonly text: string };

export function lengthCheck({ ir: attention }: Program): Check {
  const axes = attention.shapeParams.map((axis) => `call.axis_${ownName(axis)} < 0`);
  const negative = ["batch", "heads", "queries", "keys"].map((name) => `call.${name} < 0`);
  const group = "call.kv_heads <= 0 || call.heads % call.kv_heads != 0";
  return {
    status: STATUSES.lengths,
    condition: [...negative, ...axes, group].join(" || "),
    text: "a length is negative, or kv_heads does not divide heads",
  };
}

/** A tensor that has elements must be there, aligned to them, in memory of the device, and small enough for its indices. */
export function tensorChecks(program: Program): Check[] {
  const { buffers, ir: attention, dims } = program;
  const tensors = buffers.filter(({ role, name }) => role !== "scratch" && !OPTIONAL.includes(name));
  const required = tensors.flatMap((buffer, index) => {
    const { name, element } = buffer;
    const status = STATUSES.tensors * (index + 1);
    const elements = `elements(${extentsOf(buffer).join(", ")})`;
    const field = `call.${fieldOf(name)}`;
    const isIndexedByInts =
      (name !== "lse" || attention.statistics !== undefined) && !STRIDED.some((each) => each === name);
    return [
      { status, condition: `${elements} > 0 && !${field}`, text: `${name} is null` },
      ...addressChecks(name, field, status, BYTES[element], `${elements} > 0`),
      ...(isIndexedByInts
        ? [
            {
              status: status + 3,
              condition: `${elements} > 2147483647`,
              text: `${name} has more elements than an int can index`,
            },
          ]
        : []),
    ];
  });
  const others = [...OPTIONAL, ...(attention.empty === "error" ? ["empty_rows"] : [])];
  return [
    ...required,
    ...others.flatMap((name, index) =>
      addressChecks(name, `call.${name}`, STATUSES.optional + 10 * index, 4, `call.${name}`),
    ),
    {
      status: STATUSES.overlap,
      condition: `call.queries > 1 && call.out_strides[2] < ${dims.valueDim}`,
      text: `rows of out overlap: the stride of the queries is less than ${dims.valueDim}`,
    },
  ];
}

const OPTIONAL: readonly string[] = ["key_lengths", "query_start"];

/** @param there whether the tensor has elements */
function addressChecks(name: string, field: string, status: number, bytes: number, there: string): Check[] {
  return [
    {
      status: status + 1,
      condition: `is_misaligned(${field}, ${bytes})`,
      text: `${name} is not aligned to its elements of ${bytes} bytes`,
    },
    {
      status: status + 2,
      condition: `${there} && attnc::is_elsewhere(${field})`,
      text: `${name} is not in memory of the current device`,
    },
  ];
}

export function limitChecks(steps: CudaLauncherView["steps"], { limits, name, features }: Target): Check[] {
  return [
    {
      status: STATUSES.capability,
      condition: `device.capability ${features.includes("wgmma") ? "!=" : "<"} ${limits.capability}`,
      text: features.includes("wgmma")
        ? `the device has another architecture than target ${name} is for: compute capability ${limits.capability! / 10}`
        : `the device is older than target ${name} needs: compute capability ${limits.capability! / 10}`,
    },
    ...steps
      .filter(({ sharedBytes }) => sharedBytes > 0)
      .map(({ sharedBytes }) => ({
        status: STATUSES.sharedMemory,
        condition: `device.shared_bytes < ${sharedBytes}`,
        text: "a block of the device has too little shared memory for these dims",
      })),
    ...steps.map(({ condition, blocks }) => ({
      status: STATUSES.tooLarge,
      condition: `${condition}${blocks} > 2147483647`,
      text: "the call has more blocks of threads than a grid can hold",
    })),
  ];
}

/** Choices and orders are read like captured tensors. */
export const indexChecks = ({ ir: { selections, order } }: Program): Check[] => [
  ...selections.map(({ chosen }) => ({
    status: STATUSES.tooManyBlocks,
    condition: `elements(${extentsOf(chosen).join(", ")}) > 2147483647`,
    text: "the call has more blocks to choose from than an int can index",
  })),
  ...(order ? [...orderTensors(order), ...order.importances.map(({ tensor }) => tensor)] : []).map((tensor) => ({
    status: STATUSES.tooManyTokens,
    condition: `elements(${extentsOf(tensor).join(", ")}) > 2147483647`,
    text: "the call has more tokens to order than an int can index",
  })),
];

export const distinct = (checks: readonly Check[]) =>
  checks.filter(({ status }, index) => checks.findIndex((each) => each.status === status) === index);
