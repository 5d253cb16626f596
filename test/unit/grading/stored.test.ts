// What we stored ourselves is read back whole, and refused when it is not ours or of another version.
import { describe, expect, it } from "vitest";
import { parseJudgedRun, parseRoundEvidence, storableBaseline } from "../../../src/grading/index.ts";
import { baseline, evidence, jobReport, review } from "../../support/evidence.ts";

const full = {
  kind: "unjudgeable",
  control: "failed",
  report: {
    jobs: [
      {
        ...jobReport({ a: "passed" }, { files: { a: "tests/a.py" }, forged: "canary" }),
        incidents: [{ kind: "disk-full", detail: "d" }],
        notes: ["only the exit status was judged"],
      },
    ],
  },
} as const;

const stored = (over: object = {}): unknown =>
  JSON.parse(
    JSON.stringify({
      schemaVersion: 1,
      ...evidence({ review: review({ onBase: full }) }),
      baseline: storableBaseline(baseline),
      ...over,
    }),
  );

describe("stored evidence", () => {
  it("comes back with everything a run showed", () => {
    expect(parseJudgedRun(JSON.parse(JSON.stringify(full)))).toEqual(full);
    const { schemaVersion: _, ...found } = { schemaVersion: 1, ...parseRoundEvidence(stored()) };
    expect(found).toEqual(evidence({ review: review({ onBase: full }) }));
  });

  it.each([
    ["another version", stored({ schemaVersion: 2 })],
    ["no version", stored({ schemaVersion: undefined })],
    ["no baseline", stored({ baseline: undefined })],
    ["an unknown kind of submission", stored({ submission: { kind: "accepted" } })],
    ["an unknown side of a fault", stored({ fault: { cause: "c", side: "host", detail: "" } })],
    ["nothing", undefined],
  ])("is refused with %s", (_, json) => {
    expect(() => parseRoundEvidence(json)).toThrow();
  });
});
