// Breaks source files the way editors, tools and enemies do, from a seed: what the chunker's properties are tried on.
import { type Random, seededRandom } from "../../src/domain/random.ts";
import { allFixtures, type Fixture } from "./fixtures.ts";

function pick<T>(random: Random, items: readonly T[]): T {
  const item = items[random.integer(items.length)];
  if (item === undefined) throw new Error("nothing to pick from");
  return item;
}

const insertions: readonly Buffer[] = [
  ...["{", "}", "(", ")", "<", ">", '"', "'", "`", '"""', "/*", "*/", "//", "#", "\\", "\n\n", "\r\n", "\r"],
  ...["\t", ";", "#if X\n", "#else\n", "#endif\n", 'R"(', 'r#"', "class A", "template <", "def f(", "fn f("],
  ...["func (", "namespace {", "é", "日本", "\u{1f600}", "\ufeff", "\ufffd", "\u2028", "EXPORT_API(x)\n"],
].map((text) => Buffer.from(text));
const malformed = [[0], [0x80], [0xc3], [0xe2, 0x82], [0xf0, 0x9f, 0x98], [0xff, 0xfe], [0xed, 0xa0, 0x80]];

const linesOf = (bytes: Buffer): Buffer[] => {
  const lines: Buffer[] = [];
  for (let at = 0; at < bytes.length; ) {
    const end = bytes.indexOf(10, at);
    lines.push(bytes.subarray(at, end < 0 ? bytes.length : end + 1));
    at = end < 0 ? bytes.length : end + 1;
  }
  return lines;
};

const replaced = (bytes: Buffer, [from, to]: readonly [number, number], by: Buffer): Buffer =>
  Buffer.concat([bytes.subarray(0, from), by, bytes.subarray(to)]);

type Mutation = (bytes: Buffer, random: Random, others: readonly Fixture[]) => Buffer;

const inserted = (bytes: Buffer, random: Random, what: Buffer): Buffer => {
  const at = random.integer(bytes.length + 1);
  return replaced(bytes, [at, at], what);
};

const mutations: readonly Mutation[] = [
  (bytes, random) => inserted(bytes, random, pick(random, insertions)),
  (bytes, random) => inserted(bytes, random, Buffer.from(pick(random, malformed))),
  // The same delimiter many times: deep nesting, or many ends of nothing.
  (bytes, random) => {
    const one = pick(random, insertions);
    return inserted(bytes, random, Buffer.alloc(one.length * (1 + random.integer(400)), one));
  },
  (bytes, random) => {
    const at = random.integer(bytes.length + 1);
    return replaced(bytes, [at, Math.min(bytes.length, at + random.integer(60))], Buffer.alloc(0));
  },
  (bytes, random) => {
    const changed = Buffer.from(bytes);
    if (changed.length > 0) changed[random.integer(changed.length)] = random.integer(256);
    return changed;
  },
  (bytes, random) => bytes.subarray(0, random.integer(bytes.length + 1)),
  (bytes, random) => bytes.subarray(random.integer(bytes.length + 1)),
  (bytes, random, others) => {
    const { bytes: other } = pick(random, others);
    const from = random.integer(other.length);
    return inserted(bytes, random, other.subarray(from, from + random.integer(2_000)));
  },
  (bytes, random) => {
    const lines = linesOf(bytes);
    const [from, to] = [random.integer(lines.length + 1), random.integer(lines.length + 1)];
    const [moved] = lines.splice(from, 1);
    if (moved !== undefined) lines.splice(to, 0, moved);
    return Buffer.concat(lines);
  },
  (bytes, random) => {
    const from = random.integer(bytes.length + 1);
    const part = bytes.subarray(from, from + random.integer(1_500));
    return inserted(bytes, random, Buffer.concat(Array.from({ length: 1 + random.integer(8) }, () => part)));
  },
  (bytes) => Buffer.from(bytes.toString("latin1").replaceAll("\n", "\r\n"), "latin1"),
  (bytes) => Buffer.concat([Buffer.from("\ufeff"), bytes]),
  // One long line: a table, or what a minifier leaves.
  (bytes, random) => inserted(bytes, random, Buffer.alloc(4_000 + random.integer(20_000), "0x1, é")),
  (bytes) => Buffer.from(bytes.toString("latin1").replaceAll(/\n/g, " "), "latin1"),
];

export interface Mutant extends Fixture {
  /** How it was made: its place in the sequence of its seed. */
  readonly number: number;
}

/** Fixtures of every language with one to six changes each; the same seed makes the same files. */
export function* mutants(seed: string, count: number): Generator<Mutant> {
  const random = seededRandom(seed);
  const fixtures = allFixtures();
  for (let number = 0; number < count; number += 1) {
    const fixture = pick(random, fixtures);
    let { bytes } = fixture;
    for (let left = 1 + random.integer(6); left > 0; left -= 1)
      bytes = pick(random, mutations)(bytes, random, fixtures);
    yield { ...fixture, bytes, number };
  }
}
