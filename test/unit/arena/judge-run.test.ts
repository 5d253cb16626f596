// Judging predictions in a run folder: once each, voids again, what would void all stops it, evidence that judges again.
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import type { Case } from "../../../src/arena/case.ts";
import { Evidence } from "../../../src/arena/evidence.ts";
import { judgementFolder } from "../../../src/arena/judge-prediction.ts";
import { type JudgingSession, judgePredictions, tallyOf } from "../../../src/arena/judge-run.ts";
import type { Prediction } from "../../../src/arena/predictions.ts";
import { rejudgeJudgement } from "../../../src/arena/rejudge.ts";
import { exitCodeOf } from "../../../src/cli/commands/judge.ts";
import { Fault, UsageError } from "../../../src/domain/fault.ts";
import type { JudgementRow } from "../../../src/domain/run.ts";
import { type ToyArena, toyArena, toyRunner } from "../../support/toy-arena.ts";

const ids = ["toy-1", "toy-2", "toy-3"];

let arena: ToyArena;
let right: string;
let wrong: string;
/** Faults by instance id, thrown when it is opened; and what was opened. */
const faults = new Map<string, Error>();
const opened: string[] = [];
beforeEach(async () => {
  arena = await toyArena([]);
  right = await arena.files.patch({ "app.py": "old = 1\nfixed = 2\n" });
  wrong = await arena.files.patch({ "app.py": "old = 2\n" });
  faults.clear();
  opened.length = 0;
});
afterEach(() => arena[Symbol.asyncDispose]());

const fault = (code: string) => new Fault(code, `${code} here`, { retryable: false });
const prediction = (instanceId: string, patch: string, contestant = "ann"): Prediction => {
  return { instanceId, contestant, patch };
};

function session(over: Partial<JudgingSession> = {}): JudgingSession {
  const { of, store, folder } = arena;
  const { runs, evidence, now } = arena.deps({ submit: () => "", review: () => "" });
  const instance = (instanceId: string) => ({ ...of.instance, instanceId });
  return {
    ...{ store, runs, evidence, now, instance, instanceIds: ids, runFolder: folder },
    ...{ setName: "toy/1", setHash: "hash", seed: "seed" },
    open: async (instanceId): Promise<Case> => {
      opened.push(instanceId);
      const thrown = faults.get(instanceId);
      if (thrown !== undefined) throw thrown;
      return { ...of, instance: instance(instanceId) };
    },
    mustHaveRepository: async () => {},
    writeManifest: (settings) =>
      evidence.writeJson("manifest.json", {
        ...{ schemaVersion: 1, settings, options: { set: "/toy" }, sandbox: "scripted" },
      }),
    ...over,
  };
}

async function judged(
  predictions: readonly Prediction[],
  over: Partial<JudgingSession> = {},
  signal = new AbortController().signal,
) {
  const fresh: JudgementRow[] = [];
  const request = { predictions, workers: 1, signal, onVerdict: (row: JudgementRow) => fresh.push(row) };
  return { ...(await judgePredictions(session(over), request)), fresh };
}

const labels = (rows: readonly JudgementRow[]) =>
  rows.map(({ instanceId, record }) => [instanceId, record.void?.cause ?? record.label]);

