// The published retrieval tables and ranked lists, made anew where the rows and their repositories are at hand:
// ARENA_RETRIEVAL_ROWS names a folder of .jsonl files, ARENA_RETRIEVAL_REPOS the folder of clones. `vitest -u` accepts.
import { readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { describe, expect, it } from "vitest";
import { main } from "../../src/cli/main.ts";

const { ARENA_RETRIEVAL_ROWS: rows, ARENA_RETRIEVAL_REPOS: repos } = process.env;
const asked = rows !== undefined && repos !== undefined;
const files = asked ? readdirSync(rows).filter((name) => name.endsWith(".jsonl")) : ["(no rows at hand)"];
/** Minutes: the first time, every repository is read. */
const patienceMs = 3 * 3600 * 1000;
const linesARow = 5;

interface Row {
  readonly id: string;
  readonly gold: readonly string[];
  readonly variants: {
    readonly full: { readonly places: readonly (number | null)[]; readonly first: readonly string[] };
  };
}

/** Ids, paths and places alone: what the issues and the code say is other people's. */
function listed({ id, gold, variants: { full } }: Row): string {
  const first = full.first.slice(0, linesARow);
  const marked = first.map((path, at) => `  ${at + 1} ${gold.includes(path) ? "*" : " "} ${path}`);
  const later = gold.flatMap((path, at) =>
    first.includes(path) ? [] : [`  ${full.places[at] ?? "not ranked"} * ${path}`],
  );
  return [id, ...marked, ...later].join("\n");
}

/** One run gives both: an hour is long enough. */
async function evaluated(file: string): Promise<{ readonly rows: readonly Row[]; readonly text: string }> {
  const notes: string[] = [];
  let kept: { rows: readonly Row[]; text: string } | undefined;
  const result = (json: unknown, text: () => string): void => {
    const { rows }: { rows: readonly Row[] } = JSON.parse(JSON.stringify(json));
    kept = { rows, text: text() };
  };
  const out = {
    ...{ isTerminal: false, result, progress: () => {}, panel: () => {} },
    note: (line: string) => notes.push(line),
  };
  const argv = ["retrieve", "eval", file, "--repos", repos ?? "", "--ablations"];
  const code = await main(argv, { out, signal: new AbortController().signal });
  expect(code, notes.join("\n")).toBe(0);
  if (kept === undefined) throw new Error("the command gave no result");
  return kept;
}

describe("the retrieval table", () => {
  it.skipIf(!asked).each(files)(
    "of %s is what docs/retrieval.md was written from, and so are its ranked lists",
    async (name) => {
      const { rows: measured, text } = await evaluated(join(rows ?? "", name));
      const withoutPlaces = text.replaceAll(repos ?? "", "<repos>").trimEnd();
      const withoutSeconds = withoutPlaces.split("\n").slice(0, -1).join("\n").trimEnd();
      const golden = `../golden/retrieval/${basename(name, ".jsonl")}`;
      await expect(`${withoutSeconds}\n`).toMatchFileSnapshot(`${golden}.table.txt`);
      await expect(`${measured.map(listed).join("\n\n")}\n`).toMatchFileSnapshot(`${golden}.ranks.txt`);
    },
    patienceMs,
  );
});
