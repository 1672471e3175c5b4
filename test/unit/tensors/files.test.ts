import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { elementCount, floats, ints, makeTensor } from "../../../src/tensors/elements.ts";
import { TensorFileError } from "../../../src/tensors/file-error.ts";
import { readNpy, writeNpy } from "../../../src/tensors/npy.ts";
import { readSafetensors, writeSafetensors } from "../../../src/tensors/safetensors.ts";
import type { DType, Tensor } from "../../../src/tensors/tensor.ts";

const dtypes: readonly DType[] = ["f64", "f32", "f16", "bf16", "i32", "u8", "bool"];
const shape = fc.array(fc.nat(4), { maxLength: 4 });
const tensor = (of: readonly DType[]): fc.Arbitrary<Tensor> =>
  fc.tuple(fc.constantFrom(...of), shape, fc.nat(200)).map(([dtype, extents, seed]) =>
    makeTensor(
      dtype,
      extents,
      Array.from({ length: elementCount(extents) }, (_, index) => (seed + index * 7) % 251),
    ),
  );

const header = (text: string, body = 0, claimed = new TextEncoder().encode(text).length) => {
  const json = new TextEncoder().encode(text);
  const bytes = new Uint8Array(8 + json.length + body);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(claimed), true);
  bytes.set(json, 8);
  return bytes;
};

describe("safetensors", () => {
  test("what is written is read again, name by name and bit by bit", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), tensor(dtypes)), (tensors) => {
        const names = Object.entries(tensors).filter(([name]) => name !== "__metadata__");
        const read = readSafetensors(writeSafetensors(new Map(names)));
        expect(new Map([...read].sort())).toEqual(new Map(names.sort()));
      }),
    );
  });

  test("a file of another writer: metadata, padding, an odd address", () => {
    const text = '{"__metadata__":{"format":"pt"},"x":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}   ';
    const bytes = header(text, 8);
    bytes.set([0, 0, 128, 63, 0, 0, 0, 64], bytes.length - 8);
    expect([...floats(readSafetensors(bytes).get("x")!)]).toEqual([1, 2]);
  });

  const entry = (claims: object) =>
    JSON.stringify({ x: { dtype: "F32", shape: [2], data_offsets: [0, 8], ...claims } });
  test.each([
    ["an empty file", new Uint8Array(0), /0 bytes, too few/],
    ["a cut off length", new Uint8Array(7), /7 bytes, too few/],
    ["a length beyond the file", header("{}", 0, 1e15), /claims 1000000000000000 bytes, but only 2 follow/],
    ["a header that is no JSON", header("{,}"), /not JSON/],
    ["a header that is no UTF-8", header("{}", 0, 2).fill(0xff, 8), /not JSON/],
    ["a header that is no object", header("[]"), /not a JSON object/],
    ["an entry that is no object", header('{"x":3}'), /"x" is not an object/],
    ["an unknown type", header(entry({ dtype: "I64" }), 8), /"x" has elements of type "I64"; known are F64/],
    ["a type that is a method's name", header(entry({ dtype: "toString" }), 8), /elements of type "toString"/],
    ["a missing type", header('{"x":{}}', 8), /elements of type undefined/],
    ["a shape that is no list", header(entry({ shape: 2 }), 8), /shape of tensor "x" is not a list/],
    ["a negative extent", header(entry({ shape: [-1, -2] }), 8), /extents are whole numbers/],
    ["half an extent", header(entry({ shape: [0.5, 4] }), 8), /extents are whole numbers/],
    ["a huge extent", header(entry({ shape: [2 ** 40] }), 8), /takes 4398046511104 bytes, but the file holds 8/],
    ["extents that overflow", header(entry({ shape: [2 ** 52, 2 ** 52] }), 8), /takes .* bytes, but the file holds 8/],
    ["a shape that needs fewer bytes", header(entry({ shape: [1] }), 8), /takes 4 bytes, but the file holds 8/],
    ["three offsets", header(entry({ data_offsets: [0, 4, 8] }), 8), /not two numbers/],
    ["offsets backwards", header(entry({ data_offsets: [8, 0] }), 8), /which is no range/],
    ["offsets beyond the file", header(entry({}), 7), /claims bytes 0 to 8, but the file holds 7/],
    ["bytes of nothing behind", header(entry({}), 9), /end at byte 8, but the file holds 9/],
    ["bytes of nothing before", header(entry({ data_offsets: [1, 9] }), 9), /belong to nothing/],
  ])("%s is refused with a reason", (_, bytes, message) => {
    expect(() => readSafetensors(bytes)).toThrow(TensorFileError);
    expect(() => readSafetensors(bytes)).toThrow(message);
  });

  test("overlapping tensors are refused", () => {
    const part = (first: number) => ({ dtype: "U8", shape: [4], data_offsets: [first, first + 4] });
    expect(() => readSafetensors(header(JSON.stringify({ a: part(0), b: part(2) }), 6))).toThrow(/overlaps tensor "a"/);
  });
});

