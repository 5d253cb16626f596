// What people said takes effect: medians of at least two, answers that survive a kill, and nothing made of one voice.
import { appendFileSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { addAnswer, allAnswers, readAnswers } from "../../../../src/curation/annotate/answers.ts";
import { type Annotations, annotateStage, unitsOf } from "../../../../src/curation/annotate/stage.ts";
import { annotatedRow, judgedRow } from "../../../../src/curation/pipeline/rows.ts";
import { auditedRowOf } from "../audited-row.ts";

const never = new AbortController().signal;
const said = (clarity: number, difficulty: number, id = "o__r-1") => ({ id, clarity, difficulty });
const by = (people: Readonly<Record<string, readonly ReturnType<typeof said>[]>>): Annotations =>
  new Map(Object.entries(people).map(([name, all]) => [name, new Map(all.map((each) => [each.id, each]))]));

const judged = judgedRow.parse({
  ...auditedRowOf(),
  judgement: { clarity: 3, clarityWhy: "a", difficulty: 0.5, difficultyWhy: "b", by: "m" },
});
const annotated = (annotations: Annotations, leastClarity = 0) =>
  annotateStage({ annotations, leastClarity }).run(judged, never);

describe("the annotate stage", () => {
  it("takes the medians of what people gave, and says whether they say otherwise than the judge", async () => {
    const three = by({ ann: [said(1, 0.2)], ben: [said(2, 0.4)], cid: [said(3, 0.9)] });
    const [row] = (await annotated(three)).kept;
    expect(annotatedRow.parse(row).annotation).toEqual({
      ...{ clarity: 2, difficulty: 0.4, annotators: ["ann", "ben", "cid"], overrides: true },
    });
    const alike = by({ ann: [said(3, 0.5)], ben: [said(3, 0.5)] });
    expect((await annotated(alike)).kept[0]?.annotation?.overrides).toBe(false);
  });

  it("gives of two that differ the lower: nobody gave what lies between", async () => {
    const two = by({ ann: [said(0, 0.2)], ben: [said(3, 0.6)] });
    expect((await annotated(two)).kept[0]?.annotation).toMatchObject({ clarity: 0, difficulty: 0.2 });
  });

  it("makes nothing of one voice", async () => {
    const { kept } = await annotated(by({ ann: [said(0, 0.2)] }), 2);
    expect(kept).toEqual([judged]);
  });

  it("puts aside what people find unclear, by their names", async () => {
    const { rejected } = await annotated(by({ ann: [said(1, 0.2)], ben: [said(1, 0.2)] }), 2);
    expect(rejected).toMatchObject([{ reason: "unclear", detail: expect.stringContaining("ann, ben") }]);
  });

  it("hands every row's values to the measure of agreement, and asks again for other answers", () => {
    const two = by({ ann: [said(1, 0.2), said(2, 0.3, "b")], ben: [said(3, 0.4)] });
    expect(unitsOf(two, "clarity")).toEqual([[2], [1, 3]]);
    const settings = (annotations: Annotations) => annotateStage({ annotations, leastClarity: 0 }).settings;
    expect(settings(two)).not.toEqual(settings(by({ ann: [said(1, 0.2)] })));
  });
});

describe("answers on disk", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "arena-annotate-"));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it("are kept one by one, the last to a row counts, and a torn line is none", async () => {
    await addAnswer(folder, "ann", said(1, 0.2));
    await addAnswer(folder, "ann", said(2, 0.2));
    const file = join(folder, "annotate", "answers", "ann.jsonl");
    appendFileSync(file, '{"id":"o__r-2","cla');
    expect([...(await readAnswers(folder, "ann")).values()]).toEqual([said(2, 0.2)]);
    await addAnswer(folder, "ann", said(3, 0.1, "o__r-3"));
    expect(readFileSync(file, "utf8").split("\n")).toHaveLength(4);
    expect((await allAnswers(folder)).get("ann")?.size).toBe(2);
  });

  it("that are none of ours are named with their line", async () => {
    await addAnswer(folder, "ann", said(1, 0.2));
    const file = join(folder, "annotate", "answers", "ann.jsonl");
    appendFileSync(file, '{"id":"x","clarity":7,"difficulty":0}\n');
    await expect(readAnswers(folder, "ann")).rejects.toThrow(/ann\.jsonl:2: clarity/);
  });
});
