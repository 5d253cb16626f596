// What is run of a submission: P, once more where it breaks a stable check, and P+H; of a refused one only its label.
import { describe, expect, it } from "vitest";
import { type RunSubmission, submissionRuns } from "../../../src/arena/submission-runs.ts";
import { baseline, ran, resolvedRun, unjudgeable } from "../../support/evidence.ts";
import { toyCase } from "../../support/toy-arena.ts";

type Shown = Awaited<ReturnType<RunSubmission>>;

/** The names of the runs that were asked for, with what each is answered. */
async function runs(shown: Readonly<Record<string, Shown>>, refused = false) {
  await using toy = await toyCase();
  const { of } = toy;
  const asked: string[] = [];
  const candidate = refused
    ? ({ kind: "rejected", reasons: [], labelled: of.goldTree } as const)
    : ({ kind: "applied", tree: of.goldTree, restored: [] } as const);
  const run: RunSubmission = async ({ name, repeat }) => {
    asked.push(`${name} ${repeat}`);
    const answer = shown[name];
    if (answer === undefined) throw new Error(`${name} was not to be run`);
    return answer;
  };
  return { asked, evidence: await submissionRuns(of, candidate, { baseline, run }) };
}

const sound = ran({ old: "passed" });
const broken = ran({ old: "failed" });

describe("the runs of a submission", () => {
  it("are P and P+H where nothing stable breaks", async () => {
    const { asked, evidence } = await runs({ P: sound, "P+H": resolvedRun });
    expect(asked).toEqual(["P 1", "P+H 1"]);
    expect(evidence).toEqual({ kind: "applied", visible: sound, hidden: resolvedRun });
  });

  it("are one more, a repeat of its own, where a stable check breaks", async () => {
    const { asked, evidence } = await runs({ P: broken, "P again": sound, "P+H": resolvedRun });
    expect(asked).toEqual(["P 1", "P again 2", "P+H 1"]);
    expect(evidence).toMatchObject({ visible: broken, again: sound });
  });

  it("leave a run that shows nothing to the void rule", async () => {
    const { asked } = await runs({ P: unjudgeable("passed"), "P+H": resolvedRun });
    expect(asked).toEqual(["P 1", "P+H 1"]);
  });

  it("are P+H of what is left of a refused one", async () => {
    const { asked, evidence } = await runs({ "P+H": resolvedRun }, true);
    expect(asked).toEqual(["P+H 1"]);
    expect(evidence).toEqual({ kind: "rejected", reasons: [], hidden: resolvedRun });
  });
});