describe(".npy", () => {
  test("what is written is read again", () => {
    fc.assert(
      fc.property(tensor(dtypes.filter((dtype) => dtype !== "bf16")), (one) => {
        expect(readNpy(writeNpy(one))).toEqual(one);
      }),
    );
  });

  const file = (dictionary: string, body = 0, version = 1) => {
    const text = new TextEncoder().encode(dictionary);
    const prefix = version === 1 ? [text.length & 255, text.length >> 8] : [text.length & 255, text.length >> 8, 0, 0];
    return Uint8Array.from([
      0x93,
      ...new TextEncoder().encode("NUMPY"),
      version,
      0,
      ...prefix,
      ...text,
      ...new Uint8Array(body),
    ]);
  };
  const dictionary = (changes: { descr?: string; order?: string; shape?: string } = {}) =>
    `{'descr': ${changes.descr ?? "'<f4'"}, 'fortran_order': ${changes.order ?? "False"}, 'shape': ${changes.shape ?? "(2,)"}, }\n`;

  test("versions 2 and 3, scalars and other key orders are read", () => {
    expect(readNpy(file(dictionary(), 8, 2)).shape).toEqual([2]);
    expect(readNpy(file(dictionary({ descr: '"|b1"' }), 2, 3)).dtype).toBe("bool");
    expect(readNpy(file(dictionary({ shape: "()" }), 4)).shape).toEqual([]);
    expect(readNpy(file("{'shape': (1, 2), 'fortran_order': False, 'descr': '<i4'}", 8)).shape).toEqual([1, 2]);
  });

  test.each([
    ["another file", new TextEncoder().encode("PK plain text"), /does not start like/],
    ["an empty file", new Uint8Array(0), /does not start like/],
    ["a version to come", file(dictionary(), 8, 9), /version 9/],
    ["a file cut off in its prefix", file(dictionary(), 8).subarray(0, 9), /cut off before its header/],
    ["a file cut off in its header", file(dictionary(), 8).subarray(0, 30), /cut off/],
    ["a header of noise", file("noise", 8), /no descr/],
    ["big-endian elements", file(dictionary({ descr: "'>f4'" }), 8), />f4; known are/],
    ["records", file(dictionary({ descr: "[('x', '<f4')]" }), 8), /no descr/],
    ["Fortran order", file(dictionary({ order: "True" }), 8), /save it in C order/],
    ["a negative shape", file(dictionary({ shape: "(-2,)" }), 8), /no shape/],
    ["a huge shape", file(dictionary({ shape: "(99999999999999999999,)" }), 8), /extents are whole/],
    ["missing elements", file(dictionary(), 7), /takes 8 bytes, but the file holds 7/],
    ["elements left over", file(dictionary(), 12), /takes 8 bytes, but the file holds 12/],
  ])("%s is refused with a reason", (_, bytes, message) => {
    expect(() => readNpy(bytes)).toThrow(TensorFileError);
    expect(() => readNpy(bytes)).toThrow(message);
  });

  test("bf16 has no name there", () => {
    expect(() => writeNpy(makeTensor("bf16", [1], [1]))).toThrow(/no bf16/);
  });
});

test("damaged files of both kinds end in a TensorFileError or in tensors, never in anything else", () => {
  const one = makeTensor("f32", [3, 2], [1, 2, 3, 4, 5, 6]);
  const safe = writeSafetensors(
    new Map([
      ["query", one],
      ["doc", makeTensor("i32", [2], [1, 2])],
    ]),
  );
  const readers = [
    [safe, readSafetensors],
    [writeNpy(one), readNpy],
  ] as const;
  for (const [good, read] of readers) {
    const damage = fc.tuple(
      fc.nat(good.length),
      fc.array(fc.tuple(fc.nat(good.length - 1), fc.nat(255)), { maxLength: 4 }),
    );
    fc.assert(
      fc.property(damage, ([length, changes]) => {
        const bytes = good.slice(0, length);
        for (const [at, byte] of changes) if (at < length) bytes[at] = byte;
        try {
          read(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(TensorFileError);
        }
      }),
      { numRuns: 500 },
    );
  }
});

describe("elements", () => {
  test("halves widen, bytes become numbers, bools 0 and 1", () => {
    expect([...floats(makeTensor("f16", [2], [0.5, 1e6]))]).toEqual([0.5, Infinity]);
    expect([...floats(makeTensor("bf16", [1], [-3]))]).toEqual([-3]);
    expect([...floats(makeTensor("u8", [1], [200]))]).toEqual([200]);
    expect([...ints(makeTensor("bool", [3], [0, 5, 1]))]).toEqual([0, 1, 1]);
  });

  test("floats that are stored as such are not copied", () => {
    const one = makeTensor("f32", [1], [1]);
    expect(floats(one)).toBe(one.data);
    const whole = makeTensor("i32", [1], [1]);
    expect(ints(whole)).toBe(whole.data);
  });
});