describe("judgePredictions", () => {
  it("judges each once, in the order of the file, and says what the set does not hold", async () => {
    const file = [
      prediction("toy-2", wrong),
      prediction("gone-1", right),
      prediction("toy-1", right),
      prediction("toy-2", ""),
    ];
    const first = await judged(file);
    expect(labels(first.rows)).toEqual([
      ["toy-2", "unresolved"],
      ["toy-1", "resolved"],
      ["toy-2", "unresolved"],
    ]);
    expect(first.rows[2]?.record.submission).toMatchObject({
      status: "invalid",
      reasons: [{ code: "no-change" }],
    });
    expect(first.unknown).toEqual(["gone-1"]);
    opened.length = 0;
    expect(await judged(file)).toEqual({ ...first, fresh: [] });
    expect(opened).toEqual([]);
  });

  it("judges the same patch of one contestant once, and lists it as often as it is there", async () => {
    const file = [prediction("toy-1", right), prediction("toy-1", right), prediction("toy-1", right, "bob")];
    const { rows, fresh } = await judged(file);
    expect(rows.map((row) => row.contestant)).toEqual(["ann", "ann", "bob"]);
    expect(fresh).toHaveLength(2);
  });

  it("takes an edited patch for another, and leaves what no longer is asked out of the results", async () => {
    await judged([prediction("toy-1", wrong), prediction("toy-2", wrong)]);
    const edited = await judged([prediction("toy-1", right)]);
    expect(labels(edited.rows)).toEqual([["toy-1", "resolved"]]);
    const another = await judged([prediction("toy-3", right), prediction("toy-2", wrong)]);
    expect(labels(another.rows)).toEqual([
      ["toy-3", "resolved"],
      ["toy-2", "unresolved"],
    ]);
    expect(another.fresh).toHaveLength(1);
  });

  it("makes one instance's defect a void with its reason, and judges it again when asked again", async () => {
    faults.set("toy-2", fault("repository-missing"));
    const file = ids.map((id) => prediction(id, right));
    const first = await judged(file);
    expect(labels(first.rows)).toEqual([
      ["toy-1", "resolved"],
      ["toy-2", "repository-missing"],
      ["toy-3", "resolved"],
    ]);
    expect(first.rows[1]?.record.void).toMatchObject({ side: "baseline", detail: "repository-missing here" });
    faults.clear();
    const second = await judged(file);
    expect(labels(second.fresh)).toEqual([["toy-2", "resolved"]]);
    expect(second.rows).toEqual([first.rows[0], second.fresh[0], first.rows[2]]);
  });

  it.each(["engine-unreachable", "image-missing", "host-disk-full"])(
    "stops at %s, which would void all others, and keeps what it has",
    async (code) => {
      faults.set("toy-2", fault(code));
      const file = ids.map((id) => prediction(id, right));
      await expect(judged(file)).rejects.toMatchObject({ code });
      expect(opened).toEqual(["toy-1", "toy-2"]);
      expect(labels(arena.store.judgements())).toEqual([["toy-1", "resolved"]]);
      faults.clear();
      expect(labels((await judged(file)).fresh)).toEqual([
        ["toy-2", "resolved"],
        ["toy-3", "resolved"],
      ]);
    },
  );

  it("keeps nothing that an interrupt cut short", async () => {
    const stop = new AbortController();
    const open = async (): Promise<Case> => {
      stop.abort();
      throw fault("interrupted");
    };
    const { rows } = await judged([prediction("toy-1", right)], { open }, stop.signal);
    expect([rows, arena.store.judgements()]).toEqual([[], []]);
  });

  it("asks whether there is any repository before it judges, and not when all is judged", async () => {
    const asked: (readonly string[])[] = [];
    const mustHaveRepository = async (of: readonly string[]) => {
      asked.push(of);
      throw new UsageError("none");
    };
    const file = [prediction("toy-1", right), prediction("toy-1", wrong), prediction("toy-2", right)];
    await expect(judged(file, { mustHaveRepository })).rejects.toThrow(UsageError);
    expect(asked).toEqual([["toy-1", "toy-2"]]);
    await judged(file);
    expect((await judged(file, { mustHaveRepository })).rows).toHaveLength(3);
  });

  it("refuses a folder of another set, and goes on in one of its own", async () => {
    const file = [prediction("toy-1", right)];
    await judged(file);
    await expect(judged(file, { setHash: "other" })).rejects.toThrow("begun on the set toy/1");
    await expect(judged(file, { setName: "b/1", setHash: "b" })).rejects.toThrow(
      /set toy\/1 with hash hash; the set is now b\/1/,
    );
    expect((await judged(file)).rows).toHaveLength(1);
  });

  it("leaves the manifest of a tournament alone, so that it can still be resumed", async () => {
    const settings = { set: "toy/1", setHash: "hash" };
    const text = JSON.stringify({
      ...{ schemaVersion: 1, settings, options: { set: "/toy", contestants: "ann" }, sandbox: "scripted" },
    });
    await mkdir(arena.folder, { recursive: true });
    await writeFile(join(arena.folder, "manifest.json"), text);
    await judged([prediction("toy-1", right)]);
    expect(await readFile(join(arena.folder, "manifest.json"), "utf8")).toBe(text);
  });
});

