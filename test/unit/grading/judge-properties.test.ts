// What must hold of every record, on evidence nobody would think of: drawn from a seed, so a failure can be repeated.
import { describe, expect, it } from "vitest";
import { type Random, seededRandom } from "../../../src/domain/random.ts";
import { type RoundRecord, reasonCodes, scoreOf, verdictOf } from "../../../src/domain/record.ts";
import type { Check, CheckStatus, Incident, RunReport } from "../../../src/domain/report.ts";
import {
  type Baseline,
  type JudgedRun,
  judge,
  parseRoundEvidence,
  type ReviewEvidence,
  type RoundEvidence,
  type SubmissionEvidence,
  storableBaseline,
} from "../../../src/grading/index.ts";
import { instance } from "../../support/evidence.ts";

const count = 3000;
const names = ["test::a", "test::b", "test::c", "other::a", "lint::(job)", "odd", "::", "test::"];
const statuses: readonly CheckStatus[] = ["passed", "passed", "passed", "failed", "skipped", "error"];
const incidents: readonly Incident["kind"][] = ["build-failed", "disk-full", "out-of-memory", "no-tests"];

class Draw {
  readonly #random: Random;

  constructor(seed: string) {
    this.#random = seededRandom(seed);
  }

  chance(share: number): boolean {
    return this.#random.next() < share;
  }

