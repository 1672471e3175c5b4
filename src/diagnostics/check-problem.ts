// Problems of meaning, by family: names, types, contracts and clauses, and what is not supported yet.

import type { ContractProblem } from "./contract-problem.ts";
import type { NameProblem } from "./name-problem.ts";
import type { SupportProblem } from "./support-problem.ts";
import type { TypeProblem } from "./type-problem.ts";

export type CheckProblem = NameProblem | TypeProblem | ContractProblem | SupportProblem;
