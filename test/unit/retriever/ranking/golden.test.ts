// Ranked lists as golden files: a change of the ranking shows up as a diff a person can judge. `vitest -u` accepts it.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import {
  type Contribution,
  goldOfPatch,
  openIndex,
  type Ranking,
  rankerOf,
} from "../../../../retriever/index.ts";
import { locateRepository, readSet } from "../../../../src/curation/index.ts";
import { type Commit, smallRepository } from "../../../support/small-repository.ts";
import { root } from "../../../support/source.ts";

const folder = mkdtempSync(join(tmpdir(), "arena-golden-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** `=== commit: <message>`, then `=== <path>` before each file as it is from then on. */
function commitsOf(name: string): Commit[] {
  const text = readFileSync(join(root, "test", "fixtures", "retrieval", `${name}.txt`), "utf8");
  return text
    .split(/^=== commit: /mu)
    .slice(1)
    .map((part) => {
      const [message = "", ...files] = part.split(/^=== /mu);
      const named = files.map((file) => {
        const end = file.indexOf("\n");
        return [file.slice(0, end), file.slice(end + 1)] as const;
      });
      return { message: message.trim(), files: Object.fromEntries(named) };
    });
}

/** Commit ids are left out: they change with every file of the repository. */
function reason({ signal, points, found }: Contribution): string {
  const what = found === undefined ? "" : `: ${found.replace(/\b[0-9a-f]{8} (?=\S)/gu, "")}`;
  return `${signal} ${points.toFixed(2)}${what}`;
}

interface Listing {
  readonly most: number;
  readonly gold?: ReadonlySet<string>;
  readonly reasons: boolean;
}

function listed({ files, chunks }: Ranking, { most, gold, reasons }: Listing): string {
  const mark = (path: string): string => (gold === undefined ? "" : gold.has(path) ? "* " : "  ");
  const why = (each: readonly Contribution[]): string[] =>
    reasons ? each.map((one) => `          ${reason(one)}`) : [];
  const place = (at: number, score: number): string => `${String(at + 1).padStart(3)} ${score.toFixed(2)}`;
  const fileLines = files
    .slice(0, most)
    .flatMap((each, at) => [
      `${place(at, each.score)}  ${mark(each.file.path)}${each.file.path}`,
      ...why(each.why),
    ]);
  const chunkLines = chunks.slice(0, most).flatMap((each, at) => {
    const { startLine, endLine, name } = each.chunk;
    const where = `${each.file.path}:${startLine}-${endLine}${name === "" ? "" : ` ${name}`}`;
    return [`${place(at, each.score)}  ${mark(each.file.path)}${where}`, ...why(each.why)];
  });
  return ["files", ...fileLines, "chunks", ...chunkLines].join("\n");
}

const quotedIssue = (text: string): string => text.replaceAll(/^/gmu, "> ");

const issues: Readonly<Record<string, readonly string[]>> = {
  letterpress: [
    "justify throws on a line of one glyph\n\nA paragraph of a single letter fails with\n```\nstd::runtime_error: cannot justify a line of one glyph\n```",
    "Kerning is ignored\n\n`kerning_between` is never called when a line is appended, so AV stands too wide.",
    'MarkupError for a literal star\n\nTraceback:\n  File "python/letterpress/reader.py", line 10, in read_markup\nletterpress.reader.MarkupError: emphasis is never closed in paragraph 0',
    "Hyphenation\n\nLong words should be broken at the end of a line instead of leaving a gap.",
    "page_count loses the last page when one paragraph is left over",
  ],
  harbour: [
    "Ships get berths shorter than they are\n\nAssign ignores Berth.Length. See server/berth/assign.go.",
    "Tide `2024-05-01 HIGH` is taken for low water",
    "pilot asks again after the harbour refused\n\n`ClientError::Refused` must not be retried, in `crate::client::retry`",
    "Assignments are lost after a restart",
    "no berth is free for this tide\n\nafter ten ships, though the tide has changed",
  ],
};

describe("ranked lists", () => {
  it.each(Object.keys(issues))("of %s are as they were, with their reasons", async (name) => {
    using repository = await smallRepository(...commitsOf(name));
    expect(repository.snapshot.files.length).toBeGreaterThanOrEqual(15);
    const parts = (issues[name] ?? []).map(
      (text) =>
        `${quotedIssue(text)}\n\n${listed(repository.ranker.search({ text }), { most: 6, reasons: true })}\n`,
    );
    const golden = join(root, "test", "golden", "retrieval", `${name}.txt`);
    await expect(parts.join("\n\n")).toMatchFileSnapshot(golden);
  });

  it("of the bundled set are as they were, gold files marked", async () => {
    const { set, instances } = await readSet(join(root, "issues", "smoke", "1"));
    expect(instances).toHaveLength(8);
    const index = openIndex({ workers: 0 });
    const parts: string[] = [];
    for (const instance of instances) {
      const { path, baseCommit } = await locateRepository(instance, { set, cache: folder });
      const { snapshot } = await index.snapshot(path, baseCommit);
      const ranking = rankerOf(snapshot).search({ text: instance.problemStatement });
      const gold = new Set(goldOfPatch(instance.goldPatch).files);
      parts.push(`${instance.instanceId}\n${listed(ranking, { most: 10, gold, reasons: false })}\n`);
    }
    await index.close();
    const golden = join(root, "test", "golden", "retrieval", "smoke.txt");
    await expect(parts.join("\n")).toMatchFileSnapshot(golden);
  });
});
