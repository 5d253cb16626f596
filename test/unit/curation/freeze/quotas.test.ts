// Quotas: how they are written, and which rows are drawn, the same ones wherever and in whatever order they come.
import { describe, expect, it } from "vitest";
import {
  drawn,
  type Quotas,
  quotaIn,
  quotasInYaml,
  soundQuotas,
} from "../../../../src/curation/freeze/quotas.ts";
import { freezableRowOf } from "./frozen-row.ts";

const rows = Array.from({ length: 30 }, (_, n) =>
  freezableRowOf({
    ...{ id: `o__r-${n}`, language: n % 3 === 0 ? "go" : "python" },
    ...(n % 5 === 0 ? {} : { difficulty: (n % 5) / 5 }),
  }),
);

const quotas = (seed: string, ...texts: readonly string[]): Quotas => ({
  seed,
  quotas: soundQuotas(texts.map(quotaIn)),
});

const takenBy = (asked: Quotas, of = rows): string[] =>
  of
    .filter(({ id, split }) => split.language === "python" && !drawn(of, asked).leftOut.has(id))
    .map(({ id }) => id);

describe("quotas", () => {
  it("leave out what is over them, and nothing of a language that has none", () => {
    const { leftOut, results } = drawn(rows, quotas("s", "python=7"));
    expect(results).toEqual([{ of: "python", most: 7, came: 20, taken: 7 }]);
    expect(leftOut.size).toBe(13);
    const languages = rows.filter(({ id }) => leftOut.has(id)).map(({ split }) => split.language);
    expect(new Set(languages)).toEqual(new Set(["python"]));
  });

  it("give a difficulty its own places first, and the others what is left of the language's", () => {
    const { leftOut, results } = drawn(
      rows,
      quotas("s", "python=6", "python:very-hard=2", "python:unrated=4"),
    );
    expect(results).toEqual([
      { of: "python", most: 6, came: 20, taken: 6 },
      { of: "python:unrated", most: 4, came: 4, taken: 4 },
      { of: "python:very-hard", most: 2, came: 4, taken: 2 },
    ]);
    expect([...leftOut.values()].filter((quota) => quota === "python:very-hard")).toHaveLength(2);
  });

  it("take none of what is asked for with 0", () => {
    const { results } = drawn(rows, quotas("s", "go=0", "python:easy=0"));
    expect(results.map(({ taken }) => taken)).toEqual([0, 0]);
  });

  it("draw the same rows in any order, others by another seed, and more without changing those", () => {
    const seven = takenBy(quotas("s", "python=7"));
    expect(takenBy(quotas("s", "python=7"), [...rows].reverse()).reverse()).toEqual(seven);
    expect(takenBy(quotas("t", "python=7"))).not.toEqual(seven);
    expect(takenBy(quotas("s", "python=8"))).toEqual(expect.arrayContaining(seven));
    const fewer = rows.filter(({ id }) => seven.includes(id) || id.endsWith("1"));
    expect(takenBy(quotas("s", "python=7"), fewer)).toEqual(seven);
  });

  it("let people's word stand above a model's", () => {
    const [row] = rows.filter(({ judgement }) => judgement?.difficulty === 0.2);
    if (row === undefined) throw new Error("no easy row");
    const annotation = { clarity: 3, difficulty: 0.95, annotators: ["a", "b"], overrides: true };
    const { results } = drawn([{ ...row, annotation }], quotas("s", "go:very-hard=1", "python:very-hard=1"));
    expect(results.map(({ came }) => came)).toContain(1);
  });
});

describe("a quota's text", () => {
  it("names a language, maybe a difficulty, and a number", () => {
    expect(quotaIn("go=3")).toEqual({ language: "go", most: 3 });
    expect(quotaIn("rust:very-easy=0")).toEqual({ language: "rust", band: "very easy", most: 0 });
    expect(quotasInYaml("q.yaml", "python: 50\npython:hard: 10\n")).toEqual([
      { language: "python", most: 50 },
      { language: "python", band: "hard", most: 10 },
    ]);
  });

  it.each([
    "java=3",
    "python",
    "python=",
    "python=-1",
    "python=1.5",
    "python:odd=1",
    "python:hard:x=1",
    "=3",
  ])("is refused where it is %s", (text) => expect(() => quotaIn(text)).toThrow("quota: expected"));

  it.each(["- python", "python: many", "python: -1", "python: {hard: 1}", "&a [*a, *a]", "{", ""])(
    "is refused in a file that holds %s",
    (text) => expect(() => quotasInYaml("q.yaml", text)).toThrow("q.yaml: expected"),
  );

  it("is refused named twice, and with parts that are more than the whole", () => {
    expect(() => quotas("s", "go=1", "go=2")).toThrow("found go twice");
    expect(() => quotas("s", "go=3", "go:hard=2", "go:easy=2")).toThrow("at most 3, found 4");
  });
});
