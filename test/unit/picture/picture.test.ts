// Pictures of masks: the terminal by its text, SVG by its pieces, PNG by decoding it again.

import { crc32, deflateSync, inflateSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { cellsOf, density, type MaskPicture } from "../../../src/picture/mask-picture.ts";
import { drawAsPng } from "../../../src/picture/png.ts";
import { drawAsSvg } from "../../../src/picture/svg.ts";
import { drawInTerminal } from "../../../src/picture/terminal.ts";

type Pair = (q: number, k: number) => boolean;

function visibleRows(queries: number, keys: number, sees: Pair): string[] {
  return Array.from({ length: queries }, (_, q) =>
    Array.from({ length: keys }, (_, k) => (sees(q, k) ? "1" : "0")).join(""),
  );
}

const causal: Pair = (q, k) => k <= q;
const small: MaskPicture = {
  title: "causal",
  firstQuery: 0,
  keys: 4,
  visible: visibleRows(4, 4, causal),
  blocks: { tile: { queries: 2, keys: 2 }, classes: ["pe", "fp"] },
};
const { blocks: _, ...plain } = small;
const large: MaskPicture = {
  title: "large",
  firstQuery: 7,
  keys: 900,
  visible: visibleRows(700, 900, (q, k) => k === q),
};
const empty: MaskPicture = { title: "empty", firstQuery: 0, keys: 0, visible: [] };
const style = { columns: 80, lines: 40 };

describe("in the terminal", () => {
  test("a small mask shows every pair, and full, partial and empty blocks without colour", () => {
    expect(drawInTerminal(small, style).split("\n")).toEqual([
      "causal: 4 queries × 4 keys, 62.5 % visible; blocks of 2x2: 1 full, 2 partial, 1 empty",
      "  k 0      3",
      "q 0 ▓▓░░",
      "q 1 ▓▓▓▓",
      "q 2 ████▓▓░░",
      "q 3 ████▓▓▓▓",
      "██ visible, block proved full   ▓▓ visible, partial block   ░░ hidden, partial block   (blank) hidden, block proved empty",
      "",
    ]);
  });

  test("without blocks, pairs are visible or hidden", () => {
    expect(drawInTerminal(plain, style)).toContain("q 1 ████· ·\n");
  });

  test("a large mask is scaled to the width, and a thin diagonal does not vanish", () => {
    const lines = drawInTerminal(large, style).trimEnd().split("\n");
    const map = lines.slice(2, -1);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80);
    expect(map.length).toBeLessThanOrEqual(40);
    expect(map.every((line) => /[░▒▓█]/.test(line.slice(6)))).toBe(true);
    expect(map[0]).toMatch(/^q 7 /);
  });

  test("a mask without rows is drawn as nothing", () => {
    expect(drawInTerminal(empty, style)).toContain("0 queries × 0 keys, 0.0 % visible");
  });
});

describe("cells", () => {
  test("stand for one pair each where they fit", () => {
    const cells = cellsOf(small, 100, 100);
    expect([cells.rows, cells.columns, [...cells.shade.slice(0, 4)]]).toEqual([4, 4, [4, 0, 0, 0]]);
  });

  test("cover every pair exactly once when scaled down", () => {
    const cells = cellsOf({ ...large, visible: visibleRows(700, 900, () => true) }, 64, 48);
    expect(new Set(cells.shade)).toEqual(new Set([4]));
    expect([cells.queryAt(64), cells.keyAt(48)]).toEqual([700, 900]);
  });

  test("density is the share of visible pairs", () => {
    expect([density(small), density(empty)]).toEqual([0.625, 0]);
  });
});

describe("as SVG", () => {
  test("cells of one colour are one path, made of runs", () => {
    const svg = drawAsSvg(plain);
    expect(svg.match(/<path fill=/g)).toHaveLength(2);
    expect(svg).toContain("M0 84h112v28h-112z");
  });

  test("text is escaped and the same mask gives the same bytes", () => {
    const picture = { ...small, title: `a < "b" & c` };
    expect(drawAsSvg(picture)).toContain("a &lt; &quot;b&quot; &amp; c");
    expect(drawAsSvg(picture)).toBe(drawAsSvg(picture));
  });

  test("a large mask stays within the width of a page", () => {
    const width = Number(/width="(\d+)"/.exec(drawAsSvg(large))![1]);
    expect(width).toBeLessThanOrEqual(800);
  });

  test("a mask without rows gives a well-formed picture without numbers that are none", () => {
    expect(drawAsSvg(empty)).not.toMatch(/NaN|Infinity/);
  });
});

describe("as PNG", () => {
  test("every chunk has its length and checksum, and the pixels decode to the cells", () => {
    const { chunks, width, height } = decode(drawAsPng(plain, deflateSync));
    expect(chunks.map(({ type }) => type)).toEqual(["IHDR", "PLTE", "IDAT", "IEND"]);
    const pixels = inflateSync(chunks[2]!.body);
    expect([width, height, pixels.length]).toEqual([768, 768, 768 * 769]);
    const at = (x: number, y: number) => pixels[y * (width + 1) + 1 + x];
    expect([at(10, 10), at(500, 10), at(10, 760), at(760, 760)]).toEqual([4, 0, 4, 4]);
  });

  test("a mask without rows is one pixel", () => {
    expect(decode(drawAsPng(empty, deflateSync))).toMatchObject({ width: 1, height: 1 });
  });
});

function decode(png: Uint8Array) {
  const view = new DataView(png.buffer, png.byteOffset, png.length);
  const chunks: { type: string; body: Uint8Array }[] = [];
  for (let at = 8; at < png.length; ) {
    const length = view.getUint32(at);
    const type = String.fromCharCode(...png.subarray(at + 4, at + 8));
    expect(view.getUint32(at + 8 + length)).toBe(crc32(png.subarray(at + 4, at + 8 + length)));
    chunks.push({ type, body: png.subarray(at + 8, at + 8 + length) });
    at += length + 12;
  }
  return { chunks, width: view.getUint32(16), height: view.getUint32(20) };
}
