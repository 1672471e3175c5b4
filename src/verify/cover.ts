// Few rows that still show every pair: for any two factors, each value of one occurs together with each value of the
// other. Most faults need one or two values to show, and a full product of nine factors is out of reach.

export type Factors = Readonly<Record<string, readonly (string | number)[]>>;
/** One value of each factor. */
export type Row = Readonly<Record<string, string | number>>;

/** Rows that cover all pairs, found greedily and the same every time: at most a few more than the two longest factors
 *  have combinations. */
export function coverPairs(factors: Factors): Row[] {
  const names = Object.keys(factors);
  const open = new Set<string>();
  for (const [place, first] of names.entries()) {
    for (const second of names.slice(place + 1)) {
      for (const a of factors[first]!) for (const b of factors[second]!) open.add(pair(first, a, second, b));
    }
  }
  const rows: Row[] = [];
  while (open.size > 0) {
    const [first, a, second, b] = JSON.parse(open.values().next().value!) as [string, never, string, never];
    const row: Record<string, string | number> = { [first]: a, [second]: b };
    for (const name of names) {
      if (name in row) continue;
      const gain = (value: string | number) =>
        Object.entries(row).filter(([other, chosen]) => open.has(orderedPair(names, name, value, other, chosen)))
          .length;
      // Among equals the values take turns, so that none is worn out.
      const values = factors[name]!;
      const turned = values.map((_, index) => values[(index + rows.length) % values.length]!);
      row[name] = turned.reduce((best, value) => (gain(value) > gain(best) ? value : best));
    }
    const before = open.size;
    for (const [place, name] of names.entries()) {
      for (const other of names.slice(place + 1)) open.delete(pair(name, row[name]!, other, row[other]!));
    }
    if (open.size === before) throw new Error("a row of the cover covers nothing");
    rows.push(Object.fromEntries(names.map((name) => [name, row[name]!])));
  }
  return rows;
}

/** Every combination, the first factor slowest. */
export function product(factors: Factors): Row[] {
  return Object.entries(factors).reduce<Row[]>(
    (rows, [name, values]) => rows.flatMap((row) => values.map((value) => ({ ...row, [name]: value }))),
    [{}],
  );
}

type Choice = string | number;
const pair = (first: string, a: Choice, second: string, b: Choice) => JSON.stringify([first, a, second, b]);

function orderedPair(names: readonly string[], one: string, a: Choice, other: string, b: Choice): string {
  return names.indexOf(one) < names.indexOf(other) ? pair(one, a, other, b) : pair(other, b, one, a);
}