describe("the evidence of a judgement", () => {
  const again = (row: JudgementRow, runner = toyRunner()) => {
    const deps = { evidence: new Evidence(arena.folder), runnerFor: () => runner };
    return rejudgeJudgement(row, arena.of.instance, deps);
  };

  it("is that of a round: the patch, what its runs showed, the record and its runs by name", async () => {
    const { rows } = await judged([prediction("toy-1", right, "lab/../model 1")]);
    const [row] = rows;
    if (row === undefined) throw new Error("a judgement was to be made");
    const folder = join(arena.folder, judgementFolder(row));
    expect(judgementFolder(row)).toMatch(/^predictions\/toy-1\/lab_model_1-[0-9a-f]{16}$/);
    expect((await readdir(folder)).sort()).toEqual(["evidence.json.gz", "submission.patch", "verdict.json"]);
    expect(await readFile(join(folder, "submission.patch"), "utf8")).toBe(right);
    const written = z.looseObject({ runs: z.record(z.string(), z.string()) });
    const verdict = written.parse(JSON.parse(await readFile(join(folder, "verdict.json"), "utf8")));
    expect(verdict).toMatchObject({
      verdict: "patch-stands",
      record: row.record,
      runs: { P: expect.stringMatching(/\.json\.gz$/), "P+H": expect.stringMatching(/\.json\.gz$/) },
    });
    for (const file of Object.values(verdict.runs)) {
      expect(existsSync(join(arena.folder, file))).toBe(true);
    }
    expect(row.evidenceHash).toBe(await new Evidence(arena.folder).hashOf(judgementFolder(row)));
  });

  it("gives the same record again, and another where today's runner reads the same answers otherwise", async () => {
    faults.set("toy-3", fault("unsound-instance"));
    const file = [prediction("toy-1", right), prediction("toy-1", ""), prediction("toy-3", right)];
    const { rows } = await judged(file);
    for (const row of rows) expect(await again(row)).toEqual(row.record);
    const [row] = rows;
    if (row === undefined) throw new Error("a judgement was to be made");
    const failing = toyRunner("toy", () => "failed");
    expect(await again(row, failing)).toMatchObject({
      submission: { status: "valid" },
      label: "unresolved",
    });
  });
});

describe("the exit code", () => {
  it("counts resolved ones among those that are not void", async () => {
    const { rows } = await judged([prediction("toy-1", right), prediction("toy-2", wrong)]);
    const [resolved, unresolved] = rows;
    if (resolved === undefined || unresolved === undefined) throw new Error("two judgements were to be made");
    const detail = { cause: "control-failed", side: "submitter", detail: "lost" } as const;
    const lost = { ...resolved, record: { ...resolved.record, void: detail } };
    expect(tallyOf([resolved, lost, unresolved])).toEqual({ judged: 2, resolved: 1, invalid: 0, voids: 1 });
    expect(exitCodeOf([lost, lost, unresolved], 0.5)).toBe(4);
    expect(exitCodeOf([lost, resolved, unresolved], 0.5)).toBe(1);
    expect(exitCodeOf([resolved, unresolved], 0.5)).toBe(0);
    expect(exitCodeOf([lost], 0)).toBe(3);
    expect(exitCodeOf([])).toBe(0);
  });
});
