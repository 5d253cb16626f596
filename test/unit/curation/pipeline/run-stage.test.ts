// A stage over rows: resumed after any interruption with the same bytes, faults asked again, answers never twice.
import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { journalFile, readKept, readReport } from "../../../../src/curation/pipeline/folder.ts";
import { type MinedRow, minedRow, type SplitRow, splitRow } from "../../../../src/curation/pipeline/rows.ts";
import { runStage } from "../../../../src/curation/pipeline/run-stage.ts";
import { keptAs, rejectedFor, type Stage } from "../../../../src/curation/pipeline/stage.ts";
import { Fault } from "../../../../src/domain/fault.ts";

const parent = mkdtempSync(join(tmpdir(), "arena-stage-"));
afterAll(() => rmSync(parent, { recursive: true, force: true }));
let made = 0;
const newFolder = (): string => join(parent, String(++made));

const sha = (n: number): string => n.toString(16).padStart(40, "0");
const at = "2026-01-02T03:04:05Z";

function mined(n: number): MinedRow {
  const linkedBy = "text" as const;
  const issue = { repo: "o/r", number: n, title: `t${n}`, body: "b", createdAt: at, linkedBy, comments: [] };
  return {
    ...{ schemaVersion: 1, id: `o__r-${n}`, repo: "o/r", origin: { kind: "commits", fix: sha(n) } },
    mined: {
      ...{ title: "t", body: "", head: sha(n), commits: [sha(n)], firstCommitAt: at, mergedAt: at },
      ...{ issues: [issue], checks: [] },
    },
  };
}

const rows = [1, 2, 3, 4, 5, 6].map(mined);

function split(row: MinedRow): SplitRow {
  const texts = { goldPatch: "diff", testPatch: "", problemStatement: "x", hintsText: "" };
  return { ...row, split: { baseCommit: sha(9), language: "go", ...texts, createdAt: at, notes: [] } };
}

interface Scripted {
  readonly asked: string[];
  readonly stage: Stage<MinedRow, SplitRow>;
}

/** Rejects 2, and does what it is told about the others. */
function scripted(on: (row: MinedRow) => Promise<void> = async () => {}, settings: unknown = 1): Scripted {
  const asked: string[] = [];
  return {
    asked,
    stage: {
      ...{ name: "split", input: minedRow, output: splitRow, settings },
      run: async (row) => {
        asked.push(row.id);
        await on(row);
        if (row.id.endsWith("-2"))
          return rejectedFor(row, { reason: "only-tests", detail: "expected a fix" });
        return keptAs(split(row));
      },
      whole: (kept) => ({
        kept: kept.filter(({ id }) => !id.endsWith("-5")),
        rejected: kept
          .filter(({ id }) => id.endsWith("-5"))
          .map(({ id }) => ({ id, reason: "duplicate", detail: "of 4" })),
      }),
    },
  };
}

const never = new AbortController().signal;
const bytesOf = (folder: string): Record<string, string> =>
  Object.fromEntries(
    readdirSync(join(folder, "split"))
      .filter((name) => name !== "journal.jsonl")
      .sort()
      .map((name) => [name, readFileSync(join(folder, "split", name), "utf8")]),
  );

async function whole(workers = 1): Promise<Record<string, string>> {
  const folder = newFolder();
  await runStage(scripted().stage, rows, { folder, workers, signal: never });
  return bytesOf(folder);
}