  one<T>(items: readonly [T, ...T[]] | readonly T[]): T {
    const [item] = items.slice(this.#random.integer(items.length));
    if (item === undefined) throw new Error("bug: nothing to draw from");
    return item;
  }

  some(items: readonly string[]): Set<string> {
    return new Set(items.filter(() => this.chance(0.5)));
  }

  list<T>(most: number, make: () => T): T[] {
    return Array.from({ length: this.#random.integer(most + 1) }, make);
  }

  report(): RunReport {
    const jobs = ["test", "other", "lint"].filter(() => this.chance(0.7));
    return { jobs: jobs.map((job) => this.#job(job)) };
  }

  #job(job: string): RunReport["jobs"][number] {
    const checks = names.filter((id) => id.startsWith(job) && this.chance(0.8)).map((id) => this.#check(id));
    return {
      job,
      checks,
      trust: this.one(["canaried", "weak"] as const),
      incidents: this.list(1, () => ({ kind: this.one(incidents), detail: "d" })),
      seconds: 1,
      ...(this.chance(0.05) ? { forged: "canary" } : {}),
    };
  }

  #check(id: string): Check {
    return {
      id,
      status: this.one(statuses),
      ...(this.chance(0.5) ? { file: this.one(["tests/t.py", "src/s.py"]) } : {}),
      ...(id.startsWith("lint") ? { lint: true } : {}),
    };
  }

  run(): JudgedRun {
    const report = this.report();
    if (this.chance(0.85)) return { kind: "ran", report };
    return { kind: "unjudgeable", report, control: this.one(["passed", "failed"] as const) };
  }

  baseline(): Baseline {
    return {
      stable: this.some(names.slice(0, 4)),
      goldPassing: this.some(names.slice(0, 5)),
      goldKnown: this.some(names),
      failToPass: this.some(["test::a", "other::a"]),
      passToPass: this.some(["test::b"]),
      flaky: new Set(),
      deaf: this.some(names.slice(0, 2)),
      unmet: [],
      unbroken: [],
      speaking: new Set(["test"]),
    };
  }

  submission(): SubmissionEvidence {
    const hidden = this.chance(0.7) ? { hidden: this.run() } : {};
    if (this.chance(0.8)) return { kind: "applied", visible: this.run(), ...hidden };
    return { kind: "rejected", reasons: this.list(2, () => ({ code: this.one(reasonCodes), detail: "" })) };
  }

  review(): ReviewEvidence {
    if (this.chance(0.1)) return { kind: "none" };
    if (this.chance(0.1)) return { kind: "rejected", reasons: [{ code: "too-large", detail: "" }] };
    return {
      kind: "applied",
      files: [...this.some(["tests/t.py", "tests/u.py"])],
      onGold: this.list(3, () => this.run()),
      ...(this.chance(0.8) ? { onSubmission: this.list(3, () => this.run()) } : {}),
      ...(this.chance(0.5) ? { onBase: this.run() } : {}),
      onPanel: this.list(3, () => ({
        candidate: "c",
        label: this.one(["resolved", "unresolved"] as const),
        runs: this.list(3, () => this.run()),
      })),
    };
  }

  evidence(): RoundEvidence {
    const fault = { cause: "engine-lost", side: "reviewer", detail: "" } as const;
    return {
      baseline: this.baseline(),
      submission: this.submission(),
      review: this.review(),
      ...(this.chance(0.1) ? { fault } : {}),
    };
  }
}

const drawn = Array.from({ length: count }, (_, index) => {
  const draw = new Draw(`judge ${index}`);
  const oracle = draw.one(["tests", "tests", "jobs", "none"] as const);
  const evidence = draw.evidence();
  return { seed: `judge ${index}`, oracle, evidence, record: judge(instance({ oracle }), evidence) };
});

function holds(law: (record: RoundRecord, evidence: RoundEvidence) => boolean): string[] {
  return drawn.filter(({ record, evidence }) => !law(record, evidence)).map(({ seed }) => seed);
}

describe("every record", () => {
  it("comes from evidence that reaches every kind of round", () => {
    const verdicts = new Set(drawn.map(({ record }) => verdictOf(record)));
    const effects = new Set(drawn.map(({ record }) => record.effect));
    const labels = new Set(drawn.map(({ record }) => record.label));
    expect(verdicts.size).toBe(5);
    expect(effects.size).toBe(4);
    expect(labels.size).toBe(3);
  });

  it("has scores of -1, 0 or 1 in both readings, and none exactly when it is void", () => {
    for (const reading of ["paper", "strict"] as const) {
      const broken = holds((record) => {
        const score = scoreOf(record, reading);
        if (score === undefined) return record.void !== undefined;
        return (
          record.void === undefined &&
          [score.submitter, score.reviewer].every((value) => [-1, 0, 1].includes(value))
        );
      });
      expect(broken).toEqual([]);
    }
  });

  it("is void only by a fault or by a control that failed", () => {
    const lost = (run: JudgedRun | undefined): boolean =>
      run?.kind === "unjudgeable" && run.control === "failed";
    const broken = holds((record, { submission, review, fault }) => {
      const runs = [
        ...(submission.kind === "applied" ? [submission.visible, submission.hidden] : []),
        ...(review.kind === "applied" ? [...review.onGold, ...(review.onSubmission ?? [])] : []),
      ];
      return (record.void !== undefined) === (fault !== undefined || runs.some(lost));
    });
    expect(broken).toEqual([]);
  });

  it("has a kill only of a valid submission by a valid review, by checks it owns", () => {
    const broken = holds((record) => {
      const { submission, review, effect, killedBy } = record;
      if (effect === "not-run") return killedBy.length === 0;
      const bothValid = submission.status === "valid" && review.status === "valid";
      const isKill = effect === "killed";
      return (
        bothValid && isKill === killedBy.length > 0 && killedBy.every((id) => review.eligible.includes(id))
      );
    });
    expect(broken).toEqual([]);
  });

  it("gives reasons exactly to what is invalid, save for an answer that was never gathered", () => {
    const broken = holds((record, { submission }) => {
      const sub = record.submission;
      const empty = submission.kind === "rejected" && submission.reasons.length === 0;
      const good = (sub.status === "invalid") === sub.reasons.length > 0 || empty;
      return good && (record.review.status === "invalid") === record.review.reasons.length > 0;
    });
    expect(broken).toEqual([]);
  });

  it("is contested exactly for a kill of a resolved submission, and settled only then", () => {
    const broken = holds((record) => {
      const contested = record.effect === "killed" && record.label === "resolved";
      return record.contested === contested && (record.settlement === undefined || contested);
    });
    expect(broken).toEqual([]);
  });

  it("never rewards the reviewer of an invalid review, nor a forged submission", () => {
    const broken = holds((record) => {
      const forged = record.submission.reasons.some(({ code }) => code === "forged");
      for (const reading of ["paper", "strict"] as const) {
        const score = scoreOf(record, reading);
        if (record.review.status === "invalid" && score !== undefined && score.reviewer !== -1) return false;
        if (forged && (score?.submitter ?? -1) !== -1) return false;
      }
      return !forged || record.label !== "resolved";
    });
    expect(broken).toEqual([]);
  });

  it("comes out the same from evidence that was stored and read back", () => {
    const broken = drawn.filter(({ evidence, oracle, record }) => {
      const stored: unknown = JSON.parse(
        JSON.stringify({ schemaVersion: 1, ...evidence, baseline: storableBaseline(evidence.baseline) }),
      );
      const again = judge(instance({ oracle }), parseRoundEvidence(stored));
      return JSON.stringify(again) !== JSON.stringify(record);
    });
    expect(broken.map(({ seed }) => seed)).toEqual([]);
  });
});
