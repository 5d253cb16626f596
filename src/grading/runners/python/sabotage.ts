// Makes the twin of a Python test: the same function under the same name, certain to fail wherever the real one passes.
import type { Random } from "../../../domain/random.ts";
import type { Change } from "../compiled/mask.ts";
import type { Sites } from "./inventory.ts";

type Way = "literal" | "rows" | "quiet" | "widened" | "contrary" | "addition";

/**
 * A changed expected value cannot be told from an honest one without knowing the right answer, so it is preferred;
 * the contrary is caught out by whoever suppresses failures, an added statement by whoever inverts them.
 */
const weights: Readonly<Record<Way, number>> = {
  literal: 20,
  rows: 20,
  quiet: 6,
  widened: 2,
  contrary: 1,
  addition: 1,
};

function possible(sites: Sites): Way[] {
  const ways: Way[] = [];
  if (sites.literals.length > 0) ways.push("literal");
  if (sites.rows.length > 0) ways.push("rows");
  if (sites.quiets.length > 0) ways.push("quiet");
  if (sites.conditions.length > 0) ways.push("widened");
  if (sites.contraries.length > 0) ways.push("contrary");
  if (sites.addition !== null) ways.push("addition");
  return ways;
}

function drawWay(ways: readonly Way[], random: Random): Way | undefined {
  const total = ways.reduce((sum, way) => sum + weights[way], 0);
  let left = random.integer(Math.max(total, 1));
  for (const way of ways) {
    left -= weights[way];
    if (left < 0) return way;
  }
  return undefined;
}

function pick<T>(list: readonly T[], random: Random): T | undefined {
  return list[random.integer(list.length)];
}

type Literal = Sites["literals"][number];

/** Another number as round as the first, so that its look does not tell which of them a person wrote. */
function otherNumber(source: string, random: Random): string {
  const value = BigInt(source);
  const zeros = value === 0n ? 0 : (/0*$/.exec(source)?.[0].length ?? 0);
  const step = 10n ** BigInt(zeros) * BigInt(1 + random.integer(3)) * (random.integer(2) === 0 ? 1n : -1n);
  // Under a minus sign a negative number would be written with two.
  return String(value + step < 0n ? value - step : value + step);
}

/** A letter more, somewhere: a word of another length is another word. */
function otherText(text: string, random: Random): string {
  const at = random.integer(text.length + 1);
  return text.slice(0, at) + (pick([..."adeinorst"], random) ?? "e") + text.slice(at);
}

/** Seldom what an error of a library derives from. */
const errorTypes = ["TypeError", "AttributeError", "IndexError", "ZeroDivisionError"];

function otherLiteral({ kind, from, to, value }: Literal, random: Random): Change {
  switch (kind) {
    case "number":
      return { from, to, text: otherNumber(value, random) };
    case "text":
      return { from, to, text: otherText(value, random) };
    case "blank":
      return { from, to, text: value.replace("#", String(random.integer(10))) };
    case "type": {
      const others = errorTypes.filter((name) => name !== value);
      return { from, to, text: pick(others, random) ?? "TypeError" };
    }
  }
}

function oneLiteral({ literals }: Sites, random: Random): Change[] {
  const site = pick(literals, random);
  return site === undefined ? [] : [otherLiteral(site, random)];
}

/** A statement that fails by the test's own mechanism; it asks nothing of the code under test. */
export function failingStatement(usesSelf: boolean, random: Random): string {
  const count = 2 + random.integer(40);
  const off = count + 1 + random.integer(3);
  const forms = usesSelf
    ? [
        `self.assertEqual(len(range(${count})), ${off})`,
        `self.assertTrue(sum([${count}]) == ${off})`,
        `self.assertIn(${off}, [${count}])`,
      ]
    : [
        `assert len(range(${count})) == ${off}`,
        `assert sum([${count}, 1]) == ${off + 1}`,
        `assert ${off} in [${count}]`,
      ];
  return pick(forms, random) ?? "assert 0";
}

function added({ addition, usesSelf }: Sites, random: Random): Change[] {
  if (addition === null) return [];
  const statement = failingStatement(usesSelf, random);
  const { at, form, indent } = addition;
  const text = {
    before: `${statement}; `,
    after: `; ${statement}`,
    "line-before": `${indent}${statement}\n`,
    "line-after": `\n${indent}${statement}`,
  }[form];
  return [{ from: at, to: at, text }];
}

function quieted({ quiets }: Sites, random: Random): Change[] {
  const site = pick(quiets, random);
  if (site === undefined) return [];
  const harmless = pick(
    [`str(${random.integer(90)})`, `len("${random.integer(900)}")`, `int("${random.integer(90)}")`],
    random,
  );
  const text = site.lines === 0 ? (harmless ?? "") : `(${harmless}${"\n".repeat(site.lines)})`;
  return [{ from: site.from, to: site.to, text }];
}

/** The assertion asks for something more, which is not so: it fails where, and as, an honest failure would. */
function widened({ conditions }: Sites, random: Random): Change[] {
  const site = pick(conditions, random);
  if (site === undefined) return [];
  const count = 2 + random.integer(40);
  const more = pick(
    [
      `len(range(${count})) == ${count + 1}`,
      `int("${count}") in [${count + 1}]`,
      `sum([${count}]) > ${count}`,
    ],
    random,
  );
  return [
    { from: site.from, to: site.from, text: "(" },
    { from: site.to, to: site.to, text: `) and ${more}` },
  ];
}

export interface Sabotage {
  readonly edits: readonly Change[];
  /** Each edit is that of one row, and each row is one test. */
  readonly rows?: boolean;
}

function editsOf(way: Way | undefined, sites: Sites, random: Random): readonly Change[] | undefined {
  switch (way) {
    case "literal":
      return oneLiteral(sites, random);
    case "rows":
      return sites.rows.map((site) => otherLiteral(site, random));
    case "quiet":
      return quieted(sites, random);
    case "widened":
      return widened(sites, random);
    case "contrary":
      return pick(sites.contraries, random);
    case "addition":
      return added(sites, random);
    case undefined:
      return undefined;
  }
}

/** The changes that turn a test into its twin; undefined for a test that no twin can be made of. */
export function sabotage(sites: Sites, random: Random): Sabotage | undefined {
  const way = drawWay(possible(sites), random);
  const edits = editsOf(way, sites, random);
  if (edits === undefined) return undefined;
  return { edits, rows: way === "rows" && sites.rows.every(({ single }) => single) };
}
