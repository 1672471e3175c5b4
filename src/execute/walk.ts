// How a step walks over the keys of one call: the values of the traversal's expressions at every query tile, and what the
// walk says of every key tile. The plan runner visits tiles by it; the fuzz, the certificate and the tests of exactness
// lay it beside the mask.

import { type Bindings, type Point, startPoint } from "../ir/evaluate.ts";
import type { AttendPlan, Program } from "../schedule/plan.ts";
import { attendSteps } from "../schedule/steps.ts";
import { type Claim, claims, corners, type TileValues } from "../schedule/traversal.ts";
import type { Case } from "../spec/case.ts";
import { bindProgram } from "./bind-program.ts";
import { keysAlive, kvHeadOf } from "./environment.ts";
import { planValues, type WalkValues } from "./plan-values.ts";

/** Query rows first ‥ end − 1 of one head. */
export type QueryTile = { readonly batch: number; readonly head: number; readonly first: number; readonly end: number };

/** What the walk of a step says of the key tiles of one query tile, in the order of the keys; ragged at the keys alive. */
export type Walk = QueryTile & { readonly claims: readonly Claim[] };

/** The walks of the program's first pass over the keys; every other pass has the same mask. */
export function* walks(program: Program, call: Case): Generator<Walk> {
  const { plan } = attendSteps(program)[0]!;
  for (const { alive, values, ...tile } of walkers(program, call)) {
    const found = claims(true, alive, plan.tile, values);
    yield { ...tile, claims: Array.from(found, ({ claim }) => claim) };
  }
}

/** A query tile with the values of the traversal's expressions, and how many keys are alive. A walker moves on: its values
 *  are good until the next one is taken. */
export type Walker = QueryTile & { readonly alive: number; readonly values: TileValues };

/** A walker for every query tile of the program's first pass over the keys. */
export function* walkers(program: Program, call: Case): Generator<Walker> {
  const { plan } = attendSteps(program)[0]!;
  const bindings = bindProgram(program, call);
  const values = planValues(plan, bindings);
  for (const tile of queryTiles(plan, call)) {
    const own = plan.mask ? tileValues({ values, bindings, call }, tile) : { must: () => true };
    yield { ...tile, alive: keysAlive(call, tile.batch), values: own };
  }
}

/** Every query tile of every head.
 *  @param rowsOf a batch that take part; the tiles begin with the first of them */
export function* queryTiles(
  { tile }: AttendPlan,
  call: Case,
  rowsOf: (batch: number) => { readonly first: number; readonly end: number } = () => ({
    first: 0,
    end: call.shape.queries,
  }),
): Generator<QueryTile> {
  const { batch: batches, heads } = call.shape;
  for (let batch = 0; batch < batches; batch++) {
    for (let head = 0; head < heads; head++) {
      const { first: start, end } = rowsOf(batch);
      for (let first = start; first < end; first += tile.queries) {
        yield { batch, head, first, end: Math.min(first + tile.queries, end) };
      }
    }
  }
}

type Walking = { readonly values: WalkValues; readonly bindings: Bindings; readonly call: Case };

/** Values of the traversal's expressions at a query tile. */
export function tileValues({ values, bindings, call }: Walking, { batch, head, first, end }: QueryTile): TileValues {
  const point: Point = { ...startPoint(), batch, head, kv: kvHeadOf(head, call.shape) };
  const set = (locals: Readonly<Record<string, number>>) => Object.assign(point.locals.decide, locals);
  values.head(point);
  set(corners(bindings.extent("queryStart", batch), first, end));
  values.queryTile(point);
  const { next, may, must } = values;
  const given =
    <T>(value: (point: Point) => T, ...names: readonly string[]) =>
    (...keys: readonly number[]): T => {
      set(Object.fromEntries(names.map((name, index) => [name, keys[index]!])));
      return value(point);
    };
  return {
    ...(next ? { next: given(next, "nextKey") } : {}),
    ...(may ? { may: given(may, "firstKey", "lastKey") } : {}),
    ...(must ? { must: given(must, "firstKey", "lastKey") } : {}),
  };
}
