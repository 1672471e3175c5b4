// Bars of GFLOP/s, drawn as SVG: a group for each case, a bar for each line, and the ceiling of the same rounds as a rule.

export type Bar = { readonly name: string; readonly value: number; readonly kind: "ours" | "peer" };
export type Group = { readonly name: string; readonly bars: readonly Bar[]; readonly ceiling: number };

const WIDTH = 860;
/** Where bars begin, and how far the largest value reaches. */
const [LEFT, RIGHT] = [330, 760];
const [BAR, GAP, HEADER] = [16, 4, 34];
const FILLS = { ours: "#2563a8", peer: "#b8bec7" } as const;

/** The picture. Same input, same output. */
export function barChart(groups: readonly Group[]): string {
  const most = Math.max(...groups.flatMap(({ bars, ceiling }) => [ceiling, ...bars.map(({ value }) => value)]));
  const at = (value: number) => LEFT + ((RIGHT - LEFT) * value) / most;
  const parts: string[] = [];
  let top = 12;
  for (const { name, bars, ceiling } of groups) {
    const first = top + HEADER;
    parts.push(text(12, first - 10, name, 'font-weight="600"'));
    for (const [index, bar] of bars.entries()) {
      const y = first + index * (BAR + GAP);
      const size = `width="${fixed(at(bar.value) - LEFT)}" height="${BAR}"`;
      parts.push(
        text(LEFT - 8, y + BAR - 4, bar.name, 'text-anchor="end"'),
        `<rect x="${LEFT}" y="${y}" ${size} fill="${FILLS[bar.kind]}"/>`,
        text(fixed(at(bar.value) + 6), y + BAR - 4, bar.value >= 10 ? bar.value.toFixed(0) : bar.value.toFixed(1)),
      );
    }
    top = first + bars.length * (BAR + GAP);
    const x = fixed(at(ceiling));
    parts.push(`<path d="M${x} ${first - 4}V${top}" stroke="#c2410c" stroke-dasharray="3 3"/>`);
  }
  const style = 'font-family="system-ui, sans-serif" font-size="13" fill="#1f2328"';
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${top + 12}" width="${WIDTH}" ${style}>`,
    "<title>GFLOP/s of attention kernels, with the ceiling of one core</title>",
    `<rect width="${WIDTH}" height="${top + 12}" fill="#ffffff"/>`,
    ...parts,
    "</svg>\n",
  ].join("\n");
}

const fixed = (value: number) => value.toFixed(1);

function text(x: number | string, y: number, content: string, attributes = ""): string {
  const escaped = content.replace(/[&<>]/g, (sign) => `&#${sign.charCodeAt(0)};`);
  return `<text x="${x}" y="${y}" ${attributes}>${escaped}</text>`;
}