describe("a stage", () => {
  it("keeps, rejects with the reason and the row, and counts both", async () => {
    const folder = newFolder();
    const seen: number[] = [];
    const run = {
      folder,
      workers: 2,
      signal: never,
      onProgress: ({ done }: { done: number }) => seen.push(done),
    };
    const result = await runStage(scripted().stage, rows, run);
    expect(result.kept.map(({ id }) => id)).toEqual(["o__r-1", "o__r-3", "o__r-4", "o__r-6"]);
    expect(result.rejected.map(({ id, reason }) => [id, reason])).toEqual([
      ["o__r-2", "only-tests"],
      ["o__r-5", "duplicate"],
    ]);
    expect(result.rejected[0]).toMatchObject({ row: rows[1] });
    expect(await readReport(folder, "split")).toMatchObject({
      ...{ rows: 6, kept: 4, rejected: 2, faults: 0 },
      reasons: { "only-tests": 1, duplicate: 1 },
    });
    expect(await readKept(folder, "split", splitRow)).toEqual(result.kept);
    expect(seen).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it("writes the same bytes however many work", async () => {
    expect(await whole(4)).toEqual(await whole(1));
  });

  it("asks nothing twice, and all again where what decides has changed", async () => {
    const folder = newFolder();
    const [first, second, other] = [scripted(), scripted(), scripted(undefined, 2)];
    for (const { stage } of [first, second, other])
      await runStage(stage, rows, { folder, workers: 1, signal: never });
    expect([first.asked.length, second.asked.length, other.asked.length]).toEqual([6, 0, 6]);
  });

  it("asks the rows it is told to, and keeps what is known of the others", async () => {
    const folder = newFolder();
    const asks = (ids: readonly string[]) => ({
      folder,
      workers: 1,
      signal: never,
      isAsked: (id: string) => ids.includes(id),
    });
    await runStage(scripted().stage, rows, asks(["o__r-1", "o__r-2"]));
    const second = scripted();
    const { kept, report } = await runStage(second.stage, rows, asks(["o__r-6"]));
    expect(second.asked).toEqual(["o__r-6"]);
    expect(kept.map(({ id }) => id)).toEqual(["o__r-1", "o__r-6"]);
    expect(report).toMatchObject({ rows: 3, kept: 2, rejected: 1 });
  });

  it("goes on after an interruption, a torn line included, and ends with the same bytes", async () => {
    const folder = newFolder();
    const stop = new AbortController();
    const first = scripted(async ({ id }) => {
      if (id.endsWith("-4")) stop.abort(new Error("interrupted"));
    });
    await expect(runStage(first.stage, rows, { folder, workers: 1, signal: stop.signal })).rejects.toThrow(
      "interrupted",
    );
    expect(await readReport(folder, "split")).toBeUndefined();
    appendFileSync(journalFile(folder, "split"), '{"key":"torn');
    const second = scripted();
    await runStage(second.stage, rows, { folder, workers: 1, signal: never });
    expect(second.asked).toEqual(["o__r-4", "o__r-5", "o__r-6"]);
    expect(bytesOf(folder)).toEqual(await whole());
  });

  it("puts a fault aside, and asks that row again the next time", async () => {
    const folder = newFolder();
    const broken = scripted(async ({ id }) => {
      if (id.endsWith("-3")) throw new Fault("engine-down", "no engine answers", { retryable: true });
    });
    const { faults, report } = await runStage(broken.stage, rows, { folder, workers: 1, signal: never });
    expect(faults).toEqual([{ id: "o__r-3", code: "engine-down", message: "no engine answers" }]);
    expect(report).toMatchObject({ kept: 3, faults: 1 });
    const mended = scripted();
    await runStage(mended.stage, rows, { folder, workers: 1, signal: never });
    expect(mended.asked).toEqual(["o__r-3"]);
    expect(bytesOf(folder)).toEqual(await whole());
  });

  it("ends with what is no fault", async () => {
    const bug = scripted(async () => {
      throw new TypeError("a bug");
    });
    await expect(
      runStage(bug.stage, rows, { folder: newFolder(), workers: 2, signal: never }),
    ).rejects.toThrow("a bug");
  });

  it("names the line of a journal, and the field of a row, that are not as they must be", async () => {
    const folder = newFolder();
    await runStage(scripted().stage, rows, { folder, workers: 1, signal: never });
    const kept = join(folder, "split", "kept.jsonl");
    writeFileSync(kept, readFileSync(kept, "utf8").replace('"language":"go"', '"language":"cobol"'));
    await expect(readKept(folder, "split", splitRow)).rejects.toThrow(
      /kept\.jsonl:1: split\.language: .*found "cobol"/,
    );
    await expect(readKept(folder, "audit", splitRow)).rejects.toThrow(/run `arena curate audit`/);
    writeFileSync(journalFile(folder, "split"), "nonsense\n");
    const again = runStage(scripted().stage, rows, { folder, workers: 1, signal: never });
    await expect(again).rejects.toThrow(/journal\.jsonl:1: expected a line/);
  });
});
